/** How often it is asked whether there are slots enough, ms. */
const LOOK = 500
/** A limit that was used up for so long is used up without the last slot too, perhaps. */
const CALM = 20_000
/** More would give each next to nothing, whatever the limit. */
const MOST = 50

/** What shows whether more slots would bring more. */
export interface SlotUser {
  /** It wants something that we have. */
  readonly isInterested: boolean
  /** What it draws on when we send; without it nothing is known of limits. */
  readonly upload?: UploadCredit
}

export interface UploadCredit {
  /** A limit that both draw on leaves something unused, and no other limit would hold this one back. */
  hasSpareBeside(other: UploadCredit, now: number): boolean
}

/**
 * How many peers may be unchoked at a time: as many as usual, and where these cannot take all that an upload limit grants,
 * more, by halves, until it is used up or nobody waits. Without a limit nothing says how much there is to give: then the
 * number stays.
 */
export class UploadSlots {
  readonly #usual: number
  #count: number
  #nextLook = Number.NEGATIVE_INFINITY
  #calmSince = Number.POSITIVE_INFINITY

  constructor(usual: number) {
    this.#usual = usual
    this.#count = usual
  }

  get count(): number {
    return this.#count
  }

  /** Looks whether all is used that may be; true where there are more slots than before. */
  look<Peer extends SlotUser>(peers: Iterable<Peer>, unchoked: ReadonlySet<Peer>, now: number): boolean {
    if (now < this.#nextLook) return false
    this.#nextLook = now + LOOK
    const [served] = unchoked
    if (unchoked.size < this.#count || !served?.upload) return false
    const before = this.#count
    if (isWaitingInVain(peers, unchoked, served.upload, now)) {
      this.#calmSince = Number.POSITIVE_INFINITY
      this.#count = Math.max(before, Math.min(MOST, before + Math.ceil(before / 2)))
    } else if (this.#count > this.#usual) this.#settle(now)
    return this.#count > before
  }

  /** One slot less, now and then: whether it is missed shows. */
  #settle(now: number): void {
    this.#calmSince = Math.min(this.#calmSince, now)
    if (now < this.#calmSince + CALM) return
    this.#calmSince = now
    this.#count--
  }
}

/** Somebody is choked who could have what those who are not leave. */
function isWaitingInVain<Peer extends SlotUser>(
  peers: Iterable<Peer>,
  unchoked: ReadonlySet<Peer>,
  served: UploadCredit,
  now: number,
): boolean {
  for (const peer of peers) {
    if (!peer.isInterested || unchoked.has(peer)) continue
    if (peer.upload?.hasSpareBeside(served, now)) return true
  }
  return false
}
