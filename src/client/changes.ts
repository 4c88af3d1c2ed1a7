import { BoundedMap } from '../core/bounded-map.ts'
import { CLIENT_LIMITS } from './limits.ts'

/** An answer to: what is new? */
export interface ChangedKeys {
  /** To ask with the next time. */
  readonly revision: number
  /** These are all there are, whatever was known: asked for the first time, or after too long. */
  readonly isWhole: boolean
  /** Each once, the latest change last. */
  readonly keys: string[]
  /** Those that were taken out. */
  readonly gone: string[]
}

interface Change {
  readonly at: number
  readonly key: string
}

/**
 * What changed since when: every change gets a number, and a key keeps only its latest. Pages, façades and saving
 * read it, so that nobody has to look at everything to find what is new: an answer costs what changed, and no more.
 */
export class Changes {
  #revision = 0
  /** Bounded by the torrents of the session. */
  readonly #latest = new Map<string, number>()
  readonly #gone: BoundedMap<string, number>
  /** Removals up to this one may be forgotten. */
  #forgotten = 0
  /** All changes in order. Those that were overtaken are taken out when they are as many as the others. */
  #log: Change[] = []

  constructor() {
    this.#gone = new BoundedMap({
      limit: CLIENT_LIMITS.removalsTold,
      onEvict: (_key, at) => {
        this.#forgotten = at
      },
    })
  }

  get revision(): number {
    return this.#revision
  }

  mark(key: string): void {
    this.#gone.delete(key)
    this.#latest.set(key, this.#note(key))
  }

  /** It is there no more. */
  remove(key: string): void {
    if (this.#latest.delete(key)) this.#gone.set(key, this.#note(key))
  }

  since(revision: number): ChangedKeys {
    const isWhole = revision <= 0 || revision < this.#forgotten
    const keys: string[] = []
    const gone: string[] = []
    for (let i = this.#log.length - 1; i >= 0; i--) {
      const { at, key } = this.#log[i]!
      if (!isWhole && at <= revision) break
      if (this.#latest.get(key) === at) keys.push(key)
      else if (!isWhole && this.#gone.get(key) === at) gone.push(key)
    }
    return { revision: this.#revision, isWhole, keys: keys.reverse(), gone: gone.reverse() }
  }

  #note(key: string): number {
    const at = ++this.#revision
    this.#log.push({ at, key })
    if (this.#log.length > 2 * (this.#latest.size + this.#gone.size + 32))
      this.#log = this.#log.filter(change => change.at === at || this.#isLatest(change))
    return at
  }

  #isLatest({ at, key }: Change): boolean {
    return this.#latest.get(key) === at || this.#gone.get(key) === at
  }
}
