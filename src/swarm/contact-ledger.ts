import type { Address } from '../core/address.ts'
import type { PexContact, PexMessage } from '../wire/ut-pex.ts'
import { SWARM_LIMITS } from './limits.ts'

/** The contacts that there are, by their formatted addresses. */
export type Contacts = ReadonlyMap<string, PexContact>

/** Which contacts one peer was told of (BEP 11), and what there is to add to that and to take back. */
export class ContactLedger {
  /** Bounded by what is added: the connections of a torrent, and those that are yet to be taken back. */
  readonly #told = new Map<string, Address>()
  #isFirst = true

  /**
   * The next message, which counts as sent; null where there is nothing to say. After the first one, which tells of all,
   * `contactsAtOnce` are added and as many dropped at the most: more is for the next one.
   */
  news(contacts: Contacts): PexMessage | null {
    const most = this.#isFirst ? SWARM_LIMITS.contactsAtFirst : SWARM_LIMITS.contactsAtOnce
    const dropped = [...this.#told].filter(([key]) => !contacts.has(key)).slice(0, most)
    const added = [...contacts].filter(([key]) => !this.#told.has(key)).slice(0, most)
    if (added.length === 0 && dropped.length === 0) return null
    this.#isFirst = false
    for (const [key] of dropped) this.#told.delete(key)
    for (const [key, { address }] of added) this.#told.set(key, address)
    return { added: added.map(([, contact]) => contact), dropped: dropped.map(([, address]) => address) }
  }

  /** Whether the peer knows all there is. */
  isUpToDate(contacts: Contacts): boolean {
    if (this.#told.size !== contacts.size) return false
    for (const key of this.#told.keys()) if (!contacts.has(key)) return false
    return true
  }
}
