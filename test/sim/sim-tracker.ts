import { address, formatAddress } from '../../src/core/address.ts'
import { formatHex } from '../../src/core/bytes.ts'
import { TrackerError } from '../../src/core/errors.ts'
import type { Dice } from '../../src/core/ports.ts'
import type { TrackerClient } from '../../src/client/session-ports.ts'
import type {
  AnnounceEvent,
  AnnounceRequest,
  AnnounceResponse,
  ScrapeEntry,
} from '../../src/tracker/announce.ts'
import type { World } from './world.ts'

export interface TrackerOptions {
  readonly intervalSeconds?: number
  readonly minIntervalSeconds?: number
  /** Milliseconds for question and answer together. Default 50. */
  readonly latency?: number
  /** Where it says that it sees everybody (BEP 24). */
  readonly externalHost?: string
}

/** An announce as the tracker saw it. */
export interface Announced {
  readonly at: number
  readonly from: string
  readonly infoHash: string
  readonly event: AnnounceEvent
  readonly port: number
  readonly uploaded: number
  readonly downloaded: number
  readonly left: number
  readonly numWant: number
}

interface Member {
  readonly host: string
  readonly port: number
  readonly isSeed: boolean
  readonly peerId?: Uint8Array
}

/** A tracker in memory: tells seeds of leeches and leeches of all, and remembers every announce. */
export class SimTracker {
  readonly announces: Announced[] = []
  /** It answers nothing while this is not null: `silent` lets the asker wait, else the text is its failure. */
  trouble: string | null = null
  readonly #world: World
  readonly #dice: Dice
  readonly #interval: number
  readonly #minInterval: number
  readonly #latency: number
  readonly #externalHost: string | null
  readonly #swarms = new Map<string, Map<string, Member>>()

  constructor(world: World, options: TrackerOptions = {}) {
    this.#world = world
    this.#dice = world.newDice()
    this.#interval = options.intervalSeconds ?? 1800
    this.#minInterval = options.minIntervalSeconds ?? 60
    this.#latency = options.latency ?? 50
    this.#externalHost = options.externalHost ?? null
  }

  /** Announces of one host, or of all. */
  from(host: string): Announced[] {
    return this.announces.filter(announced => announced.from === host)
  }

  /** Makes somebody known who does not announce. */
  introduce(
    infoHash: Uint8Array,
    host: string,
    port: number,
    about: { isSeed?: boolean; peerId?: Uint8Array } = {},
  ): void {
    const swarm = this.#swarmOf(formatHex(infoHash))
    swarm.set(formatAddress(address(host, port)), { isSeed: true, ...about, host, port })
  }

  announce(host: string, request: AnnounceRequest, signal: AbortSignal): Promise<AnnounceResponse> {
    const heard = this.#world.later(this.#latency / 2, () => this.#take(host, request))
    const aborted = new Promise<never>((_, reject) => {
      const abort = (): void => {
        this.#world.unsettle()
        reject(signal.reason)
      }
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort, { once: true })
    })
    const answered = heard.then(answer => {
      if (this.trouble === 'silent') return new Promise<never>(() => undefined)
      return this.#world.later(this.#latency / 2, () => answer())
    })
    return Promise.race([answered, aborted])
  }

  scrape(infoHashes: readonly Uint8Array[]): ScrapeEntry[] {
    return infoHashes.map(infoHash => {
      const members = [...this.#swarmOf(formatHex(infoHash)).values()]
      const complete = members.filter(({ isSeed }) => isSeed).length
      return { infoHash, complete, incomplete: members.length - complete, downloaded: 0, downloaders: null }
    })
  }

  #take(host: string, request: AnnounceRequest): () => AnnounceResponse {
    const { event, port, uploaded, downloaded, left, numWant } = request
    const infoHash = formatHex(request.infoHash)
    if (this.trouble === 'silent') return () => refuse('never said')
    this.announces.push({
      at: this.#world.now,
      from: host,
      infoHash,
      event,
      port,
      uploaded,
      downloaded,
      left,
      numWant,
    })
    const { trouble } = this
    if (trouble !== null) return () => refuse(trouble)
    const swarm = this.#swarmOf(infoHash)
    const key = formatAddress(address(host, port))
    const isSeed = left === 0
    if (event === 'stopped') swarm.delete(key)
    else swarm.set(key, { host, port, isSeed })
    const others = [...swarm].filter(([other, member]) => other !== key && !(isSeed && member.isSeed))
    const answer = this.#answer(swarm, event === 'stopped' ? [] : others.map(([, member]) => member), numWant)
    return () => answer
  }

  #swarmOf(infoHash: string): Map<string, Member> {
    const swarm = this.#swarms.get(infoHash) ?? new Map<string, Member>()
    this.#swarms.set(infoHash, swarm)
    return swarm
  }

  #answer(swarm: ReadonlyMap<string, Member>, others: Member[], numWant: number): AnnounceResponse {
    const peers: Member[] = []
    while (others.length > 0 && peers.length < (numWant < 0 ? 50 : numWant)) {
      peers.push(...others.splice(this.#dice.below(others.length), 1))
    }
    const seeds = [...swarm.values()].filter(member => member.isSeed).length
    return {
      intervalSeconds: this.#interval,
      minIntervalSeconds: this.#minInterval,
      complete: seeds,
      incomplete: swarm.size - seeds,
      downloaded: null,
      peers: peers.map(({ host, port, peerId }) => ({
        address: address(host, port),
        ...(peerId ? { peerId } : {}),
      })),
      warning: null,
      externalHost: this.#externalHost,
      trackerId: null,
    }
  }
}

function refuse(text: string): never {
  throw new TrackerError('tracker-refused', text)
}

/** What one host can ask. */
export function trackerClient(host: string, trackers: ReadonlyMap<string, SimTracker>): TrackerClient {
  return {
    announce: (url, request, { signal }) => {
      const tracker = trackers.get(url)
      if (tracker) return tracker.announce(host, request, signal)
      return Promise.reject(new TrackerError('tracker-unreachable', `there is nobody at ${url}`))
    },
    scrape: async (url, infoHashes) => trackers.get(url)?.scrape(infoHashes) ?? [],
  }
}
