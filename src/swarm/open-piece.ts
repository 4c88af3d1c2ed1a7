const FREE = 0
const REQUESTED = 1
const ARRIVED = 2

/** Whether a peer holds up what it was asked for. */
export type HoldsUp = (peer: object) => boolean

/** What the picker knows of the blocks of a piece that was begun: which are asked for, of whom, and which came. */
export class OpenPiece {
  readonly piece: number
  readonly blockCount: number
  /** Only slow peers are at it: a fast one had better begin elsewhere than wait for them. */
  isSlow: boolean
  readonly #state: Uint8Array
  /** The first and the second peer asked for each block. */
  readonly #first: (object | null)[]
  readonly #second: (object | null)[]
  /** Blocks that are there without having been asked for: pads. */
  readonly #given: number
  #free: number
  /** No block before this one is free. */
  #cursor = 0

  /** `given`: blocks that nobody need be asked for. */
  constructor(piece: number, blockCount: number, isSlow: boolean, given: readonly number[] = []) {
    this.piece = piece
    this.blockCount = blockCount
    this.isSlow = isSlow
    this.#state = new Uint8Array(blockCount)
    this.#first = Array<object | null>(blockCount).fill(null)
    this.#second = Array<object | null>(blockCount).fill(null)
    for (const block of given) this.#state[block] = ARRIVED
    this.#given = given.length
    this.#free = blockCount - given.length
  }

  /** Blocks that nobody is asked for and that did not come. */
  get free(): number {
    return this.#free
  }

  /** Nothing is asked for and nothing came: it may as well not be open. */
  get isUntouched(): boolean {
    return this.#free === this.blockCount - this.#given
  }

  /** The first free block; -1 where there is none. */
  nextFree(): number {
    if (this.#free === 0) return -1
    while (this.#state[this.#cursor] !== FREE) this.#cursor++
    return this.#cursor
  }

  /**
   * False where the block came, the peer is asked already, or two are. `holdsUp`: whether a peer holds up what it was asked
   * for. Where both do, this one takes the place of the second: else two that hardly send anything hold up a block.
   */
  request(block: number, peer: object, holdsUp?: HoldsUp): boolean {
    if (this.#state[block] === FREE) {
      this.#state[block] = REQUESTED
      this.#first[block] = peer
      this.#free--
      return true
    }
    if (!this.canDuplicate(block, peer, holdsUp)) return false
    this.#second[block] = peer
    return true
  }

  /** Whether others are asked for the block, and this peer may be too. */
  canDuplicate(block: number, peer: object, holdsUp?: HoldsUp): boolean {
    const first = this.#first[block] ?? null
    if (this.#state[block] !== REQUESTED || first === null || first === peer) return false
    const second = this.#second[block] ?? null
    if (second === null) return true
    return second !== peer && holdsUp !== undefined && holdsUp(first) && holdsUp(second)
  }

  /** The peer is asked for it no more; false where it was not. A second peer takes the first one's place. */
  release(block: number, peer: object): boolean {
    if (this.#second[block] === peer) {
      this.#second[block] = null
      return true
    }
    if (this.#first[block] !== peer) return false
    this.#first[block] = this.#second[block] ?? null
    this.#second[block] = null
    if (this.#first[block] === null) this.#makeFree(block)
    return true
  }

  /** The block is there; nobody is asked for it any more. False where it was there already. */
  arrived(block: number): boolean {
    const state = this.#state[block]
    if (state === ARRIVED || state === undefined) return false
    if (state === FREE) this.#free--
    this.#state[block] = ARRIVED
    this.#first[block] = null
    this.#second[block] = null
    return true
  }

  /** A block that came turned out to be wrong. */
  lost(block: number): void {
    if (this.#state[block] !== ARRIVED) return
    this.#makeFree(block)
  }

  isArrived(block: number): boolean {
    return this.#state[block] === ARRIVED
  }

  firstRequester(block: number): object | null {
    return this.#first[block] ?? null
  }

  /** Who was asked for the block though another was. */
  secondRequester(block: number): object | null {
    return this.#second[block] ?? null
  }

  /** Who is asked for the block. */
  requesters(block: number): object[] {
    return [this.firstRequester(block), this.secondRequester(block)].filter(peer => peer !== null)
  }

  #makeFree(block: number): void {
    this.#state[block] = FREE
    this.#free++
    this.#cursor = Math.min(this.#cursor, block)
  }
}
