import { orAborted } from '../core/or-aborted.ts'
import { TimeLimit } from './time-limit.ts'
import type { Turns } from './turns.ts'

/** Resolves when so many milliseconds have passed; rejects where the signal aborts first. */
export async function waitFor(turns: Turns, duration: number, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>()
  const limit = new TimeLimit(turns, duration)
  limit.signal.addEventListener('abort', () => over.resolve(), { once: true })
  try {
    await orAborted(over.promise, signal)
  } finally {
    limit.close()
  }
}
