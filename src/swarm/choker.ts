import type { Dice } from '../core/ports.ts'

/** BEP 3: often enough to follow, slow enough that a peer's rate can show. */
const ROUND = 10_000
/** BEP 3: an optimistic unchoke lasts three rounds. */
const OPTIMISTIC_ROUND = 30_000
/** BEP 3: a new peer is three times as likely to be the optimistic unchoke, to get its first piece. */
const NEWCOMER_CHANCES = 3
const NEWCOMER_AGE = 60_000

/** What a choker looks at. Rates are payload, bytes a second. */
export interface ChokerPeer {
  /** It wants something that we have. */
  readonly isInterested: boolean
  readonly joinedAt: number
  /** From it to us. */
  readonly downloadRate: { perSecond(now: number): number }
  /** From us to it. */
  readonly uploadRate: { perSecond(now: number): number }
}

/**
 * Decides who may download from us (BEP 3). While we download, the slots go to those who give most; when we are a
 * seed, to those who take fastest. One slot is optimistic: it shows what a peer would give. Full rounds are ten seconds
 * apart; in between, places that became free are filled and nobody loses a place.
 */
export class Choker<Peer extends ChokerPeer> {
  /** How many peers may be unchoked at a time. */
  slots: number
  /** We have all we want: rank by what peers take instead of what they give. */
  isSeeding = false
  readonly #dice: Dice
  #unchoked = new Set<Peer>()
  #optimistic: Peer | null = null
  #nextRound = Number.NEGATIVE_INFINITY
  #nextOptimistic = Number.NEGATIVE_INFINITY
  /** When each peer was last unchoked: who waited longest comes next. */
  readonly #servedAt = new WeakMap<Peer, number>()

  constructor(options: { dice: Dice; slots: number }) {
    this.#dice = options.dice
    this.slots = options.slots
  }

  /** Somebody could be unchoked without another being choked. */
  get hasPlace(): boolean {
    return this.#unchoked.size < this.slots
  }

  /** When the next full round is due; before any, at once. */
  deadline(): number {
    return this.#nextRound
  }

  /**
   * Of all connected peers, those to be unchoked. Useful at `deadline`, and whenever a peer leaves or its interest
   * changes.
   */
  choose(peers: readonly Peer[], now: number): ReadonlySet<Peer> {
    const interested = peers.filter(peer => peer.isInterested)
    if (now >= this.#nextRound) {
      this.#nextRound = now + ROUND
      this.#unchoked = this.#fullRound(interested, now)
    } else {
      this.#unchoked = this.#fillUp(interested, now)
    }
    for (const peer of this.#unchoked) this.#servedAt.set(peer, now)
    return this.#unchoked
  }

  #fullRound(interested: readonly Peer[], now: number): Set<Peer> {
    const ranked = this.#ranked(interested, now)
    const regularSlots = this.slots > 1 ? this.slots - 1 : this.slots
    const chosen = new Set(ranked.slice(0, regularSlots))
    const rest = ranked.slice(regularSlots)
    const isTurnOver = now >= this.#nextOptimistic || !this.#optimistic || !rest.includes(this.#optimistic)
    if (isTurnOver) {
      this.#optimistic = this.#nextInTurn(rest, now)
      this.#nextOptimistic = now + OPTIMISTIC_ROUND
    }
    if (this.#optimistic && chosen.size < this.slots) chosen.add(this.#optimistic)
    return chosen
  }

  #fillUp(interested: readonly Peer[], now: number): Set<Peer> {
    const chosen = new Set(interested.filter(peer => this.#unchoked.has(peer)).slice(0, this.slots))
    if (chosen.size === this.slots || chosen.size === interested.length) return chosen
    for (const peer of this.#ranked(interested, now)) {
      if (chosen.size >= this.slots) break
      chosen.add(peer)
    }
    return chosen
  }

  /** The best first; of equals, who has a place already, and then who waited longest. */
  #ranked(interested: readonly Peer[], now: number): Peer[] {
    const ranks = interested.map(peer => {
      const rate = this.isSeeding ? peer.uploadRate : peer.downloadRate
      return { peer, rate: rate.perSecond(now), isUnchoked: this.#unchoked.has(peer) }
    })
    ranks.sort(
      (a, b) =>
        b.rate - a.rate ||
        Number(b.isUnchoked) - Number(a.isUnchoked) ||
        this.#waitingSince(a.peer) - this.#waitingSince(b.peer),
    )
    return ranks.map(rank => rank.peer)
  }

  /** A seed serves who waited longest; a leech draws, with newcomers in the urn three times. */
  #nextInTurn(rest: readonly Peer[], now: number): Peer | null {
    const others = rest.filter(peer => peer !== this.#optimistic)
    const candidates = others.length > 0 ? others : rest
    if (candidates.length === 0) return null
    if (this.isSeeding) {
      return candidates.reduce((a, b) => (this.#waitingSince(b) < this.#waitingSince(a) ? b : a))
    }
    const urn = candidates.flatMap(peer => {
      const isNewcomer = now - peer.joinedAt < NEWCOMER_AGE
      return isNewcomer ? Array<Peer>(NEWCOMER_CHANCES).fill(peer) : [peer]
    })
    return urn[this.#dice.below(urn.length)]!
  }

  #waitingSince(peer: Peer): number {
    return this.#servedAt.get(peer) ?? peer.joinedAt
  }
}
