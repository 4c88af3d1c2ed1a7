import { type Address, hostBytes, type Scope, scopeOf } from '../core/address.ts'
import { equalBytes, latin1Text } from '../core/bytes.ts'
import { TRACKER_LIMITS } from '../tracker/limits.ts'
import type { PackedPeers } from '../tracker/swarm-store.ts'

/** A seed in the tracker's own process. */
export interface LocalSeed {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** 20 bytes. */
  readonly peerId: Uint8Array
  /** Where it listens, on the tracker's own addresses. */
  readonly port: number
}

/** Who asks, as far as it decides under which address our seed is handed to him. */
export interface SeedAsker {
  readonly scope: Scope
  /** The address of ours under which he reached the tracker. */
  readonly localHost: string
}

/**
 * Seeds that need not announce, because they are in the tracker's own process. Each asker is told of them under an
 * address that he can reach: somebody on this machine or in its network under the one by which he reached the tracker;
 * everybody else under the external one, or, where none is known, under the one by which he came if that is global.
 */
export class LocalSeeds {
  /** By info-hash. Bounded by what our own session seeds. */
  readonly #seeds = new Map<string, LocalSeed>()
  #externalHost: string | null

  constructor(options: { externalHost: string | null }) {
    this.#externalHost = options.externalHost
  }

  get size(): number {
    return this.#seeds.size
  }

  /** The address that the world reaches us at; null where it is not known. */
  setExternalHost(host: string | null): void {
    this.#externalHost = host
  }

  /** Gives what takes it back. */
  register(seed: LocalSeed): () => void {
    const key = latin1Text(seed.infoHash)
    this.#seeds.set(key, seed)
    return () => {
      if (this.#seeds.get(key) === seed) this.#seeds.delete(key)
    }
  }

  find(infoHash: Uint8Array): LocalSeed | null {
    return this.#seeds.size === 0 ? null : (this.#seeds.get(latin1Text(infoHash)) ?? null)
  }

  /** Where this asker can reach a seed of ours; null where he cannot. */
  addressFor(seed: LocalSeed, asker: SeedAsker): Pick<Address, 'host' | 'port'> | null {
    if (asker.scope !== 'global') return { host: asker.localHost, port: seed.port }
    if (this.#externalHost !== null) return { host: this.#externalHost, port: seed.port }
    return scopeOf(asker.localHost) === 'global' ? { host: asker.localHost, port: seed.port } : null
  }

  /** Puts the seed among the peers of an answer that may have `numWant`, in the place of the last one if it is full. */
  addTo(
    peers: { readonly ipv4: PackedPeers; readonly ipv6: PackedPeers },
    seed: LocalSeed,
    asker: SeedAsker & { readonly peerId: Uint8Array; readonly numWant: number },
  ): void {
    const address = this.addressFor(seed, asker)
    if (address === null || asker.numWant === 0 || equalBytes(asker.peerId, seed.peerId)) return
    const host = hostBytes(address.host)
    const list = host.length === 4 ? peers.ipv4 : peers.ipv6
    const other = host.length === 4 ? peers.ipv6 : peers.ipv4
    const most = Math.min(asker.numWant, TRACKER_LIMITS.numWantMax)
    if (list.count + other.count >= most) {
      if (list.count > 0) list.count--
      else other.count--
    }
    const at = list.count * (host.length + 2)
    list.addresses.set(host, at)
    list.addresses[at + host.length] = address.port >>> 8
    list.addresses[at + host.length + 1] = address.port
    list.peerIds.set(seed.peerId, 20 * list.count)
    list.count++
  }
}
