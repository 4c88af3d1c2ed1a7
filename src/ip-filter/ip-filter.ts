import { hostBytes } from '../core/address.ts'
import { wordsOf } from './address-words.ts'
import type { RangeTable } from './range-table.ts'

/** Addresses that nothing is to be done with. `IpFilterReader` makes it from the lists that people have. */
export class IpFilter {
  readonly #ipv4: RangeTable
  readonly #ipv6: RangeTable

  constructor(tables: { ipv4: RangeTable; ipv6: RangeTable }) {
    this.#ipv4 = tables.ipv4
    this.#ipv6 = tables.ipv6
  }

  /** How many ranges there are; those that overlap or touch are one. */
  get size(): number {
    return this.#ipv4.size + this.#ipv6.size
  }

  /** An IP address in any valid spelling; one of IPv4 mapped into IPv6 is of IPv4. Throws `FormatError` `address-invalid`. */
  blocks(host: string): boolean {
    const bytes = hostBytes(host)
    return (bytes.length === 4 ? this.#ipv4 : this.#ipv6).has(wordsOf(bytes))
  }
}
