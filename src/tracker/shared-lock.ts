/**
 * A lock in shared memory: 0 free, 1 held, 2 held and waited for. Held for microseconds, so it spins first. A thread that
 * is ended while it holds one leaves it held: end threads between their announces.
 */

const FREE = 0
const HELD = 1
const WAITED_FOR = 2
const SPINS = 200
/** A wake-up is never lost, so this only bounds how long a bug can hide. */
const PATIENCE = 1000

export function enterLock(words: Int32Array, at: number): void {
  if (Atomics.compareExchange(words, at, FREE, HELD) === FREE) return
  for (let i = 0; i < SPINS; i++) {
    if (Atomics.load(words, at) === FREE && Atomics.compareExchange(words, at, FREE, HELD) === FREE) return
  }
  while (Atomics.exchange(words, at, WAITED_FOR) !== FREE) Atomics.wait(words, at, WAITED_FOR, PATIENCE)
}

export function leaveLock(words: Int32Array, at: number): void {
  if (Atomics.exchange(words, at, FREE) === WAITED_FOR) Atomics.notify(words, at, 1)
}
