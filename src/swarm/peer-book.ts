import { type Address, formatAddress } from '../core/address.ts'
import { BoundedMap } from '../core/bounded-map.ts'
import type { Dice } from '../core/ports.ts'
import { scopeOf } from '../core/scope.ts'
import { SWARM_LIMITS } from './limits.ts'
import { peerPriority } from './peer-priority.ts'

/** Where an address came from, the most reliable first. */
export type PeerSource = 'manual' | 'magnet' | 'lan' | 'incoming' | 'tracker' | 'resume' | 'pex' | 'dht'

const SOURCES: readonly PeerSource[] = [
  'manual',
  'magnet',
  'lan',
  'incoming',
  'tracker',
  'resume',
  'pex',
  'dht',
]
/** Where anybody may name any number of addresses. Private torrents (BEP 27) have none of them. */
export const GOSSIP: ReadonlySet<PeerSource> = new Set(['lan', 'pex', 'dht'])
/** libtorrent's `min_reconnect_time`: times the failures so far. */
const BACK_OFF = 60_000
/** Someone named this peer, and may be just starting it: times the failures so far, a minute at most. */
const MANUAL_BACK_OFF = 5_000
/** So many failures in a row end the matter, unless someone named the peer. */
const MOST_FAILURES = 5

const NOWHERE = {}

/** An address where a peer may be. */
export interface KnownPeer {
  readonly address: Address
  /** The most reliable of those who told us. */
  readonly source: PeerSource
  /** The id it has to have, where we were told one; 20 bytes. */
  readonly peerId: Uint8Array | null
  /** It is said to have everything. */
  readonly isSeed: boolean
  /** In a row. */
  readonly failures: number
}

/** What is said of an address beside where it is. */
export interface PeerWord {
  /** The id it has to have; 20 bytes. */
  readonly peerId?: Uint8Array | null
  /** It is said to have everything. */
  readonly isSeed?: boolean
  /** The host of the peer that told of it. */
  readonly toldBy?: string
}

interface Entry {
  address: Address
  /** Who is answerable for it until it was reached. */
  toldBy: string | null
  source: PeerSource
  /** Of the source; 0 is the most reliable. */
  rank: number
  peerId: Uint8Array | null
  isSeed: boolean
  failures: number
  state: 'idle' | 'dialing' | 'connected'
  retryAt: number
  /** When it was last heard of: who was silent longest is forgotten first. */
  heardAt: number
  /** Canonical (BEP 40); -1 where it is not known. */
  priority: number
}

/**
 * The addresses known for one torrent, and whom to dial next. It remembers failures and bans, and never offers an
 * address that is connected, being dialed, banned or our own.
 */
export class PeerBook {
  readonly #limit: number
  readonly #dice: Dice
  readonly #isBlocked: (host: string) => boolean
  /** By formatted address. Bounded by `limit`. */
  readonly #entries = new Map<string, Entry>()
  /** How many entries each host has; those of global hosts are bounded by `peersPerHost`. */
  readonly #perHost = new Map<string, number>()
  /** How many entries are there on the word of each host alone; null where none ever was. Bounded by `limit`. */
  #perTeller: Map<string, number> | null = null
  readonly #banned = new BoundedMap<string, true>({ limit: SWARM_LIMITS.bannedHosts })
  readonly #own = new BoundedMap<string, true>({ limit: SWARM_LIMITS.ownAddresses })
  /** Where peers say that we are, by family. */
  #ours: { readonly [family in 4 | 6]?: Address } = NOWHERE
  /** Priorities are those towards where we are now. */
  #isRanked = true
  /** What `deadline` answered; NaN when it has to look again. */
  #deadline = Number.NaN
  #deadlineWithoutSeeds = Number.NaN

  /**
   * `limit`: how many addresses are kept; `knownPeers` of the limits where nothing is said. `isBlocked`: with whom nothing is
   * to be done, by the user's will.
   */
  constructor(options: { limit?: number; dice: Dice; isBlocked?: (host: string) => boolean }) {
    this.#isBlocked = options.isBlocked ?? (() => false)
    this.#limit = options.limit ?? SWARM_LIMITS.knownPeers
    this.#dice = options.dice
  }

  get size(): number {
    return this.#entries.size
  }

  /** Whether the address is in the book. */
  knows(address: Address): boolean {
    return this.#entries.has(formatAddress(address))
  }

  /** Hears of an address. False where it is of no use: nothing can listen there, it is banned, our own, or one too many. */
  add(address: Address, source: PeerSource, now: number, about: PeerWord = {}): boolean {
    const key = formatAddress(address)
    const known = this.#entries.get(key)
    if (known) {
      known.heardAt = now
      if (rankOf(source) < known.rank) {
        known.source = source
        known.rank = rankOf(source)
        this.#answerFor(known, null)
      }
      if (about.isSeed && rankOf(source) <= known.rank) {
        known.isSeed = true
        this.#changed()
      }
      if (about.peerId) known.peerId = about.peerId
      return true
    }
    if (!this.#isUsable(address, key, source) || this.#hasToldEnough(about.toldBy)) return false
    if (!this.#makeRoom(source)) return false
    const entry: Entry = {
      address,
      toldBy: null,
      source,
      rank: rankOf(source),
      peerId: about.peerId ?? null,
      isSeed: about.isSeed ?? false,
      failures: 0,
      state: 'idle',
      retryAt: now,
      heardAt: now,
      priority: this.priorityOf(address),
    }
    this.#entries.set(key, entry)
    this.#answerFor(entry, about.toldBy ?? null)
    this.#changed()
    count(this.#perHost, address.host, 1)
    return true
  }

  /**
   * The best address to dial now, or null: fewest failures first, then the most reliable source, then the highest
   * canonical priority (BEP 40) where we know how we are seen, then by chance.
   * A seed looks for those who are not said to be seeds.
   */
  next(now: number, options: { skipSeeds?: boolean } = {}): KnownPeer | null {
    if (this.deadline(options) > now) return null
    this.#rank()
    let best: Entry | null = null
    let ties = 0
    for (const entry of this.#entries.values()) {
      if (entry.state !== 'idle' || entry.retryAt > now) continue
      if (options.skipSeeds && entry.isSeed) continue
      const order: number = best === null ? -1 : compare(entry, best) || best.priority - entry.priority
      if (order < 0) {
        best = entry
        ties = 1
      } else if (order === 0 && this.#dice.below(++ties) === 0) {
        best = entry
      }
    }
    return best
  }

  /**
   * A peer says that it sees us there (BEP 10, `yourip`). It may lie: then those who are equal otherwise are dialled in
   * another order.
   */
  seenAt(ours: Address): void {
    if (this.#ours[ours.family]?.host === ours.host || scopeOf(ours.host) === 'unusable') return
    this.#ours = { ...this.#ours, [ours.family]: ours }
    this.#isRanked = false
  }

  /** Whether a peer says that it sees us there. */
  isOurs({ host, family }: Address): boolean {
    return this.#ours[family]?.host === host
  }

  /** The canonical priority of a peer (BEP 40); -1 where it is not known how it sees us, or it is where we are. */
  priorityOf(peer: Address): number {
    const ours = this.#ours[peer.family]
    return ours && ours.host !== peer.host ? (peerPriority(ours, peer) ?? -1) : -1
  }

  /** It is being dialed, and not offered meanwhile. */
  dialing(address: Address, now: number): void {
    this.#enter(address, 'dialing', now)
  }

  /** There is a connection to it, whoever opened it. */
  connected(address: Address, now: number): void {
    const entry = this.#enter(address, 'connected', now)
    if (entry) this.#answerFor(entry, null)
  }

  /** Nobody answered, or not as a peer of this torrent. After too many times it is forgotten. */
  dialFailed(address: Address, now: number): void {
    const entry = this.#enter(address, 'idle', now)
    if (entry) this.#noteFailure(entry, now)
  }

  /**
   * The connection is over. Who was of use, or turned out to be a seed as we are, may be called again later; who was of
   * none is taken for a failure.
   */
  disconnected(address: Address, now: number, how: { wasUseful: boolean; isSeed?: boolean }): void {
    const entry = this.#enter(address, 'idle', now)
    if (!entry) return
    if (how.isSeed) entry.isSeed = true
    if (how.wasUseful || how.isSeed) {
      entry.failures = 0
      entry.retryAt = now + (entry.source === 'manual' ? MANUAL_BACK_OFF : BACK_OFF)
    } else {
      this.#noteFailure(entry, now)
    }
  }

  /** Nothing more to do with this host. Open connections are the owner's to close. */
  ban(host: string): void {
    this.#banned.set(host, true)
    for (const entry of [...this.#entries.values()]) if (entry.address.host === host) this.#remove(entry)
  }

  /** All that was heard from these sources alone, as if it never had been. Open connections are the owner's to close. */
  forget(sources: ReadonlySet<PeerSource>): void {
    for (const entry of [...this.#entries.values()]) if (sources.has(entry.source)) this.#remove(entry)
  }

  /** Others are blocked than before. Open connections are the owner's to close. */
  forgetBlocked(): void {
    for (const entry of [...this.#entries.values()])
      if (this.#isBlocked(entry.address.host)) this.#remove(entry)
  }

  isBanned(host: string): boolean {
    return this.#banned.has(host)
  }

  /** We met ourselves there. */
  markSelf(address: Address): void {
    const key = formatAddress(address)
    this.#own.set(key, true)
    const entry = this.#entries.get(key)
    if (entry) this.#remove(entry)
  }

  /**
   * When `next`, asked in the same way, may have someone it has not now; in the past where it has. Infinity where nobody
   * is left to dial.
   */
  deadline(options: { skipSeeds?: boolean } = {}): number {
    const known = options.skipSeeds ? this.#deadlineWithoutSeeds : this.#deadline
    if (!Number.isNaN(known)) return known
    this.#deadline = Number.POSITIVE_INFINITY
    this.#deadlineWithoutSeeds = Number.POSITIVE_INFINITY
    for (const entry of this.#entries.values()) {
      if (entry.state !== 'idle') continue
      this.#deadline = Math.min(this.#deadline, entry.retryAt)
      if (entry.isSeed) continue
      this.#deadlineWithoutSeeds = Math.min(this.#deadlineWithoutSeeds, entry.retryAt)
    }
    return options.skipSeeds ? this.#deadlineWithoutSeeds : this.#deadline
  }

  #rank(): void {
    if (this.#isRanked) return
    this.#isRanked = true
    for (const entry of this.#entries.values()) entry.priority = this.priorityOf(entry.address)
  }

  #changed(): void {
    this.#deadline = Number.NaN
    this.#deadlineWithoutSeeds = Number.NaN
  }

  #enter(address: Address, state: Entry['state'], now: number): Entry | null {
    const entry = this.#entries.get(formatAddress(address))
    if (!entry) return null
    this.#changed()
    entry.state = state
    entry.heardAt = now
    return entry
  }

  #isUsable(address: Address, key: string, source: PeerSource): boolean {
    if (address.port === 0 || this.#banned.has(address.host) || this.#own.has(key)) return false
    const scope = scopeOf(address.host)
    if (scope === 'unusable' || this.#isBlocked(address.host)) return false
    const ports = this.#perHost.get(address.host) ?? 0
    if (GOSSIP.has(source) && scope !== 'loopback' && ports >= SWARM_LIMITS.gossipPortsPerHost) return false
    return scope !== 'global' || ports < SWARM_LIMITS.peersPerHost
  }

  #hasToldEnough(teller: string | undefined): boolean {
    return teller !== undefined && (this.#perTeller?.get(teller) ?? 0) >= SWARM_LIMITS.addressesPerTeller
  }

  #answerFor(entry: Entry, teller: string | null): void {
    if (entry.toldBy === teller) return
    this.#perTeller ??= new Map()
    if (entry.toldBy !== null) count(this.#perTeller, entry.toldBy, -1)
    if (teller !== null) count(this.#perTeller, teller, 1)
    entry.toldBy = teller
  }

  /** Makes place for one more, by forgetting the least promising; false where the newcomer would be that. */
  #makeRoom(source: PeerSource): boolean {
    if (this.#entries.size < this.#limit) return true
    let worst: Entry | null = null
    for (const entry of this.#entries.values()) {
      if (entry.state === 'idle' && (worst === null || isWorse(entry, worst))) worst = entry
    }
    if (!worst || (worst.failures === 0 && worst.rank < rankOf(source))) return false
    this.#remove(worst)
    return true
  }

  #noteFailure(entry: Entry, now: number): void {
    entry.failures++
    entry.retryAt = now + backOff(entry)
    if (entry.failures > MOST_FAILURES && entry.source !== 'manual') this.#remove(entry)
  }

  #remove(entry: Entry): void {
    if (!this.#entries.delete(formatAddress(entry.address))) return
    this.#changed()
    this.#answerFor(entry, null)
    count(this.#perHost, entry.address.host, -1)
  }
}

function count(counts: Map<string, number>, host: string, change: 1 | -1): void {
  const left = (counts.get(host) ?? 0) + change
  if (left > 0) counts.set(host, left)
  else counts.delete(host)
}

function rankOf(source: PeerSource): number {
  return SOURCES.indexOf(source)
}

/** Negative where `a` is the better one to dial. */
function compare(a: Entry, b: Entry): number {
  return a.failures - b.failures || a.rank - b.rank
}

function isWorse(a: Entry, b: Entry): boolean {
  const order = compare(a, b)
  return order > 0 || (order === 0 && a.heardAt < b.heardAt)
}

function backOff(entry: Entry): number {
  return entry.source === 'manual'
    ? Math.min(MANUAL_BACK_OFF * entry.failures, BACK_OFF)
    : BACK_OFF * entry.failures
}
