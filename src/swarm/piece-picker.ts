import type { Bitfield } from '../core/bitfield.ts'
import type { Dice } from '../core/ports.ts'
import { Availability } from './availability.ts'
import { Candidates } from './candidates.ts'
import { SWARM_LIMITS } from './limits.ts'
import { type HoldsUp, OpenPiece } from './open-piece.ts'
import type { PickedBlock, PickRequest } from './pick-request.ts'
import { DEFAULT_PRIORITY, endRank, firstRank, OUT, RANKS, rankOf, TOP_PRIORITY } from './piece-ranks.ts'
import { RarityOrder } from './rarity-order.ts'
import { UrgentPieces } from './urgent-pieces.ts'

const NOBODY: readonly object[] = []

/**
 * Decides which blocks to ask a peer for. These are the things to consider; re-check them after a change:
 *
 * - what is urgent first, in its order, but of no slow peer; of a second one where the first holds it up
 * - then higher priority first; what is had or not wanted, never
 * - pieces that are begun before new ones, so that memory goes to few pieces and they are soon whole
 * - until one whole piece is had, new pieces at random: the rarest one is slow to come by, and there is nothing to give
 * - then the rarest among all peers; of those that are equally rare what the peer suggests, then at random; or from the
 *   first to the last when sequential
 * - endgame, when all blocks that can be had are asked for: one more peer is asked, so that none can hold up the end;
 *   a fast one also where two are that hardly send anything
 *
 * A HAVE costs a swap, whatever the number of pieces. Blocks are indices in their piece.
 */
export class PiecePicker {
  /** From the first piece to the last instead of rarest first. */
  isSequential: boolean
  readonly #pieceCount: number
  readonly #blockCount: (piece: number) => number
  readonly #padBlocks: (piece: number) => readonly number[]
  readonly #dice: Dice
  readonly #priority: Uint8Array
  readonly #isHad: Uint8Array
  readonly #available: Availability
  readonly #urgent = new UrgentPieces()
  /** The pieces that are wanted, not had and not begun. Null until it is asked for: a seed needs none. */
  #order: RarityOrder | null = null
  /** The pieces that are begun, in that order. Bounded by the memory that `mayOpen` grants. */
  readonly #open = new Map<number, OpenPiece>()
  /** Those of them with a free block. */
  readonly #partial = new Set<OpenPiece>()
  /** How many blocks a peer is asked for as the second. Bounded by the peers that have open requests. */
  readonly #duplicates = new Map<object, number>()
  #hadCount = 0
  #remaining: number
  /** No piece before this one is fresh. */
  #cursor = 0

  constructor(options: {
    pieceCount: number
    blockCount: (piece: number) => number
    /** Blocks that nobody need be asked for; none, by default. A piece that is nothing else must not be wanted. */
    padBlocks?: (piece: number) => readonly number[]
    dice: Dice
    isSequential?: boolean
  }) {
    const { pieceCount, blockCount, dice } = options
    this.isSequential = options.isSequential ?? false
    this.#pieceCount = pieceCount
    this.#blockCount = blockCount
    this.#padBlocks = options.padBlocks ?? (() => [])
    this.#dice = dice
    this.#priority = new Uint8Array(pieceCount).fill(DEFAULT_PRIORITY)
    this.#isHad = new Uint8Array(pieceCount)
    this.#available = new Availability({ pieceCount, changed: piece => this.#rerank(piece) })
    this.#remaining = pieceCount
  }

  // Facts about peers.

  /** `bits` stays the peer's own until `peerLeft`, kept up to date by whoever calls `peerHas` and `peerLacks`. */
  peerJoined(bits: Bitfield): void {
    this.#available.joined(bits)
  }

  peerLeft(bits: Bitfield): void {
    this.#available.left(bits)
  }

  /** A connected peer has a piece more. */
  peerHas(piece: number): void {
    this.#available.has(piece)
  }

  /** A connected peer has a piece less (BEP 54); `bits`, its own, say so already. */
  peerLacks(piece: number, bits: Bitfield): void {
    this.#available.lacks(piece, bits)
  }

  // Facts about pieces and blocks.

  /** The piece is had. */
  pieceVerified(piece: number): void {
    if (this.#isHad[piece] === 1) return
    this.#forget(piece)
    this.#isHad[piece] = 1
    this.#hadCount++
    if (this.#priority[piece] !== 0) this.#remaining--
    this.#rerank(piece)
  }

  /** All pieces are had, before any is begun. */
  allVerified(): void {
    this.#isHad.fill(1)
    this.#hadCount = this.#pieceCount
    this.#remaining = 0
    this.#order = null
  }

  /** A piece that was begun turned out wrong (all of it, or just these blocks), or one that was had is gone. */
  pieceLost(piece: number, badBlocks?: readonly number[]): void {
    const open = this.#open.get(piece)
    if (open && badBlocks) {
      for (const block of badBlocks) open.lost(block)
      if (open.free > 0) this.#partial.add(open)
      return
    }
    this.#forget(piece)
    if (this.#isHad[piece] === 1) {
      this.#isHad[piece] = 0
      this.#hadCount--
      if (this.#priority[piece] !== 0) this.#remaining++
    }
    this.#rerank(piece)
  }

  setWanted(piece: number, isWanted: boolean): void {
    if (isWanted !== (this.#priority[piece] !== 0)) this.setPriority(piece, isWanted ? DEFAULT_PRIORITY : 0)
  }

  /** From 1 to 7, or 0: not wanted. */
  setPriority(piece: number, priority: number): void {
    const before = this.#priority[piece]!
    this.#priority[piece] = priority
    if (this.#isHad[piece] === 0) this.#remaining += Number(priority !== 0) - Number(before !== 0)
    this.#rerank(piece)
  }

  /** The priorities of all pieces anew: see `setPriority`. */
  setPriorities(priorityOf: (piece: number) => number): void {
    this.#order = null
    this.#cursor = 0
    for (let piece = 0; piece < this.#pieceCount; piece++) this.setPriority(piece, priorityOf(piece))
  }

  /** Somebody waits for these pieces, in this order; see `UrgentPieces`. Only what is wanted is ever picked. */
  setUrgent(waiter: object, pieces: readonly number[]): void {
    this.#urgent.set(waiter, pieces)
  }

  /** A peer was asked for a block that was not picked here. False where it cannot be asked for that. */
  blockRequested(piece: number, block: number, peer: object): boolean {
    if (this.#isHad[piece] !== 0) return false
    return this.#request(this.#open.get(piece) ?? this.#begin(piece, false), block, peer)
  }

  /**
   * A peer will not send a block after all: dropped, rejected, timed out or choked. True where nothing of the piece is
   * asked for or there any more, so that it is not open and its memory can go back.
   */
  blockReleased(piece: number, block: number, peer: object): boolean {
    const open = this.#open.get(piece)
    if (!open) return false
    const second = open.secondRequester(block)
    if (!open.release(block, peer)) return false
    if (second !== null) this.#countDuplicate(second, -1)
    if (open.free > 0) this.#partial.add(open)
    if (!open.isUntouched) return false
    this.#forget(piece)
    this.#rerank(piece)
    return true
  }

  /** A block is there. Returns who else was asked for it: they can be told to stop. */
  blockArrived(piece: number, block: number, peer?: object): readonly object[] {
    if (this.#isHad[piece] !== 0) return NOBODY
    const open = this.#open.get(piece) ?? this.#begin(piece, false)
    const second = open.secondRequester(block)
    const isOnlyOne = second === null && open.firstRequester(block) === peer // as it mostly is
    const others = isOnlyOne ? NOBODY : this.requesters(piece, block).filter(other => other !== peer)
    if (open.arrived(block) && second !== null) this.#countDuplicate(second, -1)
    if (open.free === 0) this.#partial.delete(open)
    return others
  }

  // Questions.

  /** Picks blocks for a peer, and notes that it is asked for them. */
  pick(request: PickRequest): PickedBlock[] {
    const picked: PickedBlock[] = []
    if (this.#remaining === 0) return picked
    if (!this.#urgent.isEmpty && !request.isSlow) this.#pickUrgent(request, picked)
    for (let priority = TOP_PRIORITY; priority > 0 && picked.length < request.count; priority--) {
      if (request.isSlow) this.#pickPartial(request, priority, picked, true)
      else this.#pickPartial(request, priority, picked, false)
      this.#pickFresh(request, priority, picked)
      if (request.isSlow) this.#pickPartial(request, priority, picked, false)
    }
    if (picked.length < request.count && this.isEndgame) this.#pickDuplicates(request, picked)
    return picked
  }

  /** Wanted, and not had yet. */
  isWanted(piece: number): boolean {
    return this.#priority[piece] !== 0 && this.#isHad[piece] === 0
  }

  /** Whether these bits have a piece that is wanted and not had. */
  wants(bits: Bitfield): boolean {
    if (this.#remaining === 0) return false
    if (bits.isFull) return true
    for (const piece of this.#open.keys()) if (this.isWanted(piece) && bits.has(piece)) return true
    for (let at = 0; at < this.#pieceCount; at++) {
      if (at === this.#fresh.startOf(OUT)) at += this.#fresh.countOf(OUT)
      if (at < this.#pieceCount && bits.has(this.#fresh.pieceAt(at))) return true
    }
    return false
  }

  /** How many pieces are wanted and not had. */
  get remaining(): number {
    return this.#remaining
  }

  get isComplete(): boolean {
    return this.#remaining === 0
  }

  /** How many connected peers have a piece. */
  availability(piece: number): number {
    return this.#available.of(piece)
  }

  /** Every block that is wanted and can be had from someone is asked for, and some did not come yet. */
  get isEndgame(): boolean {
    if (this.#open.size === 0 || this.#remaining === 0) return false
    for (const open of this.#partial) {
      if (this.#priority[open.piece] !== 0 && this.availability(open.piece) > 0) return false
    }
    const fresh = this.#pieceCount - this.#fresh.countOf(OUT)
    return fresh === (this.#available.hasSeeds ? 0 : this.#nowhere())
  }

  /** Whether something of the piece is asked for or there. */
  isOpen(piece: number): boolean {
    return this.#open.has(piece)
  }

  /** Who is asked for a block. */
  requesters(piece: number, block: number): object[] {
    return this.#open.get(piece)?.requesters(block) ?? []
  }

  #pickUrgent(request: PickRequest, picked: PickedBlock[]): void {
    for (const piece of this.#urgent.inOrder) {
      if (picked.length >= request.count) return
      if (!this.isWanted(piece) || !request.has.has(piece) || request.allowed?.(piece) === false) continue
      const open = this.#open.get(piece)
      if (!open && request.mayOpen?.(piece) === false) return
      const begun = open ?? this.#begin(piece, false)
      begun.isSlow = false
      this.#takeFree(begun, request, picked)
      if (request.holdsUp) this.#pickHeldUp(begun, request, picked)
    }
  }

  #pickHeldUp(open: OpenPiece, request: PickRequest, picked: PickedBlock[]): void {
    for (let block = 0; block < open.blockCount && picked.length < request.count; block++) {
      const first = open.firstRequester(block)
      if (first === null || open.secondRequester(block) !== null || !request.holdsUp?.(first)) continue
      if (this.#spareDuplicates(request.peer) <= 0) return
      if (this.#request(open, block, request.peer)) picked.push({ piece: open.piece, block })
    }
  }

  #pickPartial(request: PickRequest, priority: number, picked: PickedBlock[], slowOnly: boolean): void {
    for (const open of this.#partialInOrder()) {
      if (picked.length >= request.count) return
      if (this.#priority[open.piece] !== priority || (slowOnly && !open.isSlow)) continue
      if (!request.has.has(open.piece) || request.allowed?.(open.piece) === false) continue
      if (!request.isSlow) open.isSlow = false
      this.#takeFree(open, request, picked)
    }
  }

  #partialInOrder(): Iterable<OpenPiece> {
    if (!this.isSequential) return this.#partial
    return [...this.#partial].sort((a, b) => a.piece - b.piece)
  }

  #pickFresh(request: PickRequest, priority: number, picked: PickedBlock[]): void {
    const from = this.#fresh.startOf(firstRank(priority))
    const end = this.#fresh.startOf(endRank(priority))
    if (from === end || picked.length >= request.count) return
    for (const piece of this.#candidates(request, priority, request.count - picked.length)) {
      if (request.mayOpen && !request.mayOpen(piece)) return
      this.#takeFree(this.#begin(piece, request.isSlow ?? false), request, picked)
    }
  }

  /** Pieces to begin, in order, with at least so many blocks together where there are so many. */
  #candidates(request: PickRequest, priority: number, blocks: number): number[] {
    const found = new Candidates({ request, blocks, blockCount: this.#blockCount })
    const [first, end] = [firstRank(priority), endRank(priority)]
    if (request.only) {
      const order = (piece: number): number => (this.isSequential ? piece : this.#fresh.rankOf(piece))
      found.addSome(request.only, piece => this.#isRanked(piece, first, end), order)
    } else if (this.isSequential) {
      this.#collectInSequence(found, priority)
    } else if (this.#hadCount === 0) {
      this.#collect(found, request, first, end)
    } else {
      for (let rank = first; rank < end && !found.areEnough; rank++)
        this.#collect(found, request, rank, rank + 1)
    }
    return found.pieces
  }

  /** Adds pieces of the ranks from `rank` to `end`: those that the peer suggests, then from a random place on. */
  #collect(found: Candidates, { suggested }: PickRequest, rank: number, end: number): void {
    const from = this.#fresh.startOf(rank)
    const size = this.#fresh.startOf(end) - from
    if (size === 0) return
    if (suggested?.size) found.addSome(suggested, piece => this.#isRanked(piece, rank, end))
    const turn = this.#dice.below(size)
    for (let i = 0; i < size && !found.areEnough; i++) {
      const piece = this.#fresh.pieceAt(from + ((i + turn) % size))
      if (!suggested?.has(piece)) found.add(piece)
    }
  }

  #isRanked(piece: number, rank: number, end: number): boolean {
    const own = this.#fresh.rankOf(piece)
    return own >= rank && own < end
  }

  #collectInSequence(found: Candidates, priority: number): void {
    while (this.#cursor < this.#pieceCount && !this.#isFresh(this.#cursor)) this.#cursor++
    for (let piece = this.#cursor; piece < this.#pieceCount && !found.areEnough; piece++) {
      if (this.#priority[piece] === priority && this.#isFresh(piece)) found.add(piece)
    }
  }

  #takeFree(open: OpenPiece, request: PickRequest, picked: PickedBlock[]): void {
    for (let block = open.nextFree(); block >= 0 && picked.length < request.count; block = open.nextFree()) {
      open.request(block, request.peer)
      picked.push({ piece: open.piece, block })
    }
    if (open.free === 0) this.#partial.delete(open)
  }

  /** From the end: what was asked for last comes last, and can still be taken back. What comes next would come twice. */
  #pickDuplicates(request: PickRequest, picked: PickedBlock[]): void {
    let allowance = Math.min(request.duplicates ?? Infinity, this.#spareDuplicates(request.peer))
    if (allowance <= 0) return
    let replaces = request.replaces ?? Number.POSITIVE_INFINITY
    for (const open of [...this.#open.values()].reverse()) {
      if (this.#priority[open.piece] === 0 || !request.has.has(open.piece)) continue
      if (request.allowed?.(open.piece) === false) continue
      for (let block = open.blockCount - 1; block >= 0; block--) {
        if (allowance <= 0 || picked.length >= request.count) return
        if (!open.canDuplicate(block, request.peer, request.holdsUp)) continue
        const replaced = open.secondRequester(block)
        if (replaced !== null && --replaces < 0) continue
        this.#request(open, block, request.peer, request.holdsUp)
        if (replaced !== null) request.replaced?.(replaced, { piece: open.piece, block })
        picked.push({ piece: open.piece, block })
        allowance--
      }
    }
  }

  #request(open: OpenPiece, block: number, peer: object, holdsUp?: HoldsUp): boolean {
    const replaced = open.secondRequester(block)
    if (!open.request(block, peer, holdsUp)) return false
    if (replaced !== null) this.#countDuplicate(replaced, -1)
    if (open.secondRequester(block) === peer) this.#countDuplicate(peer, 1)
    if (open.free === 0) this.#partial.delete(open)
    return true
  }

  #spareDuplicates(peer: object): number {
    return SWARM_LIMITS.endgameDuplicates - (this.#duplicates.get(peer) ?? 0)
  }

  #countDuplicate(peer: object, change: 1 | -1): void {
    const count = (this.#duplicates.get(peer) ?? 0) + change
    if (count > 0) this.#duplicates.set(peer, count)
    else this.#duplicates.delete(peer)
  }

  #begin(piece: number, isSlow: boolean): OpenPiece {
    const open = new OpenPiece(piece, this.#blockCount(piece), isSlow, this.#padBlocks(piece))
    this.#open.set(piece, open)
    this.#partial.add(open)
    this.#rerank(piece)
    return open
  }

  /** The piece is not open any more, whatever was asked for. */
  #forget(piece: number): void {
    const open = this.#open.get(piece)
    if (!open) return
    for (let block = 0; block < open.blockCount; block++) {
      const second = open.secondRequester(block)
      if (second !== null) this.#countDuplicate(second, -1)
    }
    this.#open.delete(piece)
    this.#partial.delete(open)
  }

  /** Puts a piece where it belongs among the fresh ones, or takes it out. */
  #rerank(piece: number): void {
    const rank = this.#rankNow(piece)
    this.#order?.place(piece, rank)
    if (rank !== OUT && piece < this.#cursor) this.#cursor = piece
  }

  #rankNow(piece: number): number {
    if (this.#isHad[piece] !== 0 || this.#open.has(piece)) return OUT
    return rankOf(this.#priority[piece]!, this.#available.copies(piece))
  }

  get #fresh(): RarityOrder {
    this.#order ??= new RarityOrder({
      pieceCount: this.#pieceCount,
      rankCount: RANKS,
      rankOf: piece => this.#rankNow(piece),
      dice: this.#dice,
    })
    return this.#order
  }

  /** How many fresh pieces nobody has, seeds aside. */
  #nowhere(): number {
    let count = 0
    for (let priority = TOP_PRIORITY; priority > 0; priority--) {
      count += this.#fresh.countOf(firstRank(priority))
    }
    return count
  }

  #isFresh(piece: number): boolean {
    return this.#fresh.rankOf(piece) !== OUT
  }
}
