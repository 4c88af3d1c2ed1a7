interface Entry<T> {
  readonly key: T
  at: number
  /** Breaks ties: what was set first comes first, so that a run can be repeated. */
  order: number
  /** Its place in the heap. */
  index: number
}

/** When each of many keys is next due: a binary heap, and one timer serves them all. Not bounded: it grows with what its owner keeps. */
export class Deadlines<T> {
  readonly #heap: Entry<T>[] = []
  readonly #entries = new Map<T, Entry<T>>()
  #order = 0

  get size(): number {
    return this.#heap.length
  }

  /** Replaces the time set before; Infinity means none. */
  set(key: T, at: number): void {
    if (at === Number.POSITIVE_INFINITY) {
      this.delete(key)
      return
    }
    const known = this.#entries.get(key)
    if (known === undefined) this.#insert(key, at)
    else if (known.at !== at) {
      known.at = at
      known.order = this.#order++
      this.#settle(known)
    }
  }

  /** Infinity where none is set. */
  get(key: T): number {
    return this.#entries.get(key)?.at ?? Number.POSITIVE_INFINITY
  }

  /** True where there was one. */
  delete(key: T): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    this.#remove(entry)
    return true
  }

  /** The earliest time of all; Infinity where there is none. */
  next(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  /** Takes out the earliest key that is due at `now`; null where none is. */
  take(now: number): T | null {
    const first = this.#heap[0]
    if (first === undefined || first.at > now) return null
    this.#remove(first)
    return first.key
  }

  clear(): void {
    this.#heap.length = 0
    this.#entries.clear()
  }

  #insert(key: T, at: number): void {
    const entry = { key, at, order: this.#order++, index: this.#heap.length }
    this.#entries.set(key, entry)
    this.#heap.push(entry)
    this.#rise(entry)
  }

  #remove(entry: Entry<T>): void {
    this.#entries.delete(entry.key)
    const last = this.#heap.pop()!
    if (last === entry) return
    this.#put(last, entry.index)
    this.#settle(last)
  }

  #settle(entry: Entry<T>): void {
    this.#rise(entry)
    this.#sink(entry)
  }

  #rise(entry: Entry<T>): void {
    while (entry.index > 0) {
      const parent = this.#heap[(entry.index - 1) >> 1]!
      if (!isBefore(entry, parent)) return
      this.#swap(entry, parent)
    }
  }

  #sink(entry: Entry<T>): void {
    for (;;) {
      const left = this.#heap[2 * entry.index + 1]
      if (left === undefined) return
      const right = this.#heap[2 * entry.index + 2]
      const child = right !== undefined && isBefore(right, left) ? right : left
      if (!isBefore(child, entry)) return
      this.#swap(entry, child)
    }
  }

  #swap(a: Entry<T>, b: Entry<T>): void {
    const index = a.index
    this.#put(a, b.index)
    this.#put(b, index)
  }

  #put(entry: Entry<T>, index: number): void {
    entry.index = index
    this.#heap[index] = entry
  }
}

function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
