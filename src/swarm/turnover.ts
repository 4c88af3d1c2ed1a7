/** So long a peer may show what it is worth. */
const WINDOW = 60_000
/** Between two who have to go: also where all are weak, most of them stay for long. */
const INTERVAL = 10_000
/** Bytes a second that no line of today is too slow for. */
const TRICKLE = 4096
/** Weak is also who sends less than this share of what the peers send on average. */
const WEAK_SHARE = 1 / 8

/** What is looked at of a peer. Rates are payload. */
export interface TurnoverPeer {
  readonly joinedAt: number
  readonly isChoking: boolean
  readonly isInterested: boolean
  readonly amInterested: boolean
  readonly requests: { readonly outstanding: number; isSnubbed(now: number): boolean }
  readonly downloadRate: { readonly total: number }
  readonly uploadRate: { readonly total: number }
}

/** A torrent whose places are all taken. */
export interface Crowd<Peer> {
  readonly peers: Iterable<Peer>
  readonly isComplete: boolean
}

/** Canonical peer priority (BEP 40). */
type PriorityOf<Peer> = (peer: Peer) => number

/** What a peer gave or took in the last full window, bytes a second; and when and where the next one began. */
interface Mark {
  since: number
  total: number
  perSecond: number
}

/**
 * Where a torrent is full, useless peers make place for others, six in a minute at most. While we download, useless
 * is who sends nothing or trickles though asked, or has nothing for us; when we are complete, who wants nothing. Who
 * sends well is never touched, nor who is not asked because of our own limits.
 */
export class Turnover<Peer extends TurnoverPeer> {
  /** Null until it is needed: most torrents are never full. */
  #marks: WeakMap<Peer, Mark> | null = null
  #nextTry = Number.NEGATIVE_INFINITY
  #nextLeave = Number.NEGATIVE_INFINITY

  /** When `mayTry` may say yes again. */
  get deadline(): number {
    return this.#nextTry
  }

  /** Whether somebody is to be dialled though the torrent is full: if it answers, one of the weak makes place. */
  mayTry(crowd: Crowd<Peer> | null, now: number): boolean {
    if (!crowd || now < this.#nextTry) return false
    this.#nextTry = now + INTERVAL
    return this.#weakest(crowd, now) !== null
  }

  /**
   * Who makes place for somebody who stands at the door; null where nobody has to, or the last one went just now. Of
   * equals, `priorityOf` decides who is kept.
   */
  makesPlace(crowd: Crowd<Peer> | null, now: number, priorityOf?: PriorityOf<Peer>): Peer | null {
    if (!crowd || now < this.#nextLeave) return null
    const weakest = this.#weakest(crowd, now, priorityOf)
    if (weakest) this.#nextLeave = now + INTERVAL
    return weakest
  }

  #weakest(
    { peers, isComplete }: Crowd<Peer>,
    now: number,
    priorityOf: PriorityOf<Peer> = () => 0,
  ): Peer | null {
    const judged = [...peers].map(peer => ({ peer, perSecond: this.#measure(peer, isComplete, now) }))
    const sum = judged.reduce((total, { perSecond }) => total + (perSecond || 0), 0)
    const enough = isComplete ? Number.MIN_VALUE : Math.max(TRICKLE, (sum / judged.length) * WEAK_SHARE)
    let weakest: { peer: Peer; perSecond: number } | null = null
    for (const candidate of judged) {
      // Not a number: it came just now.
      if (!(candidate.perSecond < enough) || !isIdle(candidate.peer, isComplete, now)) continue
      const order = weakest === null ? -1 : candidate.perSecond - weakest.perSecond
      const isWeaker = order < 0 || (order === 0 && priorityOf(candidate.peer) < priorityOf(weakest!.peer))
      if (isWeaker) weakest = candidate
    }
    return weakest?.peer ?? null
  }

  #measure(peer: Peer, isComplete: boolean, now: number): number {
    const { total } = isComplete ? peer.uploadRate : peer.downloadRate
    this.#marks ??= new WeakMap()
    let mark = this.#marks.get(peer)
    if (!mark) {
      mark = { since: peer.joinedAt, total: 0, perSecond: Number.NaN }
      this.#marks.set(peer, mark)
    }
    if (now - mark.since >= WINDOW) {
      mark.perSecond = (Math.max(0, total - mark.total) * 1000) / (now - mark.since)
      mark.since = now
      mark.total = total
    }
    return mark.perSecond
  }
}

/** That little comes of it is its own doing: not so of one that could be asked and is not. */
function isIdle(peer: TurnoverPeer, isComplete: boolean, now: number): boolean {
  if (isComplete) return !peer.isInterested
  const { requests } = peer
  return peer.isChoking || !peer.amInterested || requests.outstanding > 0 || requests.isSnubbed(now)
}
