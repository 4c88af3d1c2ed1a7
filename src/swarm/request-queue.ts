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
  readonly #late = new BoundedMap<string, true>({ limit: SWARM_LIMITS.expiredRequests })
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
    this.#waiting.push({ ref, at: now })
  }

  /** Whether a block was asked for and would be welcome. */
  isOutstanding(ref: BlockRef): boolean {
    return this.#find(ref) >= 0 || (this.#late.size > 0 && this.#late.has(keyOf(ref)))
  }

  /** A block came. False where it was not asked for. */
  arrived(ref: BlockRef, now: number): boolean {
    const at = this.#find(ref)
    if (at < 0) {
      if (!this.#late.delete(keyOf(ref))) return false
    } else {
      const requestedAt = this.#waiting[at]!.at
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
    if (at < 0) return false
    this.#removeAt(at)
    return true
  }

  /** Forgets all requests and returns them: the peer choked us without BEP 6, or is gone. */
  dropAll(): BlockRef[] {
    const refs = this.#waiting.slice(this.#head).map(request => request.ref)
    this.#waiting = []
    this.#head = 0
    return refs
  }

  /** Takes out the requests to give up on: all of them when the peer stalls, else those that were overtaken long ago. */
  expired(now: number): BlockRef[] {
    if (this.outstanding === 0) return []
    let given: BlockRef[] = []
    if (now - this.#progressAt >= STALL) {
      this.#isSnubbed = true
      given = this.dropAll()
    } else {
      while (this.outstanding > 0 && this.#isLost(this.#waiting[this.#head]!, now)) {
        given.push(this.#waiting[this.#head]!.ref)
        this.#removeAt(this.#head)
      }
    }
    for (const ref of given) this.#late.set(keyOf(ref), true)
    return given
  }

  /** The peer let our requests wait for nothing, and has sent nothing since. */
  isSnubbed(now: number): boolean {
    return this.#isSnubbed || (this.outstanding > 0 && now - this.#progressAt >= STALL)
  }

  /** When `expired` will next have something, unless blocks come. */
  deadline(): number {
    const oldest = this.#waiting[this.#head]
    if (!oldest) return Number.POSITIVE_INFINITY
    const stalls = this.#progressAt + STALL
    return oldest.at < this.#overtakenBefore ? Math.min(stalls, oldest.at + LOST) : stalls
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
