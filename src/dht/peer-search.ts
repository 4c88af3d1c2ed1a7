import { asBytes, asList, type BencodeDict } from '../bencode/bencode.ts'
import { type Address, type Family, formatAddress } from '../core/address.ts'
import { BloomFilter } from './bloom-filter.ts'
import { compactAddress } from './krpc.ts'
import { DHT_LIMITS } from './limits.ts'
import type { LookupResult } from './lookup.ts'
import type { NodeId } from './node-id.ts'

/** What is asked of the nodes near an info-hash. */
export interface PeerSearch {
  readonly infoHash: NodeId
  /** Also tells the nearest that we are here; null: only asks. */
  readonly announce: {
    readonly port: number
    readonly isPortImplied: boolean
    readonly isSeed: boolean
  } | null
  /** BEP 33: asks for peers that are no seeds. */
  readonly noSeeds?: boolean
  /** BEP 33: also has them counted. */
  readonly counts?: boolean
  /** Peers that some node named, none twice. */
  found(peers: readonly Address[], now: number): void
  done(outcome: SearchOutcome, now: number): void
}

export interface SearchOutcome extends LookupResult {
  /** How many nodes were told of us. */
  readonly announced: number
  /** BEP 33, about; null where it was not asked for or nobody said. */
  readonly counts: { readonly seeds: number; readonly peers: number } | null
}

/** What nodes said in one search for peers. */
export class PeerFindings {
  readonly #family: Family
  /** Peers that were named. Bounded by `lookupPeers`. */
  readonly #seen = new Set<string>()
  #seeds: BloomFilter | null = null
  #others: BloomFilter | null = null

  constructor(family: Family) {
    this.#family = family
  }

  /** The peers that are new in an answer. */
  read(values: BencodeDict): Address[] {
    this.#count(values)
    const peers: Address[] = []
    for (const value of (asList(values.get('values')) ?? []).slice(0, DHT_LIMITS.answerPeers)) {
      const peer = compactAddress(asBytes(value))
      if (!peer || peer.family !== this.#family || this.#seen.size >= DHT_LIMITS.lookupPeers) continue
      const key = formatAddress(peer)
      if (!this.#seen.has(key)) peers.push(peer)
      this.#seen.add(key)
    }
    return peers
  }

  /** BEP 33; null where nobody said. */
  get counts(): SearchOutcome['counts'] {
    if (!this.#seeds || !this.#others) return null
    return { seeds: Math.round(this.#seeds.estimate()), peers: Math.round(this.#others.estimate()) }
  }

  #count(values: BencodeDict): void {
    const seeds = BloomFilter.from(asBytes(values.get('BFsd')))
    const others = BloomFilter.from(asBytes(values.get('BFpe')))
    if (!seeds || !others) return
    if (this.#seeds) this.#seeds.join(seeds)
    else this.#seeds = seeds
    if (this.#others) this.#others.join(others)
    else this.#others = others
  }
}
