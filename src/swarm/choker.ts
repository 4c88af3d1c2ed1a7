import type { Dice } from '../core/ports.ts'
import { type SlotUser, UploadSlots } from './upload-slots.ts'

/** BEP 3: often enough to follow, slow enough that a peer's rate can show. */
const ROUND = 10_000
/** BEP 3: an optimistic unchoke lasts three rounds. */
const OPTIMISTIC_ROUND = 30_000
/** Bytes that a peer may have had of us beyond what others had before it has to wait for them. */
const LENIENCE = 262_144
/** Bytes that a seed gives to a peer before others come first, and ms that it has for them at least. */
const QUOTA = 8_388_608
const QUOTA_TIME = 30_000

/** What a choker looks at. Rates are payload, bytes a second; totals are bytes. */
export interface ChokerPeer extends SlotUser {
  readonly joinedAt: number
  /** From it to us. */
  readonly downloadRate: { readonly total: number }
  /** From us to it. */
  readonly uploadRate: { readonly total: number; perSecond(now: number): number }
}

/** What is remembered of a peer. */
interface Ledger {
  /** What it had given when the last full round was held. */
  givenBefore: number
  /** When it was unchoked last, and what it had taken by then. */
  unchokedAt: number
  takenBefore: number
  /** When it was last seen unchoked: who waited longest comes next. */
  servedAt: number
}

/**
 * Decides who may download from us (BEP 3). While we download, the slots go to those who gave most in the last round,
 * and where too few give, to those who owe us least: a cheat is in nobody's debt twice. When we are a seed, they go to
 * those who take fastest, until they had their quota. One slot is optimistic: it shows what a peer would give. Full
 * rounds are ten seconds apart; in between, places that became free are filled and nobody loses a place. What other
 * rules came to is told in docs/BENCHMARKS.md.
 */
export class Choker<Peer extends ChokerPeer> {
  /** We have all we want: rank by what peers take instead of what they give. */
  isSeeding = false
  readonly #dice: Dice
  #slots: UploadSlots
  #unchoked = new Set<Peer>()
  #optimistic: Peer | null = null
  #nextRound = Number.NEGATIVE_INFINITY
  #nextOptimistic = Number.NEGATIVE_INFINITY
  readonly #ledgers = new WeakMap<Peer, Ledger>()

  constructor(options: { dice: Dice; slots: number }) {
    this.#dice = options.dice
    this.#slots = new UploadSlots(options.slots)
  }

  /** How many peers may be unchoked at a time. */
  get slots(): number {
    return this.#slots.count
  }

  /** So many as usual, from now on. */
  set slots(usual: number) {
    this.#slots = new UploadSlots(usual)
  }

  /** Somebody could be unchoked without another being choked. */
  get hasPlace(): boolean {
    return this.#unchoked.size < this.slots
  }

  /** When the next full round is due; before any, at once. */
  deadline(): number {
    return this.#nextRound
  }

  /** Whether to `choose` now: for a full round, or since those who are unchoked leave too much unused. */
  isDue(peers: Iterable<Peer>, now: number): boolean {
    return this.#slots.look(peers, this.#unchoked, now) || now >= this.#nextRound
  }

  /**
   * Of all connected peers, those to be unchoked. Useful at `deadline`, and whenever a peer leaves or its interest
   * changes.
   */
  choose(peers: readonly Peer[], now: number): ReadonlySet<Peer> {
    const interested = peers.filter(peer => peer.isInterested)
    const before = this.#unchoked
    if (now >= this.#nextRound) {
      this.#nextRound = now + ROUND
      this.#unchoked = this.#fullRound(interested, now)
      for (const peer of peers) this.#ledgerOf(peer).givenBefore = peer.downloadRate.total
    } else {
      this.#unchoked = this.#fillUp(interested, now)
    }
    for (const peer of this.#unchoked) this.#note(peer, !before.has(peer), now)
    return this.#unchoked
  }

  #note(peer: Peer, isNew: boolean, now: number): void {
    const ledger = this.#ledgerOf(peer)
    ledger.servedAt = now
    if (!isNew) return
    ledger.unchokedAt = now
    ledger.takenBefore = peer.uploadRate.total
  }

  #fullRound(interested: readonly Peer[], now: number): Set<Peer> {
    const ranked = this.#ranked(interested, now)
    const regularSlots = this.slots > 1 ? this.slots - 1 : this.slots
    const chosen = new Set(ranked.slice(0, regularSlots))
    const rest = ranked.slice(regularSlots)
    const isTurnOver = now >= this.#nextOptimistic || !this.#optimistic || !rest.includes(this.#optimistic)
    if (isTurnOver) {
      this.#optimistic = this.#nextInTurn(rest)
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

  /** The best first; of equals, who waited longest. */
  #ranked(interested: readonly Peer[], now: number): Peer[] {
    const ranks = interested.map(peer => ({
      peer,
      ...(this.isSeeding ? this.#rankOfTaker(peer, now) : this.#rankOfGiver(peer)),
      servedAt: this.#ledgerOf(peer).servedAt,
    }))
    ranks.sort((a, b) => b.first - a.first || b.second - a.second || a.servedAt - b.servedAt)
    return ranks.map(rank => rank.peer)
  }

  #rankOfGiver(peer: Peer): { first: number; second: number } {
    const given = peer.downloadRate.total - this.#ledgerOf(peer).givenBefore
    return { first: given, second: -debtOf(peer) }
  }

  /** Who has a slot and no quota any more comes after those who have none. */
  #rankOfTaker(peer: Peer, now: number): { first: number; second: number } {
    if (!this.#unchoked.has(peer)) return { first: 0, second: 0 }
    const { unchokedAt, takenBefore } = this.#ledgerOf(peer)
    const isSated = peer.uploadRate.total - takenBefore > QUOTA && now - unchokedAt >= QUOTA_TIME
    return { first: isSated ? -1 : peer.uploadRate.perSecond(now), second: isSated ? 0 : 1 }
  }

  /** A seed serves who waited longest; a leech draws among those who owe it least, newcomers with them. */
  #nextInTurn(rest: readonly Peer[]): Peer | null {
    const others = rest.filter(peer => peer !== this.#optimistic)
    const candidates = others.length > 0 ? others : rest
    if (candidates.length === 0) return null
    if (this.isSeeding) return candidates.reduce((a, b) => (this.#servedAt(b) < this.#servedAt(a) ? b : a))
    const least = Math.max(0, Math.min(...candidates.map(debtOf)))
    const drawn = candidates.filter(peer => debtOf(peer) <= least + LENIENCE)
    return drawn[this.#dice.below(drawn.length)]!
  }

  #servedAt(peer: Peer): number {
    return this.#ledgerOf(peer).servedAt
  }

  #ledgerOf(peer: Peer): Ledger {
    const known = this.#ledgers.get(peer)
    if (known) return known
    const ledger = { givenBefore: 0, unchokedAt: 0, takenBefore: 0, servedAt: peer.joinedAt }
    this.#ledgers.set(peer, ledger)
    return ledger
  }
}

/** What it had of us beyond what it gave us, bytes. */
function debtOf(peer: ChokerPeer): number {
  return peer.uploadRate.total - peer.downloadRate.total
}
