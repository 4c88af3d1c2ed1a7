import type { IpFilter } from '../ip-filter/ip-filter.ts'
import type { AlertStream } from './alert-stream.ts'
import { CLIENT_LIMITS } from './limits.ts'

/** Whom a session has nothing to do with, and how often that was so. */
export class AddressFilter {
  readonly #alerts: AlertStream
  readonly #now: () => number
  #filter: IpFilter | null
  #refused = 0
  #told = 0
  #tellAt = Number.NEGATIVE_INFINITY

  constructor(options: { filter: IpFilter | null; alerts: AlertStream; now: () => number }) {
    this.#filter = options.filter
    this.#alerts = options.alerts
    this.#now = options.now
  }

  /** Takes the place of the one before; what is known and connected is the owner's to look through. */
  set(filter: IpFilter | null): void {
    this.#filter = filter
  }

  get status(): { readonly ranges: number; readonly refused: number } {
    return { ranges: this.#filter?.size ?? 0, refused: this.#refused }
  }

  blocks(host: string): boolean {
    return this.#filter?.blocks(host) ?? false
  }

  /** As `blocks`, of somebody who is to be met: counted, and told of now and then. */
  readonly refuses = (host: string): boolean => {
    if (!this.blocks(host)) return false
    this.#refused++
    const now = this.#now()
    if (now >= this.#tellAt) {
      this.#alerts.emit({ type: 'addresses-blocked', count: this.#refused - this.#told })
      this.#told = this.#refused
      this.#tellAt = now + CLIENT_LIMITS.blockedAlertInterval
    }
    return true
  }
}
