import type { StorageError } from '../core/errors.ts'
import type { PieceRun } from './gathered-piece.ts'
import type { PieceAssembly } from './piece-assembly.ts'
import type { PieceKeeper, WriteAnswer } from './piece-keeper.ts'

/** Brings what is in memory of a piece to the disk, run by run. */
export class PieceWriter {
  readonly #assembly: PieceAssembly
  readonly #keeper: PieceKeeper
  /** Pieces that are being spilled. Bounded by the extents lent out. */
  readonly #spilling = new Set<number>()

  constructor(options: { assembly: PieceAssembly; keeper: PieceKeeper }) {
    this.#assembly = options.assembly
    this.#keeper = options.keeper
  }

  get isSpilling(): boolean {
    return this.#spilling.size > 0
  }

  spills(piece: number): boolean {
    return this.#spilling.has(piece)
  }

  /** Writes a piece that has been judged; its memory stays until it is released. */
  write(piece: number, done: WriteAnswer): void {
    this.#writeRuns(piece, this.#assembly.runs(piece), done)
  }

  /**
   * Writes blocks that nobody has judged yet, remembers which, and gives their memory back. Where the disk takes not
   * all of them, all stay in memory.
   */
  spill(piece: number, done: WriteAnswer): void {
    const runs = this.#assembly.runs(piece)
    this.#spilling.add(piece)
    this.#writeRuns(piece, runs, error => {
      this.#spilling.delete(piece)
      if (!error && runs.length > 0) {
        this.#assembly.spilled(piece, runs)
        this.#keeper.blocksSpilled(piece, this.#assembly.spilledBlocks(piece))
      }
      done(error)
    })
  }

  #writeRuns(piece: number, runs: readonly PieceRun[], done: WriteAnswer): void {
    if (runs.length === 0) return done(null)
    let waiting = runs.length
    let failure: StorageError | null = null
    for (const { begin, parts } of runs) {
      this.#keeper.write(piece, begin, parts, error => {
        failure ??= error
        waiting--
        if (waiting === 0) done(failure)
      })
    }
  }
}
