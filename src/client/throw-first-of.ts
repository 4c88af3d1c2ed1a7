/** For work of which every part is to end, whatever becomes of another: the first fault, when all have settled. */
export function throwFirstOf(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
