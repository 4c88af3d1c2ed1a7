/**
 * Lists of peers in shared memory: a swarm has four, for seeds and others of either family. A list is a hash table that
 * grows by one bucket at a time (linear hashing), so that no announce pays for more than one split, and lists of one
 * bucket, which nearly all are, need nothing besides it.
 *
 * A list is two words: where it lies, and how many peers it has. A bucket is a stretch of the heap: capacity and count,
 * then all addresses, then all peer ids (where they are kept), then all marks.
 *
 * A global address falls into a bucket by its host alone (IPv6: by its /64), so that the peers of one host stand
 * together and can be counted; local addresses by host and port, as one machine may run a whole swarm.
 */

import type { Family } from '../core/address.ts'
import { CHUNK_LENGTH, type ChunkHeap, stretchLength } from './chunk-heap.ts'
import type { PeerKey } from './peer-key.ts'
import { ageOf, reachOfMark } from './peer-mark.ts'
import type { SharedMemory } from './shared-memory.ts'

/** Peers a bucket has on average when it is time for one more bucket. */
const SPLIT_LOAD = 32
/** And when it is time for one less. */
const MERGE_LOAD = 8
/** Set in a list's first word where it leads to a directory of buckets, not to the only one. */
const IS_DIRECTORY = 0x8000_0000
const DIRECTORY_HEAD = 2
const MAX_BUCKETS = CHUNK_LENGTH / 4 - DIRECTORY_HEAD
/** Peers of one list. */
const MAX_LIST = MAX_BUCKETS * SPLIT_LOAD
const BUCKET_HEAD = 2
const ID_HALVES = 10

/** A peer's place: its bucket's unit and its index there. `index` is -1 where there is no such peer. */
export interface PeerPlace {
  bucket: number
  index: number
}

/** What a peer was: told of each one that leaves a list by `sweep`. */
export type Leaving = (mark: number) => void

export class PeerLists {
  readonly #memory: SharedMemory
  readonly #heap: ChunkHeap
  readonly #idHalves: number
  /** The answer of `find`, used again each time. */
  readonly #place: PeerPlace = { bucket: 0, index: -1 }

  constructor(options: { memory: SharedMemory; heap: ChunkHeap; keepsPeerIds: boolean }) {
    this.#memory = options.memory
    this.#heap = options.heap
    this.#idHalves = options.keepsPeerIds ? ID_HALVES : 0
  }

  count(list: number): number {
    return this.#memory.words[list + 1]!
  }

  /** How many buckets `walkBucket` may be asked for. */
  bucketCount(list: number): number {
    const { words } = this.#memory
    const lies = words[list]!
    if (lies === 0) return 0
    return lies & IS_DIRECTORY ? words[directoryAt(lies)]! : 1
  }

  /** The unit of one bucket; 0 where it is empty. */
  bucket(list: number, index: number): number {
    return this.#memory.words[this.#slot(list, index)]!
  }

  peersIn(bucket: number): number {
    return bucket === 0 ? 0 : this.#memory.halves[bucket * 4 + 1]!
  }

  /** Where the key's peer is. The answer is valid until the next call. */
  find(list: number, key: PeerKey): PeerPlace {
    const place = this.#place
    place.index = -1
    place.bucket = 0
    const buckets = this.bucketCount(list)
    if (buckets === 0) return place
    place.bucket = this.bucket(list, bucketFor(key.hash, buckets))
    const count = this.peersIn(place.bucket)
    const { halves } = this.#memory
    const width = key.width
    let at = place.bucket * 4 + BUCKET_HEAD
    for (let i = 0; i < count; i++, at += width) {
      if (key.isAt(halves, at)) {
        place.index = i
        return place
      }
    }
    return place
  }

  /** How many peers of the key's host are in the list. Exact for global addresses. */
  countHost(list: number, key: PeerKey): number {
    const buckets = this.bucketCount(list)
    if (buckets === 0) return 0
    const bucket = this.bucket(list, bucketFor(key.hash, buckets))
    const { halves } = this.#memory
    let found = 0
    for (let i = 0; i < this.peersIn(bucket); i++) {
      if (key.isHostAt(halves, bucket * 4 + BUCKET_HEAD + i * key.width)) found++
    }
    return found
  }

  markAt(place: PeerPlace, family: Family): number {
    return this.#memory.halves[this.marksOf(place.bucket, family) + place.index]!
  }

  setMark(place: PeerPlace, family: Family, mark: number): void {
    this.#memory.halves[this.marksOf(place.bucket, family) + place.index] = mark
  }

  setPeerId(place: PeerPlace, family: Family, peerId: Uint16Array): void {
    if (this.#idHalves === 0) return
    this.#memory.halves.set(peerId, this.idsOf(place.bucket, family) + place.index * ID_HALVES)
  }

  /** Index into `halves` of a bucket's first address, id and mark. */
  addressesOf(bucket: number): number {
    return bucket * 4 + BUCKET_HEAD
  }

  idsOf(bucket: number, family: Family): number {
    return bucket * 4 + BUCKET_HEAD + this.#memory.halves[bucket * 4]! * widthOf(family)
  }

  get keepsPeerIds(): boolean {
    return this.#idHalves !== 0
  }

  /** Adds a peer that is not there yet; false where memory or the list is at its limit. */
  add(list: number, key: PeerKey, mark: number, peerId: Uint16Array): boolean {
    if (this.count(list) >= MAX_LIST) return false
    const buckets = Math.max(1, this.bucketCount(list))
    const slot = this.#slot(list, bucketFor(key.hash, buckets))
    if (!this.#makeRoom(slot, 1, key.family)) return false
    const bucket = this.#memory.words[slot]!
    const { halves, words } = this.#memory
    const index = halves[bucket * 4 + 1]!
    halves[bucket * 4 + 1] = index + 1
    key.writeTo(halves, bucket * 4 + BUCKET_HEAD + index * key.width)
    const place = { bucket, index }
    this.setPeerId(place, key.family, peerId)
    this.setMark(place, key.family, mark)
    words[list + 1] = words[list + 1]! + 1
    if (words[list + 1]! > buckets * SPLIT_LOAD) this.#split(list, key)
    return true
  }

  /** Takes the key's peer out; its mark, or -1 where there is no such peer. */
  remove(list: number, key: PeerKey): number {
    const { bucket, index } = this.find(list, key)
    if (index < 0) return -1
    const mark = this.markAt({ bucket, index }, key.family)
    this.#takeOut(bucket, index, key.family)
    this.#lose(list, 1)
    this.#tidy(this.#slot(list, bucketFor(key.hash, this.bucketCount(list))), key.family)
    this.#shrink(list, key)
    return mark
  }

  /** Takes out everyone who was last heard of more than `lifetime` ticks ago. */
  sweep(list: number, scratch: PeerKey, tick: number, lifetime: number, leaving: Leaving): void {
    const { family } = scratch
    for (let i = this.bucketCount(list) - 1; i >= 0; i--) {
      const slot = this.#slot(list, i)
      const bucket = this.#memory.words[slot]!
      const { halves } = this.#memory
      let lost = 0
      for (let peer = this.peersIn(bucket) - 1; peer >= 0; peer--) {
        const mark = halves[this.marksOf(bucket, family) + peer]!
        if (ageOf(mark, tick) <= lifetime) continue
        this.#takeOut(bucket, peer, family)
        leaving(mark)
        lost++
      }
      if (lost > 0) {
        this.#lose(list, lost)
        this.#tidy(slot, family)
      }
    }
    while (this.#shrink(list, scratch)) {}
  }

  /** Returns all memory of a list. */
  clear(list: number, family: Family): void {
    const { words } = this.#memory
    for (let i = this.bucketCount(list) - 1; i >= 0; i--) this.#drop(this.bucket(list, i), family)
    const lies = words[list]!
    if (lies & IS_DIRECTORY) this.#heap.giveBack(unitOf(lies), directoryLength(words[directoryAt(lies) + 1]!))
    words[list] = 0
    words[list + 1] = 0
  }

  /** Word index of the word that says where bucket `index` lies. */
  #slot(list: number, index: number): number {
    const lies = this.#memory.words[list]!
    return lies & IS_DIRECTORY ? directoryAt(lies) + DIRECTORY_HEAD + index : list
  }

  marksOf(bucket: number, family: Family): number {
    const capacity = this.#memory.halves[bucket * 4]!
    return bucket * 4 + BUCKET_HEAD + capacity * (widthOf(family) + this.#idHalves)
  }

  #lose(list: number, count: number): void {
    const { words } = this.#memory
    words[list + 1] = words[list + 1]! - count
  }

  /** The last peer of the bucket takes the place of the one that goes. */
  #takeOut(bucket: number, index: number, family: Family): void {
    const { halves } = this.#memory
    const last = halves[bucket * 4 + 1]! - 1
    halves[bucket * 4 + 1] = last
    if (index !== last) this.#copyPeer(bucket, last, bucket, index, family)
  }

  #copyPeer(from: number, fromIndex: number, to: number, toIndex: number, family: Family): void {
    const { halves } = this.#memory
    const width = widthOf(family)
    const source = this.addressesOf(from) + fromIndex * width
    halves.copyWithin(this.addressesOf(to) + toIndex * width, source, source + width)
    if (this.#idHalves > 0) {
      const id = this.idsOf(from, family) + fromIndex * ID_HALVES
      halves.copyWithin(this.idsOf(to, family) + toIndex * ID_HALVES, id, id + ID_HALVES)
    }
    halves[this.marksOf(to, family) + toIndex] = halves[this.marksOf(from, family) + fromIndex]!
  }

  #append(from: number, fromIndex: number, to: number, family: Family): void {
    const index = this.peersIn(to)
    this.#memory.halves[to * 4 + 1] = index + 1
    this.#copyPeer(from, fromIndex, to, index, family)
  }

  /** Moves the slot's bucket into a longer stretch where `more` peers do not fit. */
  #makeRoom(slot: number, more: number, family: Family): boolean {
    const bucket = this.#memory.words[slot]!
    const needed = this.peersIn(bucket) + more
    if (bucket !== 0 && needed <= this.#memory.halves[bucket * 4]!) return true
    return this.#resize(slot, needed, family)
  }

  /** Gives long empty stretches back. */
  #tidy(slot: number, family: Family): void {
    const bucket = this.#memory.words[slot]!
    const count = this.peersIn(bucket)
    if (bucket === 0 || (count > 0 && count > this.#memory.halves[bucket * 4]! >>> 1)) return
    if (count === 0) {
      this.#drop(bucket, family)
      this.#memory.words[slot] = 0
    } else this.#resize(slot, count, family)
  }

  #resize(slot: number, peers: number, family: Family): boolean {
    const length = BUCKET_HEAD * 2 + peers * this.#peerLength(family)
    const old = this.#memory.words[slot]!
    if (old !== 0 && stretchLength(length) === this.#stretch(old, family)) return true
    const bucket = length <= CHUNK_LENGTH ? this.#heap.lend(length) : 0
    if (bucket === 0) return false
    const capacity = Math.floor((stretchLength(length) - BUCKET_HEAD * 2) / this.#peerLength(family))
    const { halves } = this.#memory
    const count = this.peersIn(old)
    halves[bucket * 4] = capacity
    halves[bucket * 4 + 1] = count
    for (let i = 0; i < count; i++) this.#copyPeer(old, i, bucket, i, family)
    this.#drop(old, family)
    this.#memory.words[slot] = bucket
    return true
  }

  #drop(bucket: number, family: Family): void {
    if (bucket !== 0) this.#heap.giveBack(bucket, this.#stretch(bucket, family))
  }

  /** A bucket's capacity is what its stretch holds, so it tells the stretch's length. */
  #stretch(bucket: number, family: Family): number {
    return stretchLength(BUCKET_HEAD * 2 + this.#memory.halves[bucket * 4]! * this.#peerLength(family))
  }

  #peerLength(family: Family): number {
    return 2 * (widthOf(family) + this.#idHalves + 1)
  }

  /** One bucket more, filled from its buddy. Where memory is short the list goes on as it is. */
  #split(list: number, key: PeerKey): void {
    const buckets = this.bucketCount(list)
    if (buckets >= MAX_BUCKETS || !this.#reserveDirectory(list, buckets + 1)) return
    const { words } = this.#memory
    const directory = directoryAt(words[list]!)
    const buddySlot = this.#slot(list, buddyOf(buckets))
    const buddy = words[buddySlot]!
    const freshSlot = directory + DIRECTORY_HEAD + buckets
    words[freshSlot] = 0
    const isMoving = (peer: number): boolean =>
      bucketFor(this.#hashAt(buddy, peer, key), buckets + 1) === buckets
    let moving = 0
    for (let peer = 0; peer < this.peersIn(buddy); peer++) if (isMoving(peer)) moving++
    if (moving > 0 && !this.#resize(freshSlot, moving, key.family)) return
    words[directory] = buckets + 1
    const fresh = words[freshSlot]!
    for (let peer = this.peersIn(buddy) - 1; peer >= 0; peer--) {
      if (!isMoving(peer)) continue
      this.#append(buddy, peer, fresh, key.family)
      this.#takeOut(buddy, peer, key.family)
    }
    this.#tidy(buddySlot, key.family)
  }

  /** One bucket less, where they have become thin; true where that was so. */
  #shrink(list: number, key: PeerKey): boolean {
    const buckets = this.bucketCount(list)
    if (buckets < 2 || this.count(list) >= buckets * MERGE_LOAD) return false
    const last = buckets - 1
    const lastSlot = this.#slot(list, last)
    const buddySlot = this.#slot(list, buddyOf(last))
    const going = this.#memory.words[lastSlot]!
    const moving = this.peersIn(going)
    if (moving > 0 && !this.#makeRoom(buddySlot, moving, key.family)) return false
    const { words } = this.#memory
    const buddy = words[buddySlot]!
    for (let peer = 0; peer < moving; peer++) this.#append(going, peer, buddy, key.family)
    this.#drop(going, key.family)
    words[lastSlot] = 0
    words[directoryAt(words[list]!)] = last
    if (last === 1) this.#dissolveDirectory(list)
    return true
  }

  #dissolveDirectory(list: number): void {
    const { words } = this.#memory
    const lies = words[list]!
    const directory = directoryAt(lies)
    const only = words[directory + DIRECTORY_HEAD]!
    this.#heap.giveBack(unitOf(lies), directoryLength(words[directory + 1]!))
    words[list] = only
  }

  /** Makes the directory hold `buckets`; its head says how many it has and how many it can have. */
  #reserveDirectory(list: number, buckets: number): boolean {
    const lies = this.#memory.words[list]!
    const isThere = (lies & IS_DIRECTORY) !== 0
    if (isThere && buckets <= this.#memory.words[directoryAt(lies) + 1]!) return true
    const length = stretchLength(directoryLength(buckets))
    const unit = this.#heap.lend(length)
    if (unit === 0) return false
    const { words } = this.#memory
    const directory = unit * 2
    if (isThere) {
      const old = directoryAt(lies)
      words.copyWithin(directory, old, old + DIRECTORY_HEAD + words[old]!)
      this.#heap.giveBack(unitOf(lies), directoryLength(words[old + 1]!))
    } else {
      words[directory] = 1
      words[directory + DIRECTORY_HEAD] = lies
    }
    words[directory + 1] = length / 4 - DIRECTORY_HEAD
    words[list] = (IS_DIRECTORY | unit) >>> 0
    return true
  }

  #hashAt(bucket: number, index: number, key: PeerKey): number {
    const { halves } = this.#memory
    const mark = halves[this.marksOf(bucket, key.family) + index]!
    return key.hashOf(halves, this.addressesOf(bucket) + index * key.width, reachOfMark(mark))
  }
}

/** Linear hashing: the buckets in use are those below `buckets`; a hash beyond them belongs to the buddy below. */
function bucketFor(hash: number, buckets: number): number {
  if (buckets === 1) return 0
  const half = 2 ** (31 - Math.clz32(buckets - 1))
  const wide = hash & (2 * half - 1)
  return wide < buckets ? wide : wide - half
}

/** The bucket that shares its peers with bucket `index` when that is split off, or put back. */
function buddyOf(index: number): number {
  return index - 2 ** (31 - Math.clz32(index))
}

function widthOf(family: Family): number {
  return family === 4 ? 3 : 9
}

function unitOf(lies: number): number {
  return lies & ~IS_DIRECTORY
}

/** Word index of a directory. */
function directoryAt(lies: number): number {
  return unitOf(lies) * 2
}

function directoryLength(buckets: number): number {
  return (DIRECTORY_HEAD + buckets) * 4
}
