/** Something about a torrent that is odd, but no reason to refuse it. */
export interface Warning {
  /** Stable and in kebab case, such as `path-changed`. */
  readonly code: string
  /** For people: the first case of it. */
  readonly message: string
  /** How often it was met. */
  readonly count: number
}

/** Gathers warnings: one a code. Bounded by the number of codes. */
export class Warnings {
  readonly #byCode = new Map<string, { code: string; message: string; count: number }>()

  add(code: string, message: string): void {
    const known = this.#byCode.get(code)
    if (known) known.count++
    else this.#byCode.set(code, { code, message, count: 1 })
  }

  list(): Warning[] {
    return [...this.#byCode.values()]
  }
}
