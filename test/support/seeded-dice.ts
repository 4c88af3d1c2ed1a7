import type { Dice } from '../../src/core/ports.ts'

/** Chance that is the same in every run: a linear congruential generator (Numerical Recipes). */
export function seededDice(seed = 1): Dice {
  let state = Math.imul(seed + 1, 0x9e3779b9) >>> 0
  const fraction = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  return { fraction, below: below => Math.floor(fraction() * below) }
}
