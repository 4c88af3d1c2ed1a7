import type { Family } from '../core/address.ts'
import { UsageError } from '../core/errors.ts'
import type { Dice } from '../core/ports.ts'
import { SWARM_STORE_LIMITS } from './limits.ts'
import { SWARM_STORE_DEFAULTS } from './options.ts'
import { PeerKey } from './peer-key.ts'
import { PeerLists } from './peer-lists.ts'
import { isPartialSeed, mark, reachesFor, reachOf, TICK, tickOf } from './peer-mark.ts'
import { type Asker, PeerSelection } from './peer-selection.ts'
import { SharedMemory } from './shared-memory.ts'
import type { SwarmAnnounce, SwarmAnswer, SwarmCounts, SwarmStore, SwarmStoreStats } from './swarm-store.ts'
import {
  DOWNLOADED,
  IS_PROVEN,
  LISTS,
  PARTIAL_SEEDS,
  SHARD_LEECHES,
  SHARD_SEEDS,
  SHARD_SWARMS,
  SHARDS,
  SWARM_FLAGS,
  SwarmTable,
} from './swarm-table.ts'

/** Where in a swarm's record each list has its two words. */
const LEECHES4 = LISTS
const SEEDS4 = LISTS + 2
const LEECHES6 = LISTS + 4
const SEEDS6 = LISTS + 6

export interface SharedSwarmStoreOptions {
  readonly dice: Dice
  /** Seconds of silence after which a peer is forgotten; at most 18 hours. Default: half as long again as the interval. */
  readonly lifetimeSeconds?: number
  /** Bytes for swarms and peers. */
  readonly memoryLimit?: number
  /** Peers of one swarm of either family, seeds and others each. */
  readonly peersPerList?: number
  /** Peers that one global address (IPv6: one /64) can have in one swarm. */
  readonly peersPerHost?: number
  /** Keeps 20 bytes a peer, for answers as dictionaries and to leave out the asker under another address. */
  readonly keepsPeerIds?: boolean
  /** 32 bits that strangers do not know. */
  readonly seed: number
}

/**
 * The swarms of one machine, in memory that its threads share: each makes one of these around the same memory. Threads
 * must call with one clock. See `swarm-table.ts` and `peer-lists.ts` for how it lies in memory.
 *
 * Bounded by `memoryLimit`: where three quarters of it are in use, a new swarm needs the place of one that is empty or
 * was never proven (a single peer that announced once); known swarms go on growing into the last quarter.
 */
export class SharedSwarmStore implements SwarmStore {
  readonly #table: SwarmTable
  readonly #lists: PeerLists
  readonly #lifetime: number
  readonly #peersPerList: number
  readonly #peersPerHost: number
  readonly #keys: Readonly<Record<Family, PeerKey>>
  readonly #asker: Asker
  readonly #idBytes = new Uint8Array(20)
  readonly #ipv4: PeerSelection
  readonly #ipv6: PeerSelection
  readonly #answer: SwarmAnswer
  readonly #counts: SwarmCounts = { complete: 0, incomplete: 0, downloaded: 0, downloaders: 0 }

  /** With `memory`, joins the store that another thread made; bounds on memory are that one's then. */
  constructor(options: SharedSwarmStoreOptions, memory?: SharedArrayBuffer) {
    this.#table = memory ? new SwarmTable(new SharedMemory(memory)) : SwarmTable.create(checked(options))
    const shared = this.#table.memory
    const { heap, keepsPeerIds, seed } = this.#table
    const seconds = options.lifetimeSeconds ?? SWARM_STORE_DEFAULTS.lifetimeSeconds
    this.#lifetime = Math.ceil((seconds * 1000) / TICK)
    this.#peersPerList = options.peersPerList ?? SWARM_STORE_LIMITS.peersPerList
    this.#peersPerHost = options.peersPerHost ?? SWARM_STORE_LIMITS.peersPerHost
    this.#lists = new PeerLists({ memory: shared, heap, keepsPeerIds })
    this.#keys = { 4: new PeerKey(4, seed), 6: new PeerKey(6, seed) }
    const parts = { memory: shared, lists: this.#lists, dice: options.dice, lifetime: this.#lifetime }
    this.#ipv4 = new PeerSelection({ family: 4, ...parts })
    this.#ipv6 = new PeerSelection({ family: 6, ...parts })
    this.#asker = {
      key: this.#keys[4],
      peerId: new Uint16Array(this.#idBytes.buffer),
      reaches: 0,
      wantsDownloaders: false,
      wantsPeerIds: false,
      tick: 0,
    }
    this.#answer = { ...this.#counts, isRemembered: false, ipv4: this.#ipv4, ipv6: this.#ipv6 }
  }

  /** For the other threads: give it to their constructor. */
  get memory(): SharedArrayBuffer {
    return this.#table.memory.buffer
  }

  announce(announce: SwarmAnnounce, now: number): SwarmAnswer {
    const answer = this.#answer
    this.#ipv4.clear()
    this.#ipv6.clear()
    this.#readAsker(announce, now)
    const shard = this.#table.aim(announce.infoHash)
    this.#table.enter(shard)
    try {
      const known = this.#table.find()
      const record = known === 0 && !announce.hasStopped ? this.#insert(shard) : known
      answer.isRemembered = record !== 0 && this.#remember(record, shard, announce)
      this.#readCounts(record, answer)
      if (record !== 0 && !announce.hasStopped) this.#select(record, announce)
    } finally {
      this.#table.leave(shard)
    }
    return answer
  }

  scrape(infoHash: Uint8Array): SwarmCounts | null {
    const shard = this.#table.aim(infoHash)
    this.#table.enter(shard)
    try {
      const record = this.#table.find()
      this.#readCounts(record, this.#counts)
      return record === 0 ? null : this.#counts
    } finally {
      this.#table.leave(shard)
    }
  }

  sweep(now: number, part: number): void {
    const { bucketCount } = this.#table
    const run = Math.min(SWARM_STORE_LIMITS.bucketsPerLock, bucketCount / SHARDS)
    const runs = Math.ceil((bucketCount / run) * part)
    for (let i = 0; i < runs; i++) this.#sweepRun(this.#table.takeTurn(run), run, tickOf(now))
  }

  stats(): SwarmStoreStats {
    let swarms = 0
    let seeds = 0
    let leeches = 0
    for (let shard = 0; shard < SHARDS; shard++) {
      const { words } = this.#table.memory
      const at = this.#table.shardAt(shard)
      swarms += words[at + SHARD_SWARMS]!
      seeds += words[at + SHARD_SEEDS]!
      leeches += words[at + SHARD_LEECHES]!
    }
    const memoryUsed = this.#table.heap.used
    return { swarms, seeds, leeches, memoryUsed, memoryLimit: this.#table.memoryLimit }
  }

  #readAsker(announce: SwarmAnnounce, now: number): void {
    const asker = this.#asker
    this.#idBytes.set(announce.peerId)
    asker.key = this.#keys[announce.host.length === 4 ? 4 : 6]
    asker.key.fill(announce.host, announce.port, reachOf(announce.scope))
    asker.reaches = reachesFor(announce.askedFrom)
    asker.wantsDownloaders = announce.isSeed || announce.isPartialSeed
    asker.wantsPeerIds = announce.wantsPeerIds
    asker.tick = tickOf(now)
  }

  /** A record for a new swarm; where memory is tight, in the place of an unproven one. */
  #insert(shard: number): number {
    if (this.#table.heap.isTight && !this.#evict(shard)) return 0
    return this.#table.insert()
  }

  /** Gives up one swarm of the shard that nobody would miss, if a short search finds one. */
  #evict(shard: number): boolean {
    let hasFound = false
    for (let i = 0; i < SWARM_STORE_LIMITS.evictionSteps && !hasFound; i++) {
      this.#table.filter(this.#table.nextToEvict(shard), record => {
        if (hasFound || this.#isMissed(record)) return true
        this.#clear(record, shard)
        hasFound = true
        return false
      })
    }
    return hasFound
  }

  #isMissed(record: number): boolean {
    const peers = this.#seeds(record) + this.#leeches(record)
    return peers > 1 || (peers === 1 && (this.#words[record + SWARM_FLAGS]! & IS_PROVEN) !== 0)
  }

  #clear(record: number, shard: number): void {
    this.#count(shard, SHARD_SEEDS, -this.#seeds(record))
    this.#count(shard, SHARD_LEECHES, -this.#leeches(record))
    this.#lists.clear(record + LEECHES4, 4)
    this.#lists.clear(record + SEEDS4, 4)
    this.#lists.clear(record + LEECHES6, 6)
    this.#lists.clear(record + SEEDS6, 6)
  }

  /** Brings the swarm up to what the announce says of its sender; false where there was no room for it. */
  #remember(record: number, shard: number, announce: SwarmAnnounce): boolean {
    const { key, tick, peerId } = this.#asker
    const isIPv4 = key.family === 4
    const leeches = record + (isIPv4 ? LEECHES4 : LEECHES6)
    const seeds = record + (isIPv4 ? SEEDS4 : SEEDS6)
    const mine = announce.isSeed ? seeds : leeches
    const other = announce.isSeed ? leeches : seeds
    const fresh = mark(tick, reachOf(announce.scope), announce.isPartialSeed && !announce.isSeed)
    const place = announce.hasStopped ? null : this.#lists.find(mine, key)
    if (place !== null && place.index >= 0) {
      const old = this.#lists.markAt(place, key.family)
      this.#lists.setMark(place, key.family, fresh)
      this.#lists.setPeerId(place, key.family, peerId)
      this.#notePartial(record, old, fresh)
      if (((old ^ fresh) & 0x1fff) !== 0) this.#prove(record)
      return true
    }
    const wasOther = this.#take(record, shard, other, announce.isSeed)
    const wasMine = announce.hasStopped && this.#take(record, shard, mine, !announce.isSeed)
    if (announce.hasStopped) return wasOther || wasMine
    if (wasOther && announce.isSeed && announce.hasCompleted) {
      this.#words[record + DOWNLOADED] = this.#words[record + DOWNLOADED]! + 1
    }
    return this.#add(record, shard, mine, fresh, announce)
  }

  #add(record: number, shard: number, list: number, fresh: number, announce: SwarmAnnounce): boolean {
    const { key, peerId } = this.#asker
    if (this.#lists.count(list) >= this.#peersPerList) return false
    const isGlobal = announce.scope === 'global'
    if (isGlobal && this.#lists.countHost(list, key) >= this.#peersPerHost) return false
    if (!this.#lists.add(list, key, fresh, peerId)) return false
    this.#count(shard, announce.isSeed ? SHARD_SEEDS : SHARD_LEECHES, 1)
    if (isPartialSeed(fresh)) this.#words[record + PARTIAL_SEEDS] = this.#words[record + PARTIAL_SEEDS]! + 1
    if (this.#seeds(record) + this.#leeches(record) > 1) this.#prove(record)
    return true
  }

  /** Takes the announcing peer out of a list, if it is there. */
  #take(record: number, shard: number, list: number, isLeechList: boolean): boolean {
    const old = this.#lists.remove(list, this.#asker.key)
    if (old < 0) return false
    this.#count(shard, isLeechList ? SHARD_LEECHES : SHARD_SEEDS, -1)
    this.#notePartial(record, old, 0)
    return true
  }

  #notePartial(record: number, old: number, fresh: number): void {
    const change = Number(isPartialSeed(fresh)) - Number(isPartialSeed(old))
    this.#words[record + PARTIAL_SEEDS] = this.#words[record + PARTIAL_SEEDS]! + change
  }

  #prove(record: number): void {
    this.#words[record + SWARM_FLAGS] = this.#words[record + SWARM_FLAGS]! | IS_PROVEN
  }

  /** The asker's own family first; a quarter of the places is for the other one, if it has so many. */
  #select(record: number, { numWant, isSeed, hasStarted }: SwarmAnnounce): void {
    const isIPv4 = this.#asker.key.family === 4
    const spare = record + (isIPv4 ? LEECHES6 : LEECHES4)
    const spareCount = this.#lists.count(spare) + (isSeed ? 0 : this.#lists.count(spare + 2))
    const own = numWant - Math.min(numWant >>> 2, spareCount)
    const first = isIPv4 ? this.#ipv4 : this.#ipv6
    const second = isIPv4 ? this.#ipv6 : this.#ipv4
    this.#selectFamily(first, record + (isIPv4 ? LEECHES4 : LEECHES6), own)
    this.#selectFamily(second, spare, numWant - first.count)
    if (!isSeed || !hasStarted) return
    // It may know only a magnet link (docs/adr/0017-seeds-for-a-seed-that-starts.md).
    first.take(record + (isIPv4 ? SEEDS4 : SEEDS6), numWant - first.count - second.count, this.#asker)
    second.take(spare + 2, numWant - first.count - second.count, this.#asker)
  }

  /** `leeches` is followed by the seeds' list. */
  #selectFamily(selection: PeerSelection, leeches: number, wanted: number): void {
    const seeds = leeches + 2
    const asker = this.#asker
    if (!asker.wantsDownloaders) {
      const kept = Math.min(wanted >>> 2, this.#lists.count(leeches))
      selection.take(seeds, wanted - kept, asker)
    }
    selection.take(leeches, wanted - selection.count, asker)
  }

  #sweepRun(first: number, count: number, tick: number): void {
    const shard = this.#table.shardOf(first)
    this.#table.enter(shard)
    try {
      for (let bucket = first; bucket < first + count; bucket++) {
        this.#table.filter(bucket, record => this.#sweepSwarm(record, shard, tick))
      }
    } finally {
      this.#table.leave(shard)
    }
  }

  /** False where nothing is left that is worth a record. */
  #sweepSwarm(record: number, shard: number, tick: number): boolean {
    for (const list of [LEECHES4, SEEDS4, LEECHES6, SEEDS6]) {
      const family = list === LEECHES4 || list === SEEDS4 ? 4 : 6
      const kind = list === LEECHES4 || list === LEECHES6 ? SHARD_LEECHES : SHARD_SEEDS
      this.#lists.sweep(record + list, this.#keys[family], tick, this.#lifetime, old => {
        this.#count(shard, kind, -1)
        this.#notePartial(record, old, 0)
      })
    }
    return this.#words[record + DOWNLOADED] !== 0 || this.#seeds(record) + this.#leeches(record) > 0
  }

  #readCounts(record: number, counts: SwarmCounts): void {
    counts.complete = record === 0 ? 0 : this.#seeds(record)
    counts.incomplete = record === 0 ? 0 : this.#leeches(record)
    counts.downloaded = record === 0 ? 0 : this.#words[record + DOWNLOADED]!
    counts.downloaders = record === 0 ? 0 : counts.incomplete - this.#words[record + PARTIAL_SEEDS]!
  }

  #seeds(record: number): number {
    return this.#lists.count(record + SEEDS4) + this.#lists.count(record + SEEDS6)
  }

  #leeches(record: number): number {
    return this.#lists.count(record + LEECHES4) + this.#lists.count(record + LEECHES6)
  }

  #count(shard: number, what: number, change: number): void {
    const at = this.#table.shardAt(shard) + what
    this.#words[at] = this.#words[at]! + change
  }

  get #words(): Uint32Array {
    return this.#table.memory.words
  }
}

function checked(options: SharedSwarmStoreOptions): {
  memoryLimit: number
  keepsPeerIds: boolean
  seed: number
} {
  const memoryLimit = options.memoryLimit ?? SWARM_STORE_DEFAULTS.memoryLimit
  if (!(memoryLimit >= 2 ** 20 && memoryLimit <= 2 ** 31)) {
    throw new UsageError(
      'memory-limit-invalid',
      `${memoryLimit} bytes for swarms: between 1 MiB and 2 GiB is needed`,
    )
  }
  const keepsPeerIds = options.keepsPeerIds ?? SWARM_STORE_DEFAULTS.keepsPeerIds
  return { memoryLimit, keepsPeerIds, seed: options.seed }
}
