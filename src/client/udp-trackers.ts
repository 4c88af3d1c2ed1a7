import { type Address, scopeOf } from '../core/address.ts'
import { FormatError, TrackerError } from '../core/errors.ts'
import { orAborted } from '../core/or-aborted.ts'
import type { Secrets } from '../core/ports.ts'
import type { AnnounceRequest, AnnounceResponse, ScrapeEntry } from '../tracker/announce.ts'
import { joinAnswers } from '../tracker/join-answers.ts'
import { UDP_DEFAULTS } from '../tracker/options.ts'
import { UdpRequests } from '../tracker/udp-requests.ts'
import { parseUdpUrl, type UdpTrackerPlace } from '../tracker/udp-url.ts'
import type { DatagramUser } from './datagram-user.ts'
import type { SessionDatagrams } from './session-datagrams.ts'
import type { TrackerClient } from './session-ports.ts'
import { TimeLimit } from './time-limit.ts'
import type { Timed, Turns } from './turns.ts'

/** Puts a question to one address of a tracker; what is returned takes it back. */
type Question<Answer> = (
  to: Address,
  told: (outcome: Answer | TrackerError) => void,
  now: number,
) => () => void

/** Asks trackers over UDP (BEP 15), from the ports of the session and over each family that it listens on. */
export class UdpTrackers implements TrackerClient, DatagramUser, Timed {
  readonly #datagrams: SessionDatagrams
  readonly #resolve: (host: string, port: number) => Promise<Address[]>
  readonly #turns: Turns
  readonly #fail: (error: unknown) => void
  readonly #requests: UdpRequests

  constructor(options: {
    datagrams: SessionDatagrams
    /** Empty where the name has no address. */
    resolve: (host: string, port: number) => Promise<Address[]>
    secrets: Secrets
    turns: Turns
    fail: (error: unknown) => void
  }) {
    const { datagrams } = options
    this.#datagrams = datagrams
    this.#resolve = options.resolve
    this.#turns = options.turns
    this.#fail = options.fail
    this.#requests = new UdpRequests({
      secrets: options.secrets,
      send: (datagram, to) => datagrams.send(datagram, to),
    })
  }

  /**
   * Rejects with `TrackerError`: `tracker-refused` with the tracker's words, `tracker-unreachable`,
   * `tracker-family-missing`, `tracker-unsupported` (its URL cannot be used); or with the signal's reason.
   */
  async announce(
    url: string,
    request: AnnounceRequest,
    { signal }: { signal: AbortSignal },
  ): Promise<AnnounceResponse> {
    const place = placeOf(url)
    const { urlData } = place
    const [first, ...others] = await this.#askAll<AnnounceResponse>(place, signal, (to, told, now) =>
      this.#requests.announce({ to, request, urlData, told }, now),
    )
    return joinAnswers(first, others)
  }

  /** Rejects as `announce` does. */
  async scrape(
    url: string,
    infoHashes: readonly Uint8Array[],
    { signal }: { signal: AbortSignal },
  ): Promise<ScrapeEntry[]> {
    const [first] = await this.#askAll<ScrapeEntry[]>(placeOf(url), signal, (to, told, now) =>
      this.#requests.scrape({ to, infoHashes, told }, now),
    )
    return first
  }

  /** Whether it was an answer to something that was asked. `datagram` is valid only during the call. */
  received(datagram: Uint8Array, from: Address, now: number): boolean {
    const isAnswer = this.#requests.received(datagram, from, now)
    if (isAnswer) this.#turns.heed(this)
    return isAnswer
  }

  tick(now: number): void {
    this.#requests.tick(now)
  }

  deadline(): number {
    return this.#requests.deadline()
  }

  fail(error: unknown): void {
    this.#fail(error)
  }

  /** The answers of its addresses. Rejects where there is none. */
  async #askAll<Answer>(
    place: UdpTrackerPlace,
    signal: AbortSignal,
    question: Question<Answer>,
  ): Promise<[Answer, ...Answer[]]> {
    await orAborted(this.#datagrams.open(), signal)
    const addresses = await orAborted(this.#addressesOf(place), signal)
    const outcomes = await this.#outcomesOf(addresses.map(to => this.#ask(to, question, signal)))
    signal.throwIfAborted()
    const [first, ...others] = outcomes.filter(isAnswer)
    if (first !== undefined) return [first, ...others]
    throw outcomes[0]
  }

  /** Of all, or where one has answered, of those that come soon after. */
  async #outcomesOf<Answer>(
    asks: readonly Promise<Answer | TrackerError>[],
  ): Promise<readonly (Answer | TrackerError)[]> {
    const outcomes: (Answer | TrackerError)[] = []
    const answered = Promise.withResolvers<void>()
    const all = Promise.all(
      asks.map(async ask => {
        const outcome = await ask
        outcomes.push(outcome)
        if (isAnswer(outcome)) answered.resolve()
      }),
    )
    await Promise.race([all, answered.promise])
    if (outcomes.length < asks.length) await this.#soon(all)
    return [...outcomes]
  }

  /** A machine without a way into one family learns of that by silence: the other family does not wait for it. */
  async #soon(work: Promise<unknown>): Promise<void> {
    const limit = new TimeLimit(this.#turns, UDP_DEFAULTS.otherFamily)
    await orAborted(work, limit.signal).catch(() => undefined)
    limit.close()
  }

  /** One of each family that the session has, and that anybody can be reached at. */
  async #addressesOf({ host, port }: UdpTrackerPlace): Promise<Address[]> {
    const found = (await this.#resolve(host, port)).filter(at => scopeOf(at.host) !== 'unusable')
    if (found.length === 0)
      throw new TrackerError(
        'tracker-unreachable',
        `the tracker ${host}:${port} cannot be asked: it has no address`,
      )
    const { families } = this.#datagrams
    const able = [...families].flatMap(family => found.find(at => at.family === family) ?? [])
    if (able.length > 0) return able
    throw new TrackerError(
      'tracker-family-missing',
      `the tracker ${host}:${port} cannot be asked: it has no address of a kind that this session listens on`,
    )
  }

  /** The error is a result: another address may have answered. Also resolves, with anything, when the signal aborts. */
  #ask<Answer>(to: Address, question: Question<Answer>, signal: AbortSignal): Promise<Answer | TrackerError> {
    const { promise, resolve } = Promise.withResolvers<Answer | TrackerError>()
    let takeBack = (): void => undefined
    const abort = (): void => {
      takeBack()
      resolve(new TrackerError('tracker-unreachable', 'nobody waits for the tracker any more'))
    }
    if (signal.aborted) abort()
    else
      this.#turns.enter(this, now => {
        takeBack = question(to, resolve, now)
        this.#turns.heed(this)
        signal.addEventListener('abort', abort, { once: true })
      })
    return promise.finally(() => signal.removeEventListener('abort', abort))
  }
}

function isAnswer<Answer>(outcome: Answer | TrackerError): outcome is Answer {
  return !(outcome instanceof TrackerError)
}

function placeOf(url: string): UdpTrackerPlace {
  try {
    return parseUdpUrl(url)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    const cause = { cause: error, retryInSeconds: Number.POSITIVE_INFINITY }
    throw new TrackerError('tracker-unsupported', `the tracker ${error.message}`, cause)
  }
}
