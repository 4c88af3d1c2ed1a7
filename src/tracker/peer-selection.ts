/** Copies peers out of lists into an answer: at random, never the asker, only those that the asker can reach. */

import type { Family } from '../core/address.ts'
import type { Dice } from '../core/ports.ts'
import { TRACKER_LIMITS } from './limits.ts'
import type { PeerKey } from './peer-key.ts'
import type { PeerLists } from './peer-lists.ts'
import { ageOf, isPartialSeed, reachOfMark } from './peer-mark.ts'
import type { SharedMemory } from './shared-memory.ts'
import type { PackedPeers } from './swarm-store.ts'

const ID_HALVES = 10

/** Who asks, as far as it decides whom he is told of. */
export interface Asker {
  /** The asker's own address, in its family's key. */
  key: PeerKey
  /** Ten halves. */
  readonly peerId: Uint16Array
  /** A bit for each reach that he can use. */
  reaches: number
  /** Only those that still download. */
  wantsDownloaders: boolean
  /** The peers' ids, too. */
  wantsPeerIds: boolean
  tick: number
}

export class PeerSelection implements PackedPeers {
  count = 0
  readonly addresses: Uint8Array
  readonly peerIds: Uint8Array
  readonly #family: Family
  readonly #width: number
  readonly #addressHalves: Uint16Array
  readonly #idHalves: Uint16Array
  readonly #memory: SharedMemory
  readonly #lists: PeerLists
  readonly #dice: Dice
  readonly #lifetime: number

  /** `lifetime`: in ticks; who was silent for longer is not handed out. */
  constructor(options: {
    family: Family
    memory: SharedMemory
    lists: PeerLists
    dice: Dice
    lifetime: number
  }) {
    this.#family = options.family
    this.#width = options.family === 4 ? 3 : 9
    this.#memory = options.memory
    this.#lists = options.lists
    this.#dice = options.dice
    this.#lifetime = options.lifetime
    this.#addressHalves = new Uint16Array(this.#width * TRACKER_LIMITS.numWantMax)
    this.#idHalves = new Uint16Array(ID_HALVES * TRACKER_LIMITS.numWantMax)
    this.addresses = new Uint8Array(this.#addressHalves.buffer)
    this.peerIds = new Uint8Array(this.#idHalves.buffer)
  }

  clear(): void {
    this.count = 0
  }

  /** Adds up to `wanted` peers of a list, from a random bucket on, with a random stride. */
  take(list: number, wanted: number, asker: Asker): void {
    const buckets = this.#lists.bucketCount(list)
    const limit = Math.min(this.count + wanted, TRACKER_LIMITS.numWantMax)
    if (buckets === 0 || this.count >= limit) return
    const stride = buckets === 1 ? 1 : this.#strideFor(buckets)
    let bucket = buckets === 1 ? 0 : this.#dice.below(buckets)
    for (let i = 0; i < buckets && this.count < limit; i++) {
      this.#takeFrom(this.#lists.bucket(list, bucket), limit, asker)
      bucket = (bucket + stride) % buckets
    }
  }

  /** The hottest loop of a tracker: one pass over halves, no calls that are not inlined. */
  #takeFrom(bucket: number, limit: number, asker: Asker): void {
    const peers = this.#lists.peersIn(bucket)
    if (peers === 0) return
    const { halves } = this.#memory
    const width = this.#width
    const addresses = this.#lists.addressesOf(bucket)
    const ids = this.#lists.idsOf(bucket, this.#family)
    const marks = this.#lists.marksOf(bucket, this.#family)
    const knowsIds = this.#lists.keepsPeerIds
    const copiesIds = knowsIds && asker.wantsPeerIds
    const isOwnFamily = asker.key.family === this.#family
    const out = this.#addressHalves
    let count = this.count
    let peer = limit - count < peers ? this.#dice.below(peers) : 0
    for (let i = 0; i < peers && count < limit; i++, peer++) {
      if (peer === peers) peer = 0
      const mark = halves[marks + peer]!
      if (((asker.reaches >>> reachOfMark(mark)) & 1) === 0) continue
      if (asker.wantsDownloaders && isPartialSeed(mark)) continue
      if (ageOf(mark, asker.tick) > this.#lifetime) continue
      const address = addresses + peer * width
      if (isOwnFamily && asker.key.isAt(halves, address)) continue
      const id = ids + peer * ID_HALVES
      if (knowsIds && isSameId(halves, id, asker.peerId)) continue
      const to = count * width
      for (let half = 0; half < width; half++) out[to + half] = halves[address + half]!
      if (copiesIds) this.#idHalves.set(halves.subarray(id, id + ID_HALVES), count * ID_HALVES)
      count++
    }
    this.count = count
  }

  /** A step that visits every bucket: it shares no factor with their number. */
  #strideFor(buckets: number): number {
    for (let i = 0; i < 4; i++) {
      const stride = 1 + this.#dice.below(buckets - 1)
      if (greatestCommonDivisor(stride, buckets) === 1) return stride
    }
    return 1
  }
}

/** Ids differ in their random ends first. */
function isSameId(halves: Uint16Array, at: number, id: Uint16Array): boolean {
  for (let i = ID_HALVES - 1; i >= 0; i--) if (halves[at + i] !== id[i]) return false
  return true
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
