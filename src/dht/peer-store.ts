import { type Address, formatAddress } from '../core/address.ts'
import { BoundedMap } from '../core/bounded-map.ts'
import { formatHex, parseHex } from '../core/bytes.ts'
import type { Dice, Digest } from '../core/ports.ts'
import { type Scope, scopeOf } from '../core/scope.ts'
import { BloomFilter } from './bloom-filter.ts'
import { DHT_LIMITS } from './limits.ts'
import { sourceOf } from './networks.ts'
import type { NodeId } from './node-id.ts'
import { DHT_DEFAULTS } from './options.ts'

interface StoredPeer {
  readonly address: Address
  readonly isSeed: boolean
  readonly expiresAt: number
}

type Swarm = BoundedMap<string, StoredPeer>

/** The peers that announced themselves to us, by info-hash (BEP 5, 33). The swarm that was silent longest goes first. */
export class PeerStore {
  readonly #dice: Dice
  readonly #digest: Digest
  /** By info-hash in hex. */
  readonly #swarms = new BoundedMap<string, Swarm>({
    limit: DHT_LIMITS.storedSwarms,
    onEvict: (key, swarm) => {
      for (const peer of swarm.values()) this.#left(peer.address, key)
    },
  })
  /** The info-hashes of each source. Bounded by what is stored. */
  readonly #ofSource = new Map<string, Set<string>>()

  constructor(options: { dice: Dice; digest: Digest }) {
    this.#dice = options.dice
    this.#digest = options.digest
  }

  /** How many info-hashes there are. */
  get size(): number {
    return this.#swarms.size
  }

  /** Whether it would take another peer of this swarm. */
  hasRoom(infoHash: NodeId): boolean {
    return (this.#swarms.get(formatHex(infoHash))?.size ?? 0) < DHT_LIMITS.peersPerSwarm
  }

  /** One peer an address and swarm (BEP 33), on this machine or network one a port. False where it has too many swarms. */
  add(infoHash: NodeId, address: Address, isSeed: boolean, now: number): boolean {
    const key = formatHex(infoHash)
    const source = sourceOf(address)
    const swarms = this.#ofSource.get(source) ?? new Set<string>()
    const isGlobal = scopeOf(address.host) === 'global'
    if (isGlobal && !swarms.has(key) && swarms.size >= DHT_LIMITS.swarmsPerSource) return false
    const swarm: Swarm =
      this.#swarms.get(key) ??
      new BoundedMap({
        limit: DHT_LIMITS.peersPerSwarm,
        onEvict: (_, peer) => this.#left(peer.address, key),
      })
    this.#swarms.set(key, swarm)
    swarm.set(isGlobal ? address.host : formatAddress(address), {
      address,
      isSeed,
      expiresAt: now + DHT_DEFAULTS.peerLifetime,
    })
    swarms.add(key)
    this.#ofSource.set(source, swarms)
    return true
  }

  /** By chance no more than `limit`, of those that somebody at an address of this scope can make use of. */
  peers(
    infoHash: NodeId,
    { limit, scope, noSeeds, now }: { limit: number; scope: Scope; noSeeds: boolean; now: number },
  ): Address[] {
    const able = this.#fresh(formatHex(infoHash), now).filter(
      peer => reaches(scope, peer.address.host) && !(noSeeds && peer.isSeed),
    )
    const chosen: Address[] = []
    while (able.length > 0 && chosen.length < limit) {
      const [peer] = able.splice(this.#dice.below(able.length), 1)
      chosen.push(peer!.address)
    }
    return chosen
  }

  /** Seeds and others as sets that can be counted (BEP 33); null where there is nobody. */
  filters(infoHash: NodeId, now: number): { seeds: BloomFilter; peers: BloomFilter } | null {
    const stored = this.#fresh(formatHex(infoHash), now)
    if (stored.length === 0) return null
    const filters = { seeds: new BloomFilter(), peers: new BloomFilter() }
    for (const { address, isSeed } of stored)
      (isSeed ? filters.seeds : filters.peers).add(address.host, this.#digest)
    return filters
  }

  /** Some info-hashes, by chance (BEP 51). */
  sample(limit: number): NodeId[] {
    const keys = [...this.#swarms.keys()]
    const chosen: NodeId[] = []
    while (keys.length > 0 && chosen.length < limit)
      chosen.push(parseHex(keys.splice(this.#dice.below(keys.length), 1)[0]!))
    return chosen
  }

  /** Forgets who was silent for too long. */
  sweep(now: number): void {
    for (const key of [...this.#swarms.keys()]) this.#fresh(key, now)
  }

  #fresh(key: string, now: number): StoredPeer[] {
    const swarm = this.#swarms.get(key)
    if (!swarm) return []
    for (const [at, peer] of [...swarm]) {
      // Who announced again stands behind all that did not.
      if (peer.expiresAt > now) break
      swarm.delete(at)
      this.#left(peer.address, key)
    }
    if (swarm.size === 0) this.#swarms.delete(key)
    return [...swarm.values()]
  }

  #left(address: Address, key: string): void {
    const source = sourceOf(address)
    const swarms = this.#ofSource.get(source)
    swarms?.delete(key)
    if (swarms?.size === 0) this.#ofSource.delete(source)
  }
}

/** Addresses of this machine or network are told only there. */
function reaches(asker: Scope, host: string): boolean {
  const scope = scopeOf(host)
  return scope === 'global' || scope === asker
}
