import { type Address, formatAddress, scopeOf } from '../core/address.ts'
import { reaches } from '../core/scope.ts'
import { ContactIntake } from '../swarm/contact-intake.ts'
import { ContactLedger, type Contacts } from '../swarm/contact-ledger.ts'
import type { PeerBook, PeerSource } from '../swarm/peer-book.ts'
import { UT_PEX } from '../wire/extension.ts'
import { decodePex, encodePex, type PexContact } from '../wire/ut-pex.ts'
import { CLIENT_LIMITS } from './limits.ts'
import type { NamedPeer } from './named-peer.ts'
import type { PeerSession } from './peer-session.ts'
import type { Guarded, Timed, Turns } from './turns.ts'

/** BEP 55; nothing is done with it here but to say who speaks it. */
const HOLEPUNCH = 'ut_holepunch'

/** The torrent whose peers are told of one another. */
export interface ExchangeHome extends Guarded {
  readonly book: PeerBook
  readonly peers: Iterable<PeerSession>
  /** BEP 27. Of a magnet it is not known before its metadata. */
  readonly isPrivate: boolean
  /** Null while the metadata is not known. */
  readonly outline: object | null
  found(peers: Iterable<NamedPeer>, source: PeerSource, now: number): void
}

/** What we and one peer told each other. */
interface Partner {
  readonly ledger: ContactLedger
  readonly intake: ContactIntake
  /** No message before, and no look whether there is one. */
  nextAt: number
  /** There may be something that it was not told. */
  isBehind: boolean
}

/**
 * Peer exchange (BEP 11) of one torrent. Peers that speak it are told of those that we are connected to and that can be
 * dialled: first soon after they came, then once a minute at the most, and only where something changed. What they tell
 * goes into the peer book.
 *
 * Of a private torrent (BEP 27) nothing is told and nothing heard. A magnet may turn out to be private: until its
 * metadata is there nothing is told. What is heard meanwhile is taken, as it may be the only way to the metadata; a
 * peer that has the metadata of a private torrent does not tell, and where one did all the same, it is
 * forgotten (`keep-private.ts`).
 */
export class PeerExchange implements Timed {
  readonly #home: ExchangeHome
  readonly #turns: Turns
  readonly #isOn: boolean
  readonly #listenPort: () => number
  /** Null where there never was one. Bounded by `connectionsPerTorrent`. */
  #partners: Map<PeerSession, Partner> | null = null
  #dueAt = Number.POSITIVE_INFINITY

  constructor(options: { home: ExchangeHome; turns: Turns; isOn: boolean; listenPort: () => number }) {
    this.#home = options.home
    this.#turns = options.turns
    this.#isOn = options.isOn
    this.#listenPort = options.listenPort
  }

  /** Whether handshakes offer it. */
  get isOffered(): boolean {
    return this.#isOn && !this.#home.isPrivate
  }

  /** Whether anybody may be told anything. */
  get #mayTell(): boolean {
    return this.isOffered && this.#home.outline !== null
  }

  /** A peer's extension handshake came, perhaps again: it may speak it, and be worth telling of. */
  introduced(peer: PeerSession, now: number): void {
    if (!this.isOffered) return
    if (peer.wire.speaks(UT_PEX)) this.#partner(peer, now)
    this.contactsChanged()
  }

  left(peer: PeerSession): void {
    this.#partners?.delete(peer)
    this.contactsChanged()
  }

  /** Who is connected changed, or whether others may hear of it. */
  contactsChanged(): void {
    if (!this.#partners || !this.#mayTell) return
    for (const partner of this.#partners.values()) partner.isBehind = true
    this.#plan()
  }

  /** Throws `ProtocolError` for a message that is broken, or one too many. */
  received(peer: PeerSession, payload: Uint8Array, now: number): void {
    if (!this.isOffered) return
    const { host } = peer.address
    const contacts = this.#partner(peer, now).intake.take(decodePex(payload), now)
    const found = contacts.filter(contact => this.#isWorthTrying(contact, peer))
    this.#home.found(
      found.map(({ address, isSeed }) => ({ address, isSeed, toldBy: host })),
      'pex',
      now,
    )
  }

  tick(now: number): void {
    if (now < this.#dueAt || !this.#partners || !this.#mayTell) return
    const contacts = this.#contacts()
    for (const [peer, partner] of this.#partners) {
      if (partner.isBehind && partner.nextAt <= now) this.#tell(peer, partner, contacts, now)
    }
    this.#plan()
  }

  deadline(): number {
    return this.#dueAt
  }

  fail(error: unknown, now: number): void {
    this.#home.fail(error, now)
  }

  #partner(peer: PeerSession, now: number): Partner {
    this.#partners ??= new Map()
    const known = this.#partners.get(peer)
    if (known) return known
    const partner = {
      ledger: new ContactLedger(),
      intake: new ContactIntake(now),
      nextAt: now + CLIENT_LIMITS.firstPexAfter,
      isBehind: true,
    }
    this.#partners.set(peer, partner)
    return partner
  }

  /** Nothing is to be sent where nobody is behind: an idle swarm costs no turns. */
  #plan(): void {
    this.#dueAt = Number.POSITIVE_INFINITY
    for (const { isBehind, nextAt } of this.#partners?.values() ?? [])
      if (isBehind) this.#dueAt = Math.min(this.#dueAt, nextAt)
    this.#turns.heed(this)
  }

  #tell(peer: PeerSession, partner: Partner, all: Contacts, now: number): void {
    const contacts = contactsFor(peer, all)
    const news = peer.wire.speaks(UT_PEX) ? partner.ledger.news(contacts) : null
    partner.isBehind = news !== null && !partner.ledger.isUpToDate(contacts)
    partner.nextAt = now + (news ? CLIENT_LIMITS.pexInterval : CLIENT_LIMITS.firstPexAfter)
    if (news) peer.extended(UT_PEX, encodePex(news))
  }

  /** Everybody who can be dialled, as far as we know. */
  #contacts(): Contacts {
    const contacts = new Map<string, PexContact>()
    for (const peer of this.#home.peers) {
      const { listensAt } = peer
      if (!listensAt) continue
      const key = formatAddress(listensAt)
      const known = contacts.get(key)
      // Several may say that they listen at one place; who was dialled there does.
      if (!known?.isReachable) contacts.set(key, contactOf(peer, listensAt))
    }
    return contacts
  }

  /** Nobody sends us where only the sender gets to, or back to ourselves. */
  #isWorthTrying({ address }: PexContact, peer: PeerSession): boolean {
    if (!reaches(scopeOf(peer.address.host), scopeOf(address.host))) return false
    if (address.port !== this.#listenPort()) return true
    return address.host !== peer.localHost && !this.#home.book.isOurs(address)
  }
}

function contactOf(peer: PeerSession, address: Address): PexContact {
  return {
    address,
    prefersEncryption: false,
    isSeed: peer.peer ? peer.peer.isSeed || peer.peer.isUploadOnly : false,
    hasUtp: false,
    hasHolepunch: peer.wire.speaks(HOLEPUNCH),
    isReachable: !peer.isIncoming,
  }
}

/** Not the peer itself, nor who is nearer to us than it is. */
function contactsFor(peer: PeerSession, all: Contacts): Contacts {
  const scope = scopeOf(peer.address.host)
  const itself = peer.listensAt && formatAddress(peer.listensAt)
  return new Map(
    [...all].filter(([key, { address }]) => key !== itself && reaches(scope, scopeOf(address.host))),
  )
}
