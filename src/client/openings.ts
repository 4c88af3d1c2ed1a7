import { orAborted } from '../core/or-aborted.ts'
import { CLIENT_LIMITS } from './limits.ts'

interface Folder {
  open: number
  /** In order of arrival. Bounded by the torrents of the session. */
  readonly waiting: Set<() => void>
}

/**
 * Lets few torrents of one folder be opened at a time: thousands that start together would each hold the memory that
 * opening takes. Folder by folder, so that a disk that hangs holds up only what is on it.
 */
export class Openings {
  /** Bounded by the torrents of the session. */
  readonly #folders = new Map<string, Folder>()

  /** Resolves when it is the caller's turn, to a function that ends it; any further call of that does nothing. */
  async enter(path: string, signal: AbortSignal): Promise<() => void> {
    const folder = this.#folders.get(path) ?? { open: 0, waiting: new Set() }
    this.#folders.set(path, folder)
    if (folder.open < CLIENT_LIMITS.openingTorrents) folder.open++
    else await this.#waitIn(path, folder, signal)
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      this.#left(path, folder)
    }
  }

  /** The place goes to the next in line. */
  #left(path: string, folder: Folder): void {
    const [next] = folder.waiting
    if (next) {
      folder.waiting.delete(next)
      next()
    } else {
      folder.open--
      if (folder.open === 0) this.#folders.delete(path)
    }
  }

  async #waitIn(path: string, folder: Folder, signal: AbortSignal): Promise<void> {
    const turn = Promise.withResolvers<void>()
    let isGiven = false
    const give = (): void => {
      isGiven = true
      turn.resolve()
    }
    folder.waiting.add(give)
    try {
      await orAborted(turn.promise, signal)
    } catch (error) {
      folder.waiting.delete(give)
      if (isGiven) this.#left(path, folder)
      throw error
    }
  }
}
