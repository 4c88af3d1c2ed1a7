import type { Alarm, Clock } from '../../src/core/ports.ts'
import { type Guarded, type TurnProbe, Turns } from '../../src/client/turns.ts'

/** Time that goes on when the test says so, and the one alarm of a session on it. */
export class ManualTime implements Clock, Alarm {
  now = 1_000
  /** When it rings next. */
  alarmAt = Number.POSITIVE_INFINITY
  isAlarmClosed = false
  #ring: () => void = () => undefined

  monotonic(): number {
    return this.now
  }

  wall(): number {
    return this.now
  }

  set(at: number): void {
    this.alarmAt = at
  }

  onRing(ring: () => void): void {
    this.#ring = ring
  }

  close(): void {
    this.isAlarmClosed = true
  }

  /** Goes on for a while, with every ring at its time. Returns how often it rang. */
  pass(time: number): number {
    const end = this.now + time
    let rings = 0
    while (this.alarmAt <= end) {
      if (++rings > 100_000) throw new Error('the alarm rings without end')
      this.now = Math.max(this.now, this.alarmAt)
      this.alarmAt = Number.POSITIVE_INFINITY
      this.#ring()
    }
    this.now = end
    return rings
  }
}

/** The turns of a session in manual time. */
export function manualTurns(probe?: TurnProbe): { time: ManualTime; turns: Turns } {
  const time = new ManualTime()
  return { time, turns: new Turns({ clock: time, alarm: time, probe }) }
}

/** Someone whose errors the test looks at. */
export class Owner implements Guarded {
  readonly errors: string[] = []

  fail(error: unknown): void {
    this.errors.push(error instanceof Error ? error.message : String(error))
  }
}

/** Lets everything that only waits for promises happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}
