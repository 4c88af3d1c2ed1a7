import type { FileLook, FileState } from './torrent-storage.ts'

interface Known {
  look: FileLook | null
  /** Writes of ours that are under way. */
  underWay: number
  /** When the last of them began, in writes of the folder. */
  lastBegun: number
}

/**
 * What the files of a folder look like as long as only we write to them, so that it is noticed when somebody else does.
 * What a file of ours looks like after a write is not known before it is looked at again. Bounded by the torrent.
 */
export class KnownLooks {
  readonly #files = new Map<string, Known>()
  #begun = 0

  /** The moment of a question, for its answer. */
  get now(): number {
    return this.#begun
  }

  writes(path: string): void {
    const known = this.#known(path)
    known.look = null
    known.underWay++
    known.lastBegun = ++this.#begun
  }

  wrote(path: string): void {
    this.#known(path).underWay--
  }

  /** What it has to look like; null where that is not known. */
  lookOf(path: string): FileLook | null {
    return this.#files.get(path)?.look ?? null
  }

  /** How it looked when that was asked at `asked`. Taken where nothing is known of it; a change is not taken for granted. */
  found(path: string, look: FileState, asked: number): void {
    const known = this.#known(path)
    if (look === null) {
      known.look = null
      // It comes to be by what is under way.
      if (known.underWay === 0) this.#files.delete(path)
      return
    }
    if (known.look === null && isSettled(known, asked)) known.look = look
  }

  /** It looked different. False where we may have done that ourselves; else it is known to look like this now. */
  changed(path: string, look: FileLook, asked: number): boolean {
    const known = this.#known(path)
    if (!isSettled(known, asked)) return false
    known.look = look
    return true
  }

  #known(path: string): Known {
    const known = this.#files.get(path) ?? { look: null, underWay: 0, lastBegun: 0 }
    this.#files.set(path, known)
    return known
  }
}

/** Nothing of ours was written since, or is being written. */
function isSettled({ underWay, lastBegun }: Known, asked: number): boolean {
  return underWay === 0 && lastBegun <= asked
}
