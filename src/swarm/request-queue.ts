import { BoundedMap } from '../core/bounded-map.ts'
import type { BlockRef } from './block.ts'
import { SWARM_LIMITS } from './limits.ts'
import { PipelineDepth } from './pipeline-depth.ts'

/** With requests waiting and no block for so long, a peer is snubbing us (libtorrent's piece timeout). */
const STALL = 20_000
/** A request that others overtook is lost after so long: without BEP 6 a peer may drop one and not say so. */
const LOST = 60_000

interface Request {
  readonly ref: BlockRef
  readonly at: number
  /** How often it was given up on. */
  readonly misses: number
}

/**
 * What was asked of one peer and has not come: how much more to ask for, and when to give up. Peers answer nearly in
 * order, so it is a queue that is searched from its head. Bounded by the peer's own limit (`reqq`) and ours.
 */
export class RequestQueue {
  #limit: number
  readonly #depth: PipelineDepth
  #waiting: Request[] = []
  #head = 0
  /** Given up on and asked of others, but welcome if it still comes. */
  readonly #late = new BoundedMap<string, number>({ limit: SWARM_LIMITS.expiredRequests })
  /** Some of them may still be in the peer's own queue. */
  #isLateHeld = false
  /** When the peer last did something for us, or got something to do. */
  #progressAt: number
  /** Requests made before this were overtaken by one that was made then. */
  #overtakenBefore = Number.NEGATIVE_INFINITY
  #isSnubbed = false

  /** `limit`: how many requests the peer said it would hold. */
  constructor(options: { now: number; limit: number }) {
    this.#limit = Math.max(1, Math.min(options.limit, SWARM_LIMITS.outstandingRequests))
    this.#progressAt = options.now
    this.#depth = new PipelineDepth(options.now)
  }

  /** The peer says how many requests it holds. */
  holds(limit: number): void {
    this.#limit = Math.max(1, Math.min(limit, SWARM_LIMITS.outstandingRequests))
  }

  get outstanding(): number {
    return this.#waiting.length - this.#head
  }

  /** How many requests should be outstanding now. */
  depth(now: number): number {
    return this.isSnubbed(now) ? 1 : Math.min(this.#limit, this.#depth.blocks)
  }

  requested(ref: BlockRef, now: number): void {
    if (this.outstanding === 0) {
      this.#progressAt = now
      this.#depth.resumed(now)
    }
    if (this.#late.size > 0) this.#late.delete(keyOf(ref))
    this.#waiting.push({ ref, at: now, misses: 0 })
  }

  /** Whether a block was asked for and would be welcome. */
  isOutstanding(ref: BlockRef): boolean {
    return this.#find(ref) >= 0 || (this.#late.size > 0 && this.#late.has(keyOf(ref)))
  }

  /** A part of a block came: who sends, however slowly, does not stall. */
  progressed(now: number): void {
    this.#progressAt = now
  }

  /** A request is waited for again. False where it was not given up on, or more often than `misses` (or known to be lost). */
  revived(ref: BlockRef, now: number, misses = Number.POSITIVE_INFINITY): boolean {
    const missed = this.#late.size === 0 ? undefined : this.#late.get(keyOf(ref))
    if (missed === undefined || missed > misses) return false
    this.#late.delete(keyOf(ref))
    if (this.outstanding === 0) this.#progressAt = now
    this.#waiting.push({ ref, at: now, misses: missed })
    return true
  }

  /** A block came. False where it was not asked for. */
  arrived(ref: BlockRef, now: number): boolean {
    const at = this.#find(ref)
    if (at < 0) {
      if (!this.#late.delete(keyOf(ref))) return false
    } else {
      const { at: requestedAt, misses } = this.#waiting[at]!
      if (misses === 0) this.#forgetLate()
      if (at > this.#head) this.#overtakenBefore = Math.max(this.#overtakenBefore, requestedAt)
      this.#removeAt(at)
      this.#depth.arrived(now - requestedAt, now)
    }
    this.#progressAt = now
    this.#isSnubbed = false
    return true
  }

  /** A request was rejected or cancelled. False where there was none. */
  dropped(ref: BlockRef): boolean {
    const at = this.#find(ref)
    if (at >= 0) this.#removeAt(at)
    else if (this.#late.size > 0) this.#late.delete(keyOf(ref))
    return at >= 0
  }

  /** Forgets some requests and returns them: they are not wanted any more. */
  dropWhere(isDropped: (ref: BlockRef) => boolean): BlockRef[] {
    const all = this.#takeAll()
    this.#waiting = all.filter(({ ref }) => !isDropped(ref))
    return all.map(request => request.ref).filter(isDropped)
  }

  /** Forgets all requests and returns them: the peer choked us without BEP 6, or is gone. */
  dropAll(): BlockRef[] {
    this.#forgetLate()
    return this.#takeAll().map(request => request.ref)
  }

  /** Takes out the requests to give up on: all of them when the peer stalls, else those that were overtaken long ago. */
  expired(now: number): BlockRef[] {
    if (this.outstanding === 0) return []
    let given: Request[] = []
    if (now - this.#progressAt >= STALL) {
      this.#isSnubbed = true
      given = this.#takeAll()
    } else {
      while (this.outstanding > 0 && this.#isLost(this.#waiting[this.#head]!, now)) {
        given.push(this.#waiting[this.#head]!)
        this.#removeAt(this.#head)
      }
    }
    for (const { ref, misses } of given) this.#late.set(keyOf(ref), misses + 1)
    this.#isLateHeld ||= given.length > 0
    return given.map(request => request.ref)
  }

  /** The peer let our requests wait for nothing, and has sent nothing since. */
  isSnubbed(now: number): boolean {
    return this.#isSnubbed || (this.outstanding > 0 && now - this.#progressAt >= STALL)
  }

  /** It was asked, sent nothing, and another is asked in its place. */
  snubbed(): void {
    this.#isSnubbed = true
  }

  /** How long nothing has come of what it was asked, ms; 0 where it was asked for nothing. */
  waits(now: number): number {
    return this.outstanding === 0 ? 0 : Math.max(0, now - this.#progressAt)
  }

  /** When `expired` will next have something, unless blocks come. */
  deadline(): number {
    const oldest = this.#waiting[this.#head]
    if (!oldest) return Number.POSITIVE_INFINITY
    const stalls = this.#progressAt + STALL
    return oldest.at < this.#overtakenBefore ? Math.min(stalls, oldest.at + LOST) : stalls
  }

  /** Those that were given up on are not in the peer's queue any more: it answered a newer one, or choked us. */
  #forgetLate(): void {
    if (!this.#isLateHeld) return
    this.#isLateHeld = false
    for (const key of [...this.#late.keys()]) this.#late.set(key, Number.POSITIVE_INFINITY)
  }

  #takeAll(): Request[] {
    const all = this.#waiting.slice(this.#head)
    this.#waiting = []
    this.#head = 0
    return all
  }

  #isLost(request: Request, now: number): boolean {
    return request.at < this.#overtakenBefore && now - request.at >= LOST
  }

  #find(ref: BlockRef): number {
    for (let i = this.#head; i < this.#waiting.length; i++) {
      const waiting = this.#waiting[i]!.ref
      if (waiting.begin === ref.begin && waiting.piece === ref.piece && waiting.length === ref.length)
        return i
    }
    return -1
  }

  /** Taking from the front only moves the head; the array is cut when half of it is behind. */
  #removeAt(index: number): void {
    if (index !== this.#head) {
      this.#waiting.splice(index, 1)
      return
    }
    this.#head++
    if (this.#head * 2 > this.#waiting.length && (this.#head > 64 || this.#head === this.#waiting.length)) {
      this.#waiting = this.#waiting.slice(this.#head)
      this.#head = 0
    }
  }
}

function keyOf(ref: BlockRef): string {
  return `${ref.piece}:${ref.begin}:${ref.length}`
}
