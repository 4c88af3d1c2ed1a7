/**
 * What changed since when: every change gets a number, and a key keeps only its latest. Pages, façades and saving
 * read it, so that nobody has to look at everything to find what is new.
 */
export class Changes {
  #revision = 0
  /** In the order of their latest change. Bounded by the torrents that the session had. */
  readonly #latest = new Map<string, number>()

  get revision(): number {
    return this.#revision
  }

  mark(key: string): void {
    this.#latest.delete(key)
    this.#latest.set(key, ++this.#revision)
  }

  since(revision: number): { revision: number; keys: string[] } {
    const keys: string[] = []
    for (const [key, at] of this.#latest) if (at > revision) keys.push(key)
    return { revision: this.#revision, keys }
  }
}
