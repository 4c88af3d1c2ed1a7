import { BoundedMap } from '../core/bounded-map.ts'
import { LSD_LIMITS } from './limits.ts'

/** How many announces of one host are heeded: some at once, then one a second. */
export class SourceTally {
  readonly #hosts = new BoundedMap<string, { readonly credit: number; readonly at: number }>({
    limit: LSD_LIMITS.sources,
  })

  /** Whether one more of this host is heeded, which counts as one. */
  mayHear(host: string, now: number): boolean {
    const { heardAtOnce, heardInterval } = LSD_LIMITS
    const known = this.#hosts.get(host)
    const credit = known
      ? Math.min(heardAtOnce, known.credit + (now - known.at) / heardInterval)
      : heardAtOnce
    const isHeard = credit >= 1
    this.#hosts.set(host, { credit: isHeard ? credit - 1 : credit, at: now })
    return isHeard
  }
}
