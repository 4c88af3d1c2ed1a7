import { CLIENT_DEFAULTS } from './options.ts'
import { reachedGoal, type SeedingFigures, type SeedingGoal, type SeedingGoals } from './seeding-goals.ts'
import type { Timed, Turns } from './turns.ts'

/** A torrent that may have goals. */
export interface Striver {
  readonly goals: SeedingGoals
  /** It is complete and there for others, whether it rests or not. */
  readonly isSeeding: boolean
  readonly figures: Omit<SeedingFigures, 'seededFor' | 'idleFor'>
  /** ms in earlier sessions and in this one. */
  seededFor: number
  reached(goal: SeedingGoal): void
}

interface Watched {
  lookedAt: number
  uploaded: number
  /** When it last gave something, or began. */
  movedAt: number
}

/** Looks at those who have goals every few seconds, all at once and without waking any that rests. */
export class GoalWatch implements Timed {
  readonly #turns: Turns
  readonly #fail: (error: unknown) => void
  /** Bounded by the session's torrents. */
  readonly #watched = new Map<Striver, Watched | null>()
  #nextAt = Number.POSITIVE_INFINITY

  constructor(options: { turns: Turns; fail: (error: unknown) => void }) {
    this.#turns = options.turns
    this.#fail = options.fail
  }

  /** Its goals, which may be others than before; where there are none, it is not looked at. */
  watch(striver: Striver): void {
    if (Object.values(striver.goals).every(goal => goal === undefined)) return this.forget(striver)
    if (!this.#watched.has(striver)) this.#watched.set(striver, null)
    this.#turns.enter(this, now => {
      this.#nextAt = Math.min(this.#nextAt, now)
      this.#turns.heed(this)
    })
  }

  forget(striver: Striver): void {
    this.#watched.delete(striver)
  }

  tick(now: number): void {
    if (now < this.#nextAt) return
    for (const [striver, before] of this.#watched) {
      const watched = striver.isSeeding ? this.#look(striver, before, now) : null
      this.#watched.set(striver, watched)
      if (!watched) continue
      const { seededFor } = striver
      const goal = reachedGoal(striver.goals, {
        ...striver.figures,
        seededFor,
        idleFor: now - watched.movedAt,
      })
      if (goal === null) continue
      this.#watched.delete(striver)
      striver.reached(goal)
    }
    this.#nextAt = this.#watched.size > 0 ? now + CLIENT_DEFAULTS.goalLook : Number.POSITIVE_INFINITY
  }

  deadline(): number {
    return this.#nextAt
  }

  fail(error: unknown): void {
    this.#fail(error)
  }

  #look(striver: Striver, before: Watched | null, now: number): Watched {
    const { uploaded } = striver.figures
    if (before) striver.seededFor += now - before.lookedAt
    const hasMoved = before === null || uploaded !== before.uploaded
    return { lookedAt: now, uploaded, movedAt: hasMoved ? now : before.movedAt }
  }
}
