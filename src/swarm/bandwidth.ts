import { Channel, GRANT_UNIT } from './bandwidth-channel.ts'

export { Channel } from './bandwidth-channel.ts'

export type Direction = 'up' | 'down'

/**
 * One place where all limits are kept: of the session, of classes, torrents and peers. A channel is one limit in one
 * direction; an account is one who sends or asks, and draws on several channels at once.
 *
 * - `take` grants at once where nobody else waits; else the account gets in line, and `ready` names it at its turn.
 * - Those who wait for a channel get equal parts of it, and what one does not need goes to the others.
 */
export class BandwidthScheduler {
  /** First come, first served. Bounded by the accounts, each once. */
  #waiting: Account[] = []
  /** Named by the last `ready`, with credit that they may have left untouched. Bounded likewise. */
  #named: Account[] = []
  #round = 0
  /** Grows when a limit comes or goes: accounts then look anew at which of their channels have one. */
  revision = 0
  /** Called when someone gets in line: the deadline may be nearer than it was. */
  onWait: () => void = () => undefined

  /** A new limit, in bytes per second; Infinity for none. */
  channel(name: string, bytesPerSecond: number): Channel {
    const channel = new Channel(name, bytesPerSecond)
    channel.onToggle = () => this.revision++
    return channel
  }

  account(channels: readonly Channel[], direction: Direction): Account {
    return new Account({ channels, direction, line: this })
  }

  /** The accounts whose turn has come, with credit set aside for them: each is to `take` now. */
  ready(now: number): Account[] {
    for (const account of this.#named) account.forgoCredit()
    this.#named = []
    if (this.#waiting.length === 0) return this.#named
    for (let isMore = true; isMore; ) {
      isMore = false
      this.#round++
      for (const account of this.#waiting) if (account.setAside(this.#round, now)) isMore = true
    }
    const waiting = this.#waiting
    this.#waiting = []
    for (const account of waiting) {
      if (account.credit === 0) this.#waiting.push(account)
      else {
        account.leaveLine()
        this.#named.push(account)
      }
    }
    return [...this.#named]
  }

  /** When `ready` is next useful; Infinity where nobody waits. */
  deadline(): number {
    let earliest = Number.POSITIVE_INFINITY
    for (const account of this.#waiting) earliest = Math.min(earliest, account.readyAt())
    return earliest
  }

  /** An account gets in line. Called by accounts. */
  enqueue(account: Account): void {
    this.#waiting.push(account)
    this.onWait()
  }

  /** An account gets out of line. Called by accounts. */
  remove(account: Account): void {
    this.#waiting = this.#waiting.filter(other => other !== account)
    this.#named = this.#named.filter(other => other !== account)
  }
}

/** What an account asks of the scheduler it belongs to. */
interface Line {
  readonly revision: number
  enqueue(account: Account): void
  remove(account: Account): void
}

/** One who spends: a peer's uploads, or what is asked of a peer. All its channels have to agree. */
export class Account {
  readonly direction: Direction
  #channels: readonly Channel[]
  /** Those of them that have a limit, as of `#revision` of the line. */
  #limited: readonly Channel[] = []
  #revision = -1
  readonly #line: Line
  #wanted = 0
  #credit = 0
  #isWaiting = false

  constructor(options: { channels: readonly Channel[]; direction: Direction; line: Line }) {
    this.#channels = options.channels
    this.direction = options.direction
    this.#line = options.line
  }

  /** Bytes set aside for this account at its turn. */
  get credit(): number {
    return this.#credit
  }

  /** A limit holds for it. */
  get isLimited(): boolean {
    return this.#limits().length > 0
  }

  /**
   * Asks for bytes and spends what is granted: all of it, or a whole number of 16 KiB blocks, or nothing. Who gets less
   * than it wanted is in line, and is named by `ready`.
   */
  take(wanted: number, now: number): number {
    if (wanted <= 0) return 0
    const isFree = this.#limits().length === 0
    if (isFree && !this.#isWaiting && this.#credit === 0) return wanted
    if (this.#credit > 0) return this.#takeCredit(wanted)
    if (!this.#othersWait()) {
      const granted = this.#grant(wanted, this.#available(now))
      if (granted === wanted) this.#leave()
      else this.#waitFor(wanted - granted)
      return granted
    }
    this.#waitFor(wanted)
    return 0
  }

  /** Notes bytes that went without asking: overhead. It is never refused; whoever asks next waits until it is paid. */
  spend(bytes: number, now: number): void {
    for (const channel of this.#limits()) channel.charge(bytes, now)
  }

  /** Returns bytes that were taken and not used. */
  giveBack(bytes: number): void {
    for (const channel of this.#limits()) channel.refund(bytes)
  }

  /** Has no use for more until it asks again: gets out of line, so that nobody is woken for nothing. */
  stepOut(): void {
    this.forgoCredit()
    this.#leave()
  }

  /** Draws on other channels from now on; what it took of the old ones stays taken. */
  drawOn(channels: readonly Channel[]): void {
    this.forgoCredit()
    if (this.#isWaiting) {
      for (const channel of this.#channels) channel.waiters--
      for (const channel of channels) channel.waiters++
    }
    this.#channels = channels
    this.#revision = -1
  }

  /** A limit that both draw on is not used up, nor any other that holds for this one. */
  hasSpareBeside(other: Account, now: number): boolean {
    const limits = this.#limits()
    const isShared = limits.some(channel => other.#channels.includes(channel))
    return isShared && limits.every(channel => channel.isFull(now))
  }

  /** Wants nothing more. */
  close(): void {
    this.stepOut()
    this.#line.remove(this)
  }

  /** Adds this round's share to the credit; false where there is none, or enough. Called by the scheduler. */
  setAside(round: number, now: number): boolean {
    const missing = this.#wanted - this.#credit
    if (missing <= 0) return false
    let share = Number.POSITIVE_INFINITY
    for (const channel of this.#limits()) share = Math.min(share, channel.share(round, now))
    const granted = this.#grant(Math.min(missing, wholeBlocks(share, missing)), this.#available(now))
    this.#credit += granted
    return granted > 0
  }

  /** Its turn has come. Called by the scheduler. */
  leaveLine(): void {
    if (!this.#isWaiting) return
    this.#isWaiting = false
    this.#wanted = 0
    for (const channel of this.#channels) channel.waiters--
  }

  /** Its turn is over, whatever it took. Called by the scheduler. */
  forgoCredit(): void {
    this.giveBack(this.#credit)
    this.#credit = 0
  }

  /** When all channels will have something. */
  readyAt(): number {
    let at = Number.NEGATIVE_INFINITY
    for (const channel of this.#limits()) at = Math.max(at, channel.readyAt(this.#wanted))
    return at
  }

  /** Of its limits the one that keeps it waiting longest; null where it does not wait. */
  get heldUpBy(): Channel | null {
    if (!this.#isWaiting) return null
    const limits = this.#limits()
    const last = Math.max(...limits.map(channel => channel.readyAt(this.#wanted)))
    return limits.find(channel => channel.readyAt(this.#wanted) === last) ?? null
  }

  #takeCredit(wanted: number): number {
    const granted = wholeBlocks(this.#credit, wanted)
    this.#credit -= granted
    if (granted === wanted) this.forgoCredit()
    else this.#waitFor(wanted - granted)
    return granted
  }

  #grant(wanted: number, available: number): number {
    if (available <= 0) return 0
    const granted = wholeBlocks(available, wanted)
    for (const channel of this.#limits()) channel.spend(granted)
    return granted
  }

  #available(now: number): number {
    let available = Number.POSITIVE_INFINITY
    for (const channel of this.#limits()) available = Math.min(available, channel.available(now))
    return available
  }

  #othersWait(): boolean {
    const own = this.#isWaiting ? 1 : 0
    return this.#limits().some(channel => channel.waiters > own)
  }

  #limits(): readonly Channel[] {
    if (this.#revision !== this.#line.revision) {
      this.#limited = this.#channels.filter(channel => channel.isLimited)
      this.#revision = this.#line.revision
    }
    return this.#limited
  }

  #waitFor(wanted: number): void {
    this.#wanted = wanted
    if (this.#isWaiting) return
    this.#isWaiting = true
    for (const channel of this.#channels) channel.waiters++
    this.#line.enqueue(this)
  }

  #leave(): void {
    if (!this.#isWaiting) return
    this.leaveLine()
    this.#line.remove(this)
  }
}

/** What of `wanted` can be granted from so much: all, or whole blocks, at least one. */
function wholeBlocks(available: number, wanted: number): number {
  if (available >= wanted) return wanted
  return Math.min(wanted, Math.max(GRANT_UNIT, Math.floor(available / GRANT_UNIT) * GRANT_UNIT))
}
