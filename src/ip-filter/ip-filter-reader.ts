import { utf8Text } from '../core/bytes.ts'
import { IpFilter } from './ip-filter.ts'
import { IP_FILTER_LIMITS } from './limits.ts'
import { parseRange } from './parse-range.ts'
import { RangeTable } from './range-table.ts'

/** What was made of one list. */
export interface IpFilterReport {
  /** Lines that block something. */
  readonly ranges: number
  /** Lines that could not be read, or were more than `ranges` of the limits, and the number of the first, counted from 1. */
  readonly badLines: number
  readonly firstBadLine: number | null
}

/** Makes an `IpFilter` of the lists that people have, one or several: see `parseRange` for what their lines may be. */
export class IpFilterReader {
  /** 32-bit words. Bounded by `ranges`. */
  readonly #starts4: number[] = []
  readonly #ends4: number[] = []
  readonly #starts6: number[] = []
  readonly #ends6: number[] = []
  #ranges = 0

  /** Adds a list, uncompressed. A line that cannot be read costs nothing but itself. */
  read(list: Uint8Array): IpFilterReport {
    const text = utf8Text(list)
    const before = this.#ranges
    let badLines = 0
    let firstBadLine: number | null = null
    for (let at = 0, line = 1; at < text.length; line++) {
      const next = text.indexOf('\n', at)
      const end = next < 0 ? text.length : next
      if (!this.#take(text, at, end)) {
        badLines++
        firstBadLine ??= line
      }
      at = end + 1
    }
    return { ranges: this.#ranges - before, badLines, firstBadLine }
  }

  /** Everything that was read so far. */
  filter(): IpFilter {
    return new IpFilter({
      ipv4: new RangeTable(1, this.#starts4, this.#ends4),
      ipv6: new RangeTable(4, this.#starts6, this.#ends6),
    })
  }

  #take(text: string, at: number, end: number): boolean {
    if (end - at > IP_FILTER_LIMITS.lineLength) return false
    const found = parseRange(text.slice(at, end))
    if (found === 'allowed') return true
    if (found === null || this.#ranges >= IP_FILTER_LIMITS.ranges) return false
    const [starts, ends] =
      found.start.length === 1 ? [this.#starts4, this.#ends4] : [this.#starts6, this.#ends6]
    for (const word of found.start) starts.push(word)
    for (const word of found.end) ends.push(word)
    this.#ranges++
    return true
  }
}
