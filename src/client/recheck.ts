import { StorageError, UsageError } from '../core/errors.ts'
import { isPassingFault } from '../core/passing-fault.ts'
import type { TorrentStorage } from '../storage/torrent-storage.ts'
import { judgePiece } from '../swarm/piece-verdict.ts'
import type { LifeKit } from './life-kit.ts'
import { digestKinds } from './piece-keeper.ts'
import type { RunningParts } from './running-parts.ts'
import type { TorrentTask } from './torrent-task.ts'
import type { RecheckProgress } from './torrent-status.ts'
import { waitFor } from './wait-for.ts'
import type { WaitOptions } from './wait-options.ts'
import { partsOf, whileAwake } from './while-awake.ts'

/** How many pieces are hashed at a time where there is no hurry to hold back. */
const AT_A_TIME = 4

/** What a recheck came to. */
export interface RecheckResult {
  readonly pieces: number
  /** Pieces that are good. */
  readonly good: number
  /** Pieces that were had and are not good any more. They are fetched again. */
  readonly lost: number
  /** Pieces that were not had and are good. */
  readonly found: number
}

export interface RecheckOptions extends WaitOptions {
  /** At most so much is read a second; default: as fast as others leave room for. */
  readonly bytesPerSecond?: number
  readonly onProgress?: (progress: RecheckProgress) => void
}

/**
 * Hashes all that is on disk again, while the torrent goes on: other reads and writes pass. What is bad is not served from
 * the moment it is known, and fetched again; what is good and was not had is had.
 */
export async function recheck(
  task: TorrentTask,
  kit: Pick<LifeKit, 'turns' | 'alerts'>,
  options: RecheckOptions,
): Promise<RecheckResult> {
  const { bytesPerSecond = Number.POSITIVE_INFINITY } = options
  if (!(bytesPerSecond > 0))
    throw new UsageError(
      'rate-invalid',
      `a recheck of ${bytesPerSecond} bytes a second never ends: give it more`,
    )
  return await whileAwake(task, async ({ metadata }) => {
    const run = new Recheck(task, kit, options)
    try {
      return await run.through(metadata.info.geometry.pieceCount, bytesPerSecond)
    } finally {
      task.recheck = null
      task.markChanged()
    }
  })
}

class Recheck {
  readonly #task: TorrentTask
  readonly #kit: Pick<LifeKit, 'turns' | 'alerts'>
  readonly #onProgress: (progress: RecheckProgress) => void
  readonly #signal: AbortSignal
  /** Files that could not be read. Bounded by the torrent. */
  readonly #unread = new Set<string>()
  #checked = 0
  #good = 0
  #lost = 0
  #found = 0

  constructor(task: TorrentTask, kit: Pick<LifeKit, 'turns' | 'alerts'>, options: RecheckOptions) {
    this.#task = task
    this.#kit = kit
    this.#onProgress = options.onProgress ?? (() => undefined)
    this.#signal = options.signal ? AbortSignal.any([task.signal, options.signal]) : task.signal
  }

  async through(pieces: number, bytesPerSecond: number): Promise<RecheckResult> {
    const { turns } = this.#kit
    const begun = turns.now()
    let next = 0
    let read = 0
    const work = async (): Promise<void> => {
      while (next < pieces) {
        const piece = next++
        this.#signal.throwIfAborted()
        read += await this.#look(piece)
        this.#checked++
        this.#tell(pieces)
        const early = begun + (read / bytesPerSecond) * 1000 - turns.now()
        if (early > 0) await waitFor(turns, early, this.#signal)
      }
    }
    const atATime = bytesPerSecond === Number.POSITIVE_INFINITY ? AT_A_TIME : 1
    await Promise.all(Array.from({ length: atATime }, work))
    return { pieces, good: this.#good, lost: this.#lost, found: this.#found }
  }

  #tell(pieces: number): void {
    this.#task.recheck = { checked: this.#checked, pieces }
    this.#task.markChanged()
    this.#onProgress(this.#task.recheck)
  }

  /** Judges one piece and does what follows. Returns how many bytes were read. */
  async #look(piece: number): Promise<number> {
    const parts = await partsOf(this.#task)
    const { torrent } = parts
    const wasHad = torrent.hasVerified(piece)
    // What is on its way is judged when it is whole; what nobody wants and nobody has is not looked for.
    if (!wasHad && (torrent.picker.isOpen(piece) || !torrent.isSelected(piece))) return 0
    const { pieceLength } = parts.metadata.info.geometry
    let isGood = await this.#isGood(parts, piece)
    // Lost and fetched again meanwhile, it may have been read in the middle of being written.
    if (wasHad && !isGood) isGood = await this.#isGood(parts, piece)
    this.#kit.turns.enter(this.#task, () => {
      if (this.#task.parts !== parts) return
      if (isGood) this.#good++
      if (isGood && !torrent.hasVerified(piece)) this.#find(parts, piece)
      if (!isGood && wasHad && torrent.hasVerified(piece)) this.#lose(parts, piece)
    })
    return pieceLength
  }

  async #isGood({ metadata, hashes, storage }: RunningParts, piece: number): Promise<boolean> {
    const { info } = metadata
    try {
      return judgePiece(piece, await storage.digest(piece, digestKinds(info, piece)), hashes) === 'good'
    } catch (error) {
      // A disk that is away says nothing of what is on it.
      if (!(error instanceof StorageError) || isPassingFault(error)) throw error
      await this.#lookFor(error.path, storage)
      return false
    }
  }

  /** Once for each file: what is fetched again may be written only where it is known that the file is gone. */
  async #lookFor(path: string | null, storage: TorrentStorage): Promise<void> {
    if (path === null || this.#unread.has(path)) return
    this.#unread.add(path)
    await storage.inspect()
  }

  #find({ torrent, storage }: RunningParts, piece: number): void {
    storage.syncExisting()
    torrent.found(piece)
    if (torrent.hasVerified(piece)) this.#found++
  }

  #lose({ disk }: RunningParts, piece: number): void {
    this.#lost++
    disk.lose(piece)
    this.#kit.alerts.emit({ type: 'piece-lost', torrent: this.#task.id, piece })
  }
}
