import { hostBytes } from '../core/address.ts'
import { formatHex } from '../core/bytes.ts'
import { scopeOf } from '../core/scope.ts'

/** How many of something are open, in all and from one address, so that nobody takes all the places. */
export class AddressCounts {
  readonly #limit: number
  readonly #perAddress: number
  /** bounded by `limit` */
  readonly #counts = new Map<string, number>()
  #all = 0

  /** `perAddress` is for one IPv4 address or one IPv6 /64; this machine itself is not held to it. */
  constructor(options: { limit: number; perAddress: number }) {
    this.#limit = options.limit
    this.#perAddress = options.perAddress
  }

  get all(): number {
    return this.#all
  }

  /** Counts one more; false, and nothing is counted, where there are too many already. */
  add(host: string): boolean {
    const source = sourceOf(host)
    const count = this.#counts.get(source) ?? 0
    if (this.#all >= this.#limit) return false
    if (count >= this.#perAddress && scopeOf(host) !== 'loopback') return false
    this.#counts.set(source, count + 1)
    this.#all++
    return true
  }

  /** Takes back one that `add` counted. */
  remove(host: string): void {
    const source = sourceOf(host)
    const count = this.#counts.get(source)
    if (count === undefined) return
    if (count > 1) this.#counts.set(source, count - 1)
    else this.#counts.delete(source)
    this.#all--
  }
}

/** Whoever has one IPv6 address has the whole /64 around it. */
function sourceOf(host: string): string {
  return formatHex(hostBytes(host).subarray(0, 8))
}
