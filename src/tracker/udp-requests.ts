/**
 * What is asked of trackers over UDP, and what of it waits for an answer (BEP 15). It has neither sockets nor a clock: the
 * owner sends what it hands out, hands in what was received, and calls `tick` at its `deadline`.
 *
 * - A tracker is asked for a connection id first, once for all that wait for it; the id serves for a minute.
 * - What is not answered is sent again after 15 * 2^n seconds, n from 0 to 8, and as a connect where the id has run out
 *   meanwhile. The clock of a tracker goes on as long as anybody waits for it.
 * - Whoever asks is told after `answerPatience` that the tracker does not answer, so that another one can be asked.
 */

import { type Address, formatAddress } from '../core/address.ts'
import { readU32 } from '../core/bytes.ts'
import { TrackerError } from '../core/errors.ts'
import { Deadlines } from '../core/deadlines.ts'
import type { Secrets } from '../core/ports.ts'
import type { AnnounceRequest, AnnounceResponse, ScrapeEntry } from './announce.ts'
import { TRACKER_LIMITS } from './limits.ts'
import { UDP_DEFAULTS } from './options.ts'
import {
  decodeUdpAnswer,
  encodeAnnounce,
  encodeConnect,
  encodeScrape,
  type UdpCounts,
  type UdpTrackerAnswer,
} from './udp-codec.ts'

/** How long a connection id may be used (BEP 15), ms. */
const CONNECTION_LIFETIME = 60_000
/** The `n` of 15 * 2^n. */
const LAST_RETRY = 8

/** An announce to one address of a tracker. */
export interface UdpAnnounce {
  readonly to: Address
  readonly request: AnnounceRequest
  /** See `encodeAnnounce`. */
  readonly urlData: string
  /** Called once, unless the order is taken back: `tracker-refused` or `tracker-unreachable` where it is an error. */
  readonly told: (outcome: AnnounceResponse | TrackerError) => void
}

/** A question for the counts of swarms. */
export interface UdpScrape {
  readonly to: Address
  /** 20 bytes each, no more than `scrapeHashes`. */
  readonly infoHashes: readonly Uint8Array[]
  /** As in `UdpAnnounce`. Swarms that the tracker said nothing of are missing. */
  readonly told: (outcome: ScrapeEntry[] | TrackerError) => void
}

interface Ask {
  readonly order: UdpAnnounce | UdpScrape
  readonly tracker: Tracker
  readonly givesUpAt: number
  /** Null while it waits for a connection id or its turn. */
  transactionId: number | null
  retries: number
  /** It was refused because of its connection id, and had another one. */
  hasReconnected: boolean
}

interface Tracker {
  readonly to: Address
  readonly key: string
  connectionId: Uint8Array | null
  /** Until then the id is good. */
  expiresAt: number
  /** Of the connect that is under way; null where none is. */
  connectId: number | null
  retries: number
  /** In the order in which they asked. Bounded by the torrents of the owner. */
  readonly waiting: Set<Ask>
  readonly underWay: Set<Ask>
}

export class UdpRequests {
  readonly #secrets: Secrets
  readonly #send: (datagram: Uint8Array, to: Address) => void
  /** By address. Those that nobody waits for are forgotten when there are too many. */
  readonly #trackers = new Map<string, Tracker>()
  /** By transaction id. Bounded by `udpAsksAtOnce` for each tracker. */
  readonly #sent = new Map<number, Ask | Tracker>()
  /** When an ask is given up or sent again, and when a tracker is connected to again. */
  readonly #deadlines = new Deadlines<Ask | Tracker>()

  constructor(options: { secrets: Secrets; send: (datagram: Uint8Array, to: Address) => void }) {
    this.#secrets = options.secrets
    this.#send = options.send
  }

  /** Asks as soon as it may; what is returned takes the order back. */
  announce(order: UdpAnnounce, now: number): () => void {
    return this.#take(order, now)
  }

  /** Likewise. */
  scrape(order: UdpScrape, now: number): () => void {
    return this.#take(order, now)
  }

  /** False for what answers nothing that was asked: it may be somebody else's, or forged. */
  received(datagram: Uint8Array, from: Address, now: number): boolean {
    const answer = decodeUdpAnswer(datagram, from.family)
    const asked = answer && this.#sent.get(answer.transactionId)
    if (!answer || !asked) return false
    const tracker = 'order' in asked ? asked.tracker : asked
    if (tracker.key !== formatAddress(from)) return false
    if ('order' in asked) this.#answered(asked, answer)
    else this.#connected(asked, answer, now)
    this.#goOn(tracker, now)
    return true
  }

  tick(now: number): void {
    for (let due = this.#deadlines.take(now); due !== null; due = this.#deadlines.take(now)) {
      if ('order' in due) this.#late(due, now)
      else this.#connectAgain(due, now)
    }
  }

  /** Monotonic ms of the next time that `tick` has something to do. */
  deadline(): number {
    return this.#deadlines.next()
  }

  #take(order: UdpAnnounce | UdpScrape, now: number): () => void {
    const tracker = this.#trackerAt(order.to)
    const ask: Ask = {
      order,
      tracker,
      givesUpAt: now + UDP_DEFAULTS.answerPatience,
      transactionId: null,
      retries: 0,
      hasReconnected: false,
    }
    tracker.waiting.add(ask)
    this.#deadlines.set(ask, ask.givesUpAt)
    this.#goOn(tracker, now)
    return () => this.#drop(ask)
  }

  #trackerAt(to: Address): Tracker {
    const key = formatAddress(to)
    const known = this.#trackers.get(key)
    if (known) return known
    if (this.#trackers.size >= TRACKER_LIMITS.udpTrackers) this.#forgetIdle()
    const tracker: Tracker = {
      to,
      key,
      connectionId: null,
      expiresAt: 0,
      connectId: null,
      retries: 0,
      waiting: new Set(),
      underWay: new Set(),
    }
    this.#trackers.set(key, tracker)
    return tracker
  }

  #forgetIdle(): void {
    for (const [key, { waiting, underWay }] of this.#trackers)
      if (waiting.size === 0 && underWay.size === 0) this.#trackers.delete(key)
  }

  /** Connects where somebody waits for that; asks what may be asked. */
  #goOn(tracker: Tracker, now: number): void {
    if (tracker.waiting.size === 0) return this.#endConnecting(tracker)
    if (tracker.connectionId === null || now >= tracker.expiresAt) return this.#connect(tracker, now)
    for (const ask of tracker.waiting) {
      if (tracker.underWay.size >= TRACKER_LIMITS.udpAsksAtOnce) return
      this.#ask(ask, tracker.connectionId, now)
    }
  }

  #endConnecting(tracker: Tracker): void {
    if (tracker.connectId !== null) this.#sent.delete(tracker.connectId)
    tracker.connectId = null
    tracker.retries = 0
    this.#deadlines.delete(tracker)
  }

  #connect(tracker: Tracker, now: number): void {
    if (tracker.connectId !== null) return
    tracker.connectId = this.#newTransaction(tracker)
    this.#sendConnect(tracker, tracker.connectId, now)
  }

  #connectAgain(tracker: Tracker, now: number): void {
    if (tracker.connectId === null) return
    tracker.retries = Math.min(tracker.retries + 1, LAST_RETRY)
    this.#sendConnect(tracker, tracker.connectId, now)
  }

  #sendConnect(tracker: Tracker, connectId: number, now: number): void {
    this.#deadlines.set(tracker, now + patience(tracker.retries))
    this.#send(encodeConnect(connectId), tracker.to)
  }

  #connected(tracker: Tracker, answer: UdpTrackerAnswer, now: number): void {
    if (answer.kind === 'connected') {
      tracker.connectionId = answer.connectionId
      tracker.expiresAt = now + CONNECTION_LIFETIME
      this.#endConnecting(tracker)
    } else if (answer.kind === 'refused') {
      const refusal = refusedError(answer.text)
      for (const ask of tracker.waiting) this.#settle(ask, refusal)
    }
  }

  #ask(ask: Ask, connectionId: Uint8Array, now: number): void {
    const { tracker, order } = ask
    tracker.waiting.delete(ask)
    tracker.underWay.add(ask)
    ask.transactionId = this.#newTransaction(ask)
    this.#deadlines.set(ask, Math.min(ask.givesUpAt, now + patience(ask.retries)))
    const { transactionId } = ask
    const datagram =
      'request' in order
        ? encodeAnnounce({ ...order, connectionId, transactionId })
        : encodeScrape({ ...order, connectionId, transactionId })
    this.#send(datagram, order.to)
  }

  #late(ask: Ask, now: number): void {
    const { tracker } = ask
    if (now >= ask.givesUpAt) {
      if (ask.transactionId !== null) tracker.connectionId = null // it may have forgotten us
      this.#settle(ask, silentError(tracker.to))
    } else {
      ask.retries = Math.min(ask.retries + 1, LAST_RETRY)
      this.#putBack(ask)
    }
    this.#goOn(tracker, now)
  }

  /** It is asked by way of the line of those that wait: the connection id may have run out. */
  #putBack(ask: Ask): void {
    if (ask.transactionId !== null) this.#sent.delete(ask.transactionId)
    ask.transactionId = null
    ask.tracker.underWay.delete(ask)
    ask.tracker.waiting.add(ask)
    this.#deadlines.set(ask, ask.givesUpAt)
  }

  #answered(ask: Ask, answer: UdpTrackerAnswer): void {
    const { order } = ask
    if (answer.kind === 'announced' && 'request' in order) {
      this.#drop(ask)
      order.told(answer.response)
    } else if (answer.kind === 'scraped' && 'infoHashes' in order) {
      this.#drop(ask)
      order.told(entriesOf(order.infoHashes, answer.counts))
    } else if (answer.kind === 'refused') this.#refused(ask, answer)
  }

  #refused(ask: Ask, answer: Extract<UdpTrackerAnswer, { kind: 'refused' }>): void {
    // A tracker that was started anew does not know its ids any more, and opentracker says so.
    if (ask.hasReconnected || !/connection/i.test(answer.text))
      return this.#settle(ask, refusedError(answer.text))
    ask.hasReconnected = true
    ask.tracker.connectionId = null
    this.#putBack(ask)
  }

  #settle(ask: Ask, error: TrackerError): void {
    this.#drop(ask)
    ask.order.told(error)
  }

  #drop(ask: Ask): void {
    if (ask.transactionId !== null) this.#sent.delete(ask.transactionId)
    this.#deadlines.delete(ask)
    ask.tracker.waiting.delete(ask)
    ask.tracker.underWay.delete(ask)
  }

  /** What answers it is told from what is forged by it alone, and by the address that it comes from. */
  #newTransaction(asked: Ask | Tracker): number {
    for (;;) {
      const id = readU32(this.#secrets.bytes(4), 0)
      if (this.#sent.has(id)) continue
      this.#sent.set(id, asked)
      return id
    }
  }
}

function entriesOf(infoHashes: readonly Uint8Array[], counts: readonly UdpCounts[]): ScrapeEntry[] {
  return infoHashes.slice(0, counts.length).map((infoHash, i) => ({
    infoHash,
    ...counts[i]!,
    downloaders: null,
  }))
}

function patience(retries: number): number {
  return UDP_DEFAULTS.firstRetry * 2 ** retries
}

function refusedError(text: string): TrackerError {
  return new TrackerError('tracker-refused', `the tracker refuses: ${text}`, { wireText: text })
}

function silentError(to: Address): TrackerError {
  return new TrackerError('tracker-unreachable', `the tracker at ${formatAddress(to)} does not answer`)
}
