/** What is to happen, and when. */
export interface SimEvent {
  readonly at: number
  readonly order: number
  /** Null once it was cancelled. */
  run: (() => void) | null
}

/** Events by their time; those of one moment in the order in which they were planned. */
export class EventQueue {
  readonly #heap: SimEvent[] = []
  #order = 0

  get size(): number {
    return this.#heap.length
  }

  /** When the next event is; Infinity where there is none. */
  get next(): number {
    while (this.#heap.length > 0 && this.#heap[0]!.run === null) this.#removeFirst()
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  add(at: number, run: () => void): SimEvent {
    const event: SimEvent = { at, order: this.#order++, run }
    const heap = this.#heap
    let index = heap.length
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(event, heap[parent]!)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = event
    return event
  }

  /** The next event that was not cancelled. */
  take(): SimEvent | null {
    for (;;) {
      const first = this.#heap[0]
      if (!first) return null
      this.#removeFirst()
      if (first.run !== null) return first
    }
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
  }
}

function isBefore(a: SimEvent, b: SimEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
