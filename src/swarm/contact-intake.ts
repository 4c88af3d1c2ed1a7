import { formatAddress } from '../core/address.ts'
import { ProtocolError } from '../core/errors.ts'
import type { PexContact, PexMessage } from '../wire/ut-pex.ts'
import { SWARM_LIMITS } from './limits.ts'

const MINUTE = 60_000

/**
 * How much of what one peer tells of others (BEP 11) is taken: as much as an honest one has to tell. A large first
 * message, then fifty a minute; the rest is passed over, and who sends far too many messages is cut off.
 */
export class ContactIntake {
  /** Contacts that it may tell of now. */
  #credit: number = SWARM_LIMITS.contactsAtFirst
  #creditAt: number
  #minuteBegan: number
  #messages = 0

  constructor(now: number) {
    this.#creditAt = now
    this.#minuteBegan = now
  }

  /** Those that are taken, each once, in their order. Throws `ProtocolError` `pex-flood`. */
  take({ added }: PexMessage, now: number): PexContact[] {
    this.#count(now)
    this.#refill(now)
    const taken = new Map<string, PexContact>()
    for (const contact of added) {
      if (this.#credit < 1) break
      const key = formatAddress(contact.address)
      if (contact.address.port === 0 || taken.has(key)) continue
      this.#credit--
      taken.set(key, contact)
    }
    return [...taken.values()]
  }

  #count(now: number): void {
    if (now >= this.#minuteBegan + MINUTE) {
      this.#minuteBegan = now
      this.#messages = 0
    }
    if (++this.#messages <= SWARM_LIMITS.pexMessages) return
    throw new ProtocolError(
      'pex-flood',
      `the peer told of its peers ${this.#messages} times within a minute; BEP 11 has once`,
    )
  }

  #refill(now: number): void {
    const { contactsAtFirst, contactsAtOnce } = SWARM_LIMITS
    const earned = ((now - this.#creditAt) / MINUTE) * contactsAtOnce
    this.#credit = Math.min(contactsAtFirst, this.#credit + earned)
    this.#creditAt = now
  }
}
