import { Bitfield } from '../../src/core/bitfield.ts'
import { SystemDice } from '../../src/net/system-dice.ts'
import { PiecePicker } from '../../src/swarm/piece-picker.ts'
import type { PickRequest } from '../../src/swarm/pick-request.ts'

/**
 * A picker set up from strings with a character a piece:
 *
 * - `avail`: how many peers have it, seeds aside (digits)
 * - `have`: `#` is had
 * - `want`: `0` is not wanted, another digit is its priority
 * - `blocks`: how many blocks it has (digits; 1 where nothing is said)
 */
export interface Board {
  readonly avail?: string
  readonly have?: string
  readonly want?: string
  readonly blocks?: string
  readonly sequential?: boolean
  readonly seed?: number
}

/** A peer and what it has, `#` a piece. */
export interface BoardPeer {
  readonly peer: object
  readonly has: Bitfield
}

export function bitsOf(text: string): Bitfield {
  const bits = new Bitfield(text.length)
  for (const [piece, mark] of [...text].entries()) if (mark === '#') bits.set(piece)
  return bits
}

export function peer(text: string): BoardPeer {
  return { peer: { text }, has: bitsOf(text) }
}

export class PickerBoard {
  readonly picker: PiecePicker

  constructor(board: Board) {
    const pieceCount = (board.avail ?? board.have ?? board.want ?? board.blocks ?? '').length
    this.picker = new PiecePicker({
      pieceCount,
      blockCount: piece => Number(board.blocks?.[piece] ?? 1),
      dice: new SystemDice(board.seed ?? 1),
      isSequential: board.sequential ?? false,
    })
    for (let piece = 0; piece < pieceCount; piece++) {
      for (let copies = Number(board.avail?.[piece] ?? 0); copies > 0; copies--) this.picker.peerHas(piece)
      if (board.want) this.picker.setPriority(piece, Number(board.want[piece]))
      if (board.have?.[piece] === '#') this.picker.pieceVerified(piece)
    }
  }

  /** Picks for a peer and answers with the pieces, in the order of the picks: one entry a block. */
  pick(from: BoardPeer, request: Partial<PickRequest> = {}): number[] {
    return this.picker.pick({ ...from, count: 1, ...request }).map(({ piece }) => piece)
  }

  /** The same, as `piece.block`. */
  pickBlocks(from: BoardPeer, request: Partial<PickRequest> = {}): string {
    return this.picker
      .pick({ ...from, count: 1, ...request })
      .map(({ piece, block }) => `${piece}.${block}`)
      .join(' ')
  }
}

export function picker(board: Board): PickerBoard {
  return new PickerBoard(board)
}
