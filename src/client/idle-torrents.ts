import { CLIENT_LIMITS } from './limits.ts'

/** A torrent that is awake and that nobody asks for. */
export interface Idle {
  /** It has been quiet longer than all others: it is to lie down now, if it may. */
  hurry(): void
}

/**
 * The torrents that are awake for nobody, the one that has been quiet longest first. Few may be: where thousands start at
 * once, each lies down as soon as it is known to be good.
 */
export class IdleTorrents {
  /** Bounded by `idleTorrents`. */
  readonly #idle = new Set<Idle>()

  /** It is quiet from now on, as far as is known. */
  add(torrent: Idle): void {
    this.#idle.delete(torrent)
    this.#idle.add(torrent)
    if (this.#idle.size <= CLIENT_LIMITS.idleTorrents) return
    const [quietest] = this.#idle
    if (!quietest) return
    this.#idle.delete(quietest)
    quietest.hurry()
  }

  /** It rests, or is gone. */
  delete(torrent: Idle): void {
    this.#idle.delete(torrent)
  }
}
