import { hostBytes, isHost, type Scope, scopeOf } from '../core/address.ts'
import type { Clock, Dice } from '../core/ports.ts'
import {
  type AnnounceRequest,
  NUM_WANT_DEFAULT,
  type ScrapeEntry,
  type TrackerFailure,
} from '../tracker/announce.ts'
import type { AnnounceAnswer } from '../tracker/http-answer.ts'
import { TRACKER_LIMITS } from '../tracker/limits.ts'
import type { SwarmAnswer, SwarmStore, SwarmStoreStats } from '../tracker/swarm-store.ts'
import { TRACKER_SERVER_LIMITS } from './limits.ts'
import { type LocalSeed, LocalSeeds } from './local-seeds.ts'
import { TRACKER_DEFAULTS } from './options.ts'

/** Where a request came from. A front-end takes it from the socket, never from what the request says. */
export interface AnnounceSource {
  /** 4 or 16 bytes. */
  readonly hostBytes: Uint8Array
  readonly scope: Scope
  /** The address of ours that was reached. */
  readonly localHost: string
}

/** Whose word on his own address is taken (BEP 3's `ip`): see `TrackerServer`. */
export type HonoursIpFrom = 'nobody' | 'loopback' | 'local'

export interface TrackerServerOptions {
  readonly store: SwarmStore
  readonly clock: Clock
  readonly dice: Dice
  readonly intervalSeconds?: number
  readonly minIntervalSeconds?: number
  /** A share: 0.1 makes intervals up to a tenth longer. */
  readonly intervalJitter?: number
  readonly honoursIpFrom?: HonoursIpFrom
  /** The address under which the world reaches seeds of our own. */
  readonly externalHost?: string | null
  /** Which torrents are tracked; default all. */
  readonly isAllowed?: (infoHash: Uint8Array) => boolean
}

export interface TrackerStats extends SwarmStoreStats {
  /** Since the start. */
  readonly announces: number
  readonly scrapes: number
  /** Requests that were refused or could not be read. */
  readonly failures: number
  /** Seeds of our own, which are not in `seeds`. */
  readonly localSeeds: number
}

/**
 * What a tracker does, whatever the transport: policy before the store, policy after it.
 *
 * A peer's address is where its announce came from. BEP 3's `ip` is heeded only from a source that BEP 3 means, a peer
 * beside the tracker ("the same machine", so loopback; with `honoursIpFrom: 'local'` also private addresses), because
 * everybody else could aim a swarm at a stranger (BEP 7). BEP 7's `ipv4` and `ipv6`, which it discourages itself, are
 * heeded from nobody.
 */
export class TrackerServer {
  readonly localSeeds: LocalSeeds
  readonly #store: SwarmStore
  readonly #clock: Clock
  readonly #dice: Dice
  readonly #interval: number
  readonly #minInterval: number
  readonly #jitter: number
  readonly #honoursIpFrom: HonoursIpFrom
  readonly #isAllowed: (infoHash: Uint8Array) => boolean
  #announces = 0
  #scrapes = 0
  #failures = 0

  constructor(options: TrackerServerOptions) {
    this.#store = options.store
    this.#clock = options.clock
    this.#dice = options.dice
    this.#interval = options.intervalSeconds ?? TRACKER_DEFAULTS.intervalSeconds
    this.#minInterval = Math.min(
      options.minIntervalSeconds ?? TRACKER_DEFAULTS.minIntervalSeconds,
      this.#interval,
    )
    this.#jitter = options.intervalJitter ?? TRACKER_DEFAULTS.intervalJitter
    this.#honoursIpFrom = options.honoursIpFrom ?? (TRACKER_DEFAULTS.honoursIpFrom as HonoursIpFrom)
    this.#isAllowed = options.isAllowed ?? (() => true)
    this.localSeeds = new LocalSeeds({ externalHost: options.externalHost ?? null })
  }

  /** The answer is valid until the next announce. */
  announce(request: AnnounceRequest, source: AnnounceSource): AnnounceAnswer | TrackerFailure {
    if (!this.#isAllowed(request.infoHash))
      return this.refuse({ failure: 'this torrent is not tracked here' })
    this.#announces++
    const isSeed = request.left === 0
    const hasStarted = request.event === 'started'
    const hasStopped = request.event === 'stopped'
    const numWant = hasStopped ? 0 : numWantOf(request)
    const { host, scope } = this.#placeOf(request, source)
    const answer = this.#store.announce(
      {
        infoHash: request.infoHash,
        host,
        port: request.port,
        scope,
        askedFrom: source.scope,
        peerId: request.peerId,
        isSeed,
        isPartialSeed: request.event === 'paused',
        hasStarted,
        hasCompleted: request.event === 'completed',
        hasStopped,
        numWant,
        wantsPeerIds: !request.isCompact && !request.noPeerId,
      },
      this.#clock.monotonic(),
    )
    const seed = this.localSeeds.find(request.infoHash)
    if (seed !== null) {
      answer.complete++
      const asker = { scope: source.scope, localHost: source.localHost, peerId: request.peerId, numWant }
      const mayNeedSeeds = !isSeed || (hasStarted && answer.ipv4.count + answer.ipv6.count < numWant)
      if (mayNeedSeeds && request.event !== 'paused') this.localSeeds.addTo(answer, seed, asker)
    }
    return this.#answerOf(answer, source, hasStopped)
  }

  /** Counts of swarms, zeros for those that are not known. */
  scrape(infoHashes: readonly Uint8Array[]): ScrapeEntry[] {
    this.#scrapes++
    return infoHashes.map(infoHash => this.counts(infoHash))
  }

  /** The counts of one swarm, zeros where it is not known, our own seed included. */
  counts(infoHash: Uint8Array): ScrapeEntry {
    const known = this.#isAllowed(infoHash) ? this.#store.scrape(infoHash) : null
    const local = this.localSeeds.find(infoHash) === null ? 0 : 1
    return {
      infoHash,
      complete: (known?.complete ?? 0) + local,
      incomplete: known?.incomplete ?? 0,
      downloaded: known?.downloaded ?? 0,
      downloaders: known?.downloaders ?? 0,
    }
  }

  /** Counts a request that gets a failure for its answer. */
  refuse(failure: TrackerFailure): TrackerFailure {
    this.#failures++
    return failure
  }

  /** Call it every `sweepInterval`: sweeps the next part of the store. */
  sweep(): void {
    this.#store.sweep(this.#clock.monotonic(), 1 / TRACKER_SERVER_LIMITS.sweepParts)
  }

  registerLocal(seed: LocalSeed): () => void {
    return this.localSeeds.register(seed)
  }

  stats(): TrackerStats {
    return {
      ...this.#store.stats(),
      announces: this.#announces,
      scrapes: this.#scrapes,
      failures: this.#failures,
      localSeeds: this.localSeeds.size,
    }
  }

  #placeOf(request: AnnounceRequest, source: AnnounceSource): { host: Uint8Array; scope: Scope } {
    const { ip } = request
    if (ip === undefined || !this.#isHonoured(source.scope) || !isHost(ip)) {
      return { host: source.hostBytes, scope: source.scope }
    }
    const scope = scopeOf(ip)
    return scope === 'unusable'
      ? { host: source.hostBytes, scope: source.scope }
      : { host: hostBytes(ip), scope }
  }

  #isHonoured(scope: Scope): boolean {
    if (this.#honoursIpFrom === 'nobody') return false
    return scope === 'loopback' || (scope === 'private' && this.#honoursIpFrom === 'local')
  }

  #answerOf(answer: SwarmAnswer, source: AnnounceSource, hasStopped: boolean): AnnounceAnswer {
    const late = 1 + this.#dice.fraction() * this.#jitter
    return {
      intervalSeconds: Math.round(this.#interval * late),
      minIntervalSeconds: this.#minInterval,
      complete: answer.complete,
      incomplete: answer.incomplete,
      downloaded: answer.downloaded,
      ipv4: answer.ipv4,
      ipv6: answer.ipv6,
      // In a network of its own, somebody's address there says nothing of the one that he has outside.
      externalHost: source.scope === 'global' ? source.hostBytes : null,
      warning:
        answer.isRemembered || hasStopped ? null : 'the tracker is full: others are not told of you for now',
    }
  }
}

function numWantOf({ numWant }: AnnounceRequest): number {
  return numWant === NUM_WANT_DEFAULT
    ? TRACKER_LIMITS.numWantDefault
    : Math.max(0, Math.min(numWant, TRACKER_LIMITS.numWantMax))
}
