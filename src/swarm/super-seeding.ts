import type { Bitfield } from '../core/bitfield.ts'

/** After so long without a new piece a peer is told of one more: who had its last one may not pass it on. */
const PATIENCE = 30_000

/** A peer of a torrent that is super-seeded. */
export interface SuperSeededPeer {
  /** Kept up to date by others. */
  readonly has: Bitfield
  readonly link: { have(piece: number): void }
}

interface Offer {
  /** Null: it was told of none, or what it was told of went round. */
  piece: number | null
  /** When it got something new: an offer, or a piece from whomever. */
  movedAt: number
  readonly told: Set<number>
}

/**
 * Super-seeding (BEP 16): a complete torrent shows itself empty, and tells each peer of one piece at a time, which
 * nobody else has or was told of. Only when another peer has it, it is told of the next: so a piece leaves the first
 * seed hardly more often than once, and who passes nothing on gets nothing more. Where nobody could pass a piece on,
 * the peer's own HAVE is enough.
 */
export class SuperSeeding<Peer extends SuperSeededPeer> {
  readonly #have: Bitfield
  readonly #availability: (piece: number) => number
  /** Bounded by the connections of the torrent; what was told by its pieces. */
  readonly #offers = new Map<Peer, Offer>()
  /** How many peers are told of each piece now. */
  readonly #offered: Uint16Array

  /** `have`: what we have; `availability`: how many of our peers have a piece. */
  constructor(options: { have: Bitfield; availability: (piece: number) => number }) {
    this.#have = options.have
    this.#availability = options.availability
    this.#offered = new Uint16Array(options.have.length)
  }

  joined(peer: Peer, now: number): void {
    this.#offers.set(peer, { piece: null, movedAt: now, told: new Set() })
    this.#offerNext(peer, now)
  }

  left(peer: Peer): void {
    const offer = this.#offers.get(peer)
    if (offer) this.#withdraw(offer)
    this.#offers.delete(peer)
  }

  /** A peer has a piece more, and `has` says so: those who were told of it may be told of the next. */
  has(peer: Peer, piece: number, now: number): void {
    const own = this.#offers.get(peer)
    if (own) own.movedAt = now
    for (const [other, offer] of this.#offers) {
      if (offer.piece !== piece) continue
      if (other !== peer || this.#wentRound(other, piece)) this.#offerNext(other, now)
    }
    if (own?.piece === null) this.#offerNext(peer, now)
  }

  /** A peer said what it has: an offer that it has no use for is followed by another. */
  hasMany(peer: Peer, now: number): void {
    const offer = this.#offers.get(peer)
    if (offer && (offer.piece === null || peer.has.has(offer.piece))) this.#offerNext(peer, now)
  }

  /** Who waited too long gets a piece that others have or were told of. */
  tick(now: number): void {
    for (const [peer, offer] of this.#offers) {
      if (now - offer.movedAt < PATIENCE || (offer.piece !== null && !peer.has.has(offer.piece))) continue
      this.#offerNext(peer, now, { isForced: true })
    }
  }

  /** It was told of the piece, and may ask for it. */
  wasTold(peer: Peer, piece: number): boolean {
    return this.#offers.get(peer)?.told.has(piece) ?? false
  }

  /** Another peer has the piece, or there is none that lacks it. */
  #wentRound(peer: Peer, piece: number): boolean {
    let lack = 0
    for (const other of this.#offers.keys()) {
      if (other === peer) continue
      if (other.has.has(piece)) return true
      lack++
    }
    return lack === 0
  }

  #offerNext(peer: Peer, now: number, options: { isForced?: boolean } = {}): void {
    const offer = this.#offers.get(peer)!
    this.#withdraw(offer)
    const piece = this.#rarestFor(peer, offer, options.isForced ?? false)
    if (piece === null) return
    offer.piece = piece
    offer.movedAt = now
    offer.told.add(piece)
    this.#offered[piece]!++
    peer.link.have(piece)
  }

  /** Peers that are alone get what is rarest; else only what nobody has and nobody was told of. */
  #rarestFor(peer: Peer, offer: Offer, isForced: boolean): number | null {
    let rarest: number | null = null
    let fewest = isForced || this.#offers.size === 1 ? Number.POSITIVE_INFINITY : 1
    for (const piece of this.#have) {
      if (peer.has.has(piece) || offer.told.has(piece)) continue
      const copies = this.#availability(piece) + this.#offered[piece]!
      if (copies >= fewest) continue
      rarest = piece
      fewest = copies
      if (copies === 0) break
    }
    return rarest
  }

  #withdraw(offer: Offer): void {
    if (offer.piece !== null) this.#offered[offer.piece]!--
    offer.piece = null
  }
}
