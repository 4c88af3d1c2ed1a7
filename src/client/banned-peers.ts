import type { Address } from '../core/address.ts'
import { BoundedMap } from '../core/bounded-map.ts'
import { formatHex } from '../core/bytes.ts'
import { scopeOf } from '../core/scope.ts'
import type { PeerBook } from '../swarm/peer-book.ts'
import { CLIENT_LIMITS } from './limits.ts'

/**
 * Who is not talked to any more for having sent wrong data. It is the host that is shut out; on this machine the host is
 * everyone, and there it is the peer's id.
 */
export class BannedPeers {
  readonly #book: PeerBook
  /** Bounded by `bannedIds`. */
  readonly #ids = new BoundedMap<string, true>({ limit: CLIENT_LIMITS.bannedIds })

  constructor(book: PeerBook) {
    this.#book = book
  }

  has(at: Address, peerId: Uint8Array): boolean {
    return this.#book.isBanned(at.host) || this.#ids.has(formatHex(peerId))
  }

  /** False where it was shut out before: several of a peer's pieces may be judged at once, and some when it is gone. */
  add(at: Address, peerId: Uint8Array): boolean {
    if (this.has(at, peerId)) return false
    if (scopeOf(at.host) === 'loopback') this.#ids.set(formatHex(peerId), true)
    else this.#book.ban(at.host)
    return true
  }
}
