import type { Family } from '../core/address.ts'

/** How one of the session's nodes in the DHT is doing. */
export interface DhtStatus {
  readonly family: Family
  /** Other nodes that it knows, and that answer. */
  readonly nodes: number
  /** Where others see us; null while too few say. */
  readonly externalHost: string | null
  /** What others have it keep: info-hashes with peers, and items. */
  readonly storedSwarms: number
  readonly storedItems: number
}
