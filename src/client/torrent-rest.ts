import { BitTorrentError } from '../core/errors.ts'
import type { Idle, IdleTorrents } from './idle-torrents.ts'
import { CLIENT_LIMITS } from './limits.ts'
import { CLIENT_DEFAULTS } from './options.ts'
import type { Guarded, Timed, Turns } from './turns.ts'

/** Someone who can be put to rest: a torrent. */
export interface Sleeper extends Guarded {
  /** Nobody is connected, and nothing is under way that would be lost or cut short. */
  readonly mayRest: boolean
  /** Lets go of everything but its record. */
  layDown(): Promise<void>
  /** Has it all again. Rejects where that cannot be now; what is to become of the torrent then is its own affair. */
  getUp(): Promise<void>
}

/** Who needs the torrent awake: a peer at its door. */
export interface Caller {
  ready(now: number): void
  refused(error: BitTorrentError): void
}

type Phase = 'awake' | 'lying down' | 'resting' | 'getting up'

/**
 * When a torrent rests: after a while without peers, or at once where many are awake for nobody, it lets go of its
 * metadata, hashes and files, and has them again when a peer comes. Lying down and getting up happen one after the other,
 * and who calls meanwhile waits.
 */
export class TorrentRest implements Timed, Idle {
  readonly #sleeper: Sleeper
  readonly #turns: Turns
  readonly #idle: IdleTorrents
  #phase: Phase = 'awake'
  #quietSince: number
  /** Getting up failed: not tried again before. */
  #refusal: { readonly error: BitTorrentError; readonly until: number } | null = null
  /** Bounded by `pendingHandshakes` and `halfOpen`. */
  #callers: Caller[] = []
  #work: Promise<void> = Promise.resolve()
  #end: BitTorrentError | null = null

  constructor(options: { sleeper: Sleeper; turns: Turns; idle: IdleTorrents }) {
    this.#sleeper = options.sleeper
    this.#turns = options.turns
    this.#idle = options.idle
    this.#quietSince = 0
    this.stirred(options.turns.now())
  }

  get isAwake(): boolean {
    return this.#phase === 'awake'
  }

  /** Someone came or left: it is not quiet yet. */
  stirred(now: number): void {
    this.#quietSince = now
    this.#turns.heed(this)
    if (this.#phase === 'awake' && !this.#end) this.#idle.add(this)
  }

  hurry(): void {
    this.#quietSince = Number.NEGATIVE_INFINITY
    this.#turns.heed(this)
  }

  /** Calls `ready` at once where the torrent is awake, and otherwise when it is; or `refused`, where it cannot be. */
  whenAwake(caller: Caller): void {
    const now = this.#turns.now()
    if (this.#phase === 'awake') return caller.ready(now)
    const refusal = this.#end ?? (this.#refusal && now < this.#refusal.until ? this.#refusal.error : null)
    if (refusal) return caller.refused(refusal)
    this.#callers.push(caller)
    if (this.#phase === 'resting') this.#getUp()
  }

  /** The torrent leaves: nobody is let in any more. Resolves when what is under way is done. */
  end(reason: BitTorrentError): Promise<void> {
    this.#end = reason
    this.#turns.forget(this)
    this.#idle.delete(this)
    this.#refuse(reason)
    return this.#work
  }

  tick(now: number): void {
    if (now < this.deadline()) return
    if (this.#sleeper.mayRest) this.#layDown()
    else this.#quietSince = now
  }

  deadline(): number {
    if (this.#phase !== 'awake' || this.#end) return Number.POSITIVE_INFINITY
    return this.#quietSince + CLIENT_DEFAULTS.restAfter
  }

  fail(error: unknown, now: number): void {
    this.#sleeper.fail(error, now)
  }

  #layDown(): void {
    this.#phase = 'lying down'
    this.#idle.delete(this)
    this.#work = this.#sleeper.layDown().then(
      () => this.#turns.enter(this, () => this.#restsNow()),
      (error: unknown) =>
        this.#turns.enter(this, now => {
          this.#restsNow()
          this.#sleeper.fail(error, now)
        }),
    )
  }

  #restsNow(): void {
    this.#phase = 'resting'
    if (this.#callers.length > 0) this.#getUp()
  }

  #getUp(): void {
    this.#phase = 'getting up'
    this.#work = this.#sleeper.getUp().then(
      () =>
        this.#turns.enter(this, now => {
          this.#phase = 'awake'
          this.#refusal = null
          this.stirred(now)
          for (const caller of this.#takeCallers()) caller.ready(now)
        }),
      (error: unknown) =>
        this.#turns.enter(this, now => {
          this.#phase = 'resting'
          if (!(error instanceof BitTorrentError)) return this.#sleeper.fail(error, now)
          this.#refusal = { error, until: now + CLIENT_LIMITS.openAgainAfter }
          this.#refuse(error)
        }),
    )
  }

  #refuse(error: BitTorrentError): void {
    for (const caller of this.#takeCallers()) caller.refused(error)
  }

  #takeCallers(): readonly Caller[] {
    const callers = this.#callers
    this.#callers = []
    return callers
  }
}
