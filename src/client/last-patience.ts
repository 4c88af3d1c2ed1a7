import { StorageError } from '../core/errors.ts'
import { orAborted } from '../core/or-aborted.ts'
import type { DiskNews } from '../storage/disk-workers.ts'
import { CLIENT_LIMITS } from './limits.ts'
import { TimeLimit } from './time-limit.ts'
import type { Turns } from './turns.ts'

/** How many torrents an error names. */
const NAMED = 3
/** How often it is looked whether disks do anything, in ms. */
const BETWEEN_LOOKS = 1000
/** How long is waited, in ms, once something was given up and no disk has anything to do. */
const AFTERWARDS = 2000

/**
 * How a session that ends waits for its disks: as long as they do something, and not for one that hangs, which may never
 * answer. What was not brought to the disk is hashed again at the next start, as after a kill.
 */
export class LastPatience {
  readonly #turns: Turns
  readonly #giveUpSilentDisks: (silence: number) => DiskNews
  readonly #torrents: () => readonly string[]
  /** Names of torrents that had not ended when something was given up first; null while nothing was. */
  #lost: readonly string[] | null = null
  readonly #givenUp: string[] = []

  /** `torrents`: the names of those that have not ended yet. */
  constructor(options: {
    turns: Turns
    giveUpSilentDisks: (silence: number) => DiskNews
    torrents: () => readonly string[]
  }) {
    this.#turns = options.turns
    this.#giveUpSilentDisks = options.giveUpSilentDisks
    this.#torrents = options.torrents
  }

  /** What became of the work, each part of it; nothing where it was waited for in vain. */
  async outcomes(work: readonly Promise<unknown>[]): Promise<readonly PromiseSettledResult<unknown>[]> {
    const settled = Promise.allSettled(work)
    let idleSince = this.#turns.now()
    for (;;) {
      const limit = new TimeLimit(this.#turns, BETWEEN_LOOKS)
      try {
        return await orAborted(settled, limit.signal)
      } catch {
        if (this.#isAnythingNew()) idleSince = this.#turns.now()
        if (this.#turns.now() - idleSince < this.#patience) continue
        this.#lost ??= this.#torrents()
        return []
      } finally {
        limit.close()
      }
    }
  }

  #isAnythingNew(): boolean {
    const torrents = this.#torrents()
    const { isAnyWorking, givenUp } = this.#giveUpSilentDisks(CLIENT_LIMITS.silentDisk)
    if (givenUp.length > 0) this.#lost ??= torrents
    this.#givenUp.push(...givenUp)
    return isAnyWorking || givenUp.length > 0
  }

  get #patience(): number {
    return this.#lost ? AFTERWARDS : CLIENT_LIMITS.silentDisk
  }

  /** Throws `disk-hangs` where something was waited for in vain. */
  throwIfLost(): void {
    if (this.#lost) throw hangingError(this.#lost, this.#givenUp)
  }
}

function hangingError(torrents: readonly string[], folders: readonly string[]): StorageError {
  const which = folders.length > 0 ? `the disk of ${folders.join(' and of ')}` : 'a disk'
  const named = torrents.slice(0, NAMED).map(name => `"${name}"`)
  const more = torrents.length > NAMED ? [`${torrents.length - NAMED} more`] : []
  const whose = torrents.length > 0 ? ` of ${[...named, ...more].join(', ')}` : ''
  return new StorageError(
    'disk-hangs',
    `${which} does not answer: what${whose} was not brought to it yet is hashed again at the next start`,
  )
}
