/** Priorities go from 1 to 7; 0 is not wanted. */
export const TOP_PRIORITY = 7
export const DEFAULT_PRIORITY = 4

/** So many copies are as good as more: the ranks of one priority. */
const COPIES = 64

/** The rank of pieces that are not to be begun: beside those of the default priority, so that the way is short. */
export const OUT = (TOP_PRIORITY - DEFAULT_PRIORITY) * COPIES
export const RANKS = TOP_PRIORITY * COPIES + 1

/** The rank of a piece in the order of what to begin: what is wanted most first, and of that the rarest. */
export function rankOf(priority: number, copies: number): number {
  return priority === 0 ? OUT : firstRank(priority) + Math.min(copies, COPIES - 1)
}

/** The rank of the rarest piece of a priority. */
export function firstRank(priority: number): number {
  const rank = (TOP_PRIORITY - priority) * COPIES
  return rank < OUT ? rank : rank + 1
}

/** Behind the last rank of a priority. */
export function endRank(priority: number): number {
  return firstRank(priority) + COPIES
}
