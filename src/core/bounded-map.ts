/** Of all that nothing was put into: a torrent has several, and there are thousands of torrents. Never changed. */
const NOTHING = new Map<never, never>()

/**
 * A map that never outgrows its limit: what was set longest ago goes first. `get` keeps the order; setting a key again
 * makes it the youngest.
 */
export class BoundedMap<K, V> {
  readonly limit: number
  #entries: Map<K, V> = NOTHING as Map<K, V>
  readonly #onEvict: ((key: K, value: V) => void) | undefined

  /** `onEvict` hears of what had to go for want of room, not of what was deleted or replaced. */
  constructor(options: { limit: number; onEvict?: (key: K, value: V) => void }) {
    this.limit = options.limit
    this.#onEvict = options.onEvict
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  has(key: K): boolean {
    return this.#entries.has(key)
  }

  set(key: K, value: V): this {
    if (this.#entries === NOTHING) this.#entries = new Map()
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > this.limit) this.#evictOldest()
    return this
  }

  delete(key: K): boolean {
    return this.#entries.delete(key)
  }

  clear(): void {
    this.#entries = NOTHING as Map<K, V>
  }

  /** The oldest first. */
  keys(): MapIterator<K> {
    return this.#entries.keys()
  }

  values(): MapIterator<V> {
    return this.#entries.values()
  }

  entries(): MapIterator<[K, V]> {
    return this.#entries.entries()
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.#entries.entries()
  }

  #evictOldest(): void {
    for (const [key, value] of this.#entries) {
      this.#entries.delete(key)
      this.#onEvict?.(key, value)
      return
    }
  }
}
