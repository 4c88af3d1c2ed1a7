/**
 * Lets work pass side by side, and now and then something that must be alone: it waits for what is under way, and what
 * comes meanwhile waits for it.
 */
export class Gate {
  /** Bounded by whoever has work done here. */
  readonly #underWay = new Set<Promise<unknown>>()
  /** Settles, and never rejects, when nobody is alone in here any more; null while nobody wants to be. */
  #closed: Promise<void> | null = null

  /** Work that others may be at as well. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed) await this.#closed
    const result = work()
    this.#underWay.add(result)
    try {
      return await result
    } finally {
      this.#underWay.delete(result)
    }
  }

  /** Work that nobody may be at anything beside. One after the other. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed) await this.#closed
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#closed = promise
    try {
      await Promise.allSettled(this.#underWay)
      return await work()
    } finally {
      this.#closed = null
      resolve()
    }
  }
}
