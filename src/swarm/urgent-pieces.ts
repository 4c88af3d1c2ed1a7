/**
 * The pieces that somebody waits for, the most urgent first. Several who wait take turns: what each needs first comes
 * before what any needs second. Bounded by who waits, each for no more than a window of pieces.
 */
export class UrgentPieces {
  readonly #byWaiter = new Map<object, readonly number[]>()
  #inOrder: readonly number[] = []

  get isEmpty(): boolean {
    return this.#inOrder.length === 0
  }

  /** All of them, each once. */
  get inOrder(): readonly number[] {
    return this.#inOrder
  }

  /** What someone waits for from now on, in order; nothing: no more. */
  set(waiter: object, pieces: readonly number[]): void {
    if (pieces.length > 0) this.#byWaiter.set(waiter, pieces)
    else if (!this.#byWaiter.delete(waiter)) return
    this.#inOrder = interleaved([...this.#byWaiter.values()])
  }
}

function interleaved(lists: readonly (readonly number[])[]): number[] {
  const order = new Set<number>()
  const longest = Math.max(0, ...lists.map(list => list.length))
  for (let at = 0; at < longest; at++) {
    for (const list of lists) if (at < list.length) order.add(list[at]!)
  }
  return [...order]
}
