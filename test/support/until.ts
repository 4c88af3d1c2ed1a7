import { setTimeout as pause } from 'node:timers/promises'

/** Waits for a condition of the real world, looking every few milliseconds; fails when it does not come true. */
export async function until(isTrue: () => boolean, within = 30_000): Promise<void> {
  const end = performance.now() + within
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`waited ${within} ms in vain for: ${String(isTrue)}`)
    await pause(5)
  }
}
