import { type Address, address } from '../core/address.ts'
import { formatHex, parseHex } from '../core/bytes.ts'
import { type SwarmKey, swarmKeys } from '../core/ids.ts'
import type { GroupNetwork, GroupSocket, Secrets } from '../core/ports.ts'
import { AnnounceRounds } from '../lsd/announce-rounds.ts'
import {
  type Announcement,
  decodeAnnouncement,
  encodeAnnouncement,
  infoHashesThatFit,
  LSD_GROUPS,
} from '../lsd/announcement.ts'
import { SourceTally } from '../lsd/source-tally.ts'
import { isSecondSwarm } from './is-second-swarm.ts'
import type { PeerFinder } from './peer-finder.ts'
import type { TorrentTask } from './torrent-task.ts'
import type { Guarded, Timed, Turns } from './turns.ts'

/**
 * Local service discovery (BEP 14): tells everybody in the local networks that the session listens in which torrents it
 * has, and hears what others there have. Nothing is opened before there is a torrent to tell of.
 */
export class LocalDiscovery implements PeerFinder, Timed {
  readonly #groups: GroupNetwork
  readonly #places: () => readonly Address[]
  readonly #port: () => number
  readonly #turns: Turns
  readonly #guard: Guarded
  /** Tells our own announces from those of others. */
  readonly #cookie: string
  readonly #rounds: AnnounceRounds
  readonly #sources = new SourceTally()
  /** By the hex of the swarm key. Bounded by the torrents of the session. */
  readonly #entered = new Map<string, TorrentTask>()
  #sockets: Promise<void> | null = null
  /** Bounded by the groups. */
  readonly #open: { readonly group: Address; readonly socket: GroupSocket }[] = []
  #isClosed = false

  constructor(options: {
    groups: GroupNetwork
    /** Where the session listens, and on which port. */
    places: () => readonly Address[]
    port: () => number
    secrets: Secrets
    turns: Turns
    guard: Guarded
  }) {
    this.#groups = options.groups
    this.#places = options.places
    this.#port = options.port
    this.#turns = options.turns
    this.#guard = options.guard
    this.#cookie = formatHex(options.secrets.bytes(8))
    this.#rounds = new AnnounceRounds({ most: infoHashesThatFit(this.#cookie) })
  }

  enter(task: TorrentTask, keys: readonly SwarmKey[], now: number): void {
    for (const key of keys) {
      const name = formatHex(key)
      this.#entered.set(name, task)
      this.#rounds.add(name, now)
    }
    this.#sockets ??= this.#openAll()
    this.#turns.heed(this)
  }

  leave(task: TorrentTask): void {
    for (const name of swarmKeys(task.hashes).map(formatHex)) {
      if (this.#entered.get(name) !== task) continue
      this.#entered.delete(name)
      this.#rounds.remove(name)
    }
    this.#turns.heed(this)
  }

  tick(now: number): void {
    // Who listens nowhere has nothing to tell of; who is about to may have it in the next round.
    for (let names = this.#rounds.next(now); names !== null; names = this.#rounds.next(now))
      this.#announce(names.map(parseHex))
  }

  deadline(): number {
    return this.#open.length > 0 ? this.#rounds.deadline() : Number.POSITIVE_INFINITY
  }

  fail(error: unknown, now: number): void {
    this.#guard.fail(error, now)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#turns.forget(this)
    await this.#sockets
    await Promise.all(this.#open.map(({ socket }) => socket.close()))
  }

  /** A family that this machine does not have, or a port that somebody does not share: then without it. */
  async #openAll(): Promise<void> {
    for (const group of LSD_GROUPS) {
      if (this.#isClosed) return
      try {
        const socket = await this.#groups.join(group, this.#places, (datagram, from) =>
          this.#turns.enter(this, now => this.#received(datagram, from, now)),
        )
        this.#open.push({ group, socket })
      } catch {
        // The other one may do.
      }
    }
    if (!this.#isClosed) this.#turns.enter(this, () => this.#turns.heed(this))
  }

  #announce(infoHashes: readonly Uint8Array[]): void {
    const announcement: Announcement = { port: this.#port(), infoHashes, cookie: this.#cookie }
    if (announcement.port === 0) return
    for (const { group, socket } of this.#open) socket.send(encodeAnnouncement(group, announcement))
  }

  #received(datagram: Uint8Array, from: Address, now: number): void {
    if (this.#entered.size === 0 || !this.#sources.mayHear(from.host, now)) return
    const announcement = decodeAnnouncement(datagram)
    if (!announcement || announcement.cookie === this.#cookie) return
    const peer = { address: address(from.host, announcement.port) }
    for (const infoHash of announcement.infoHashes) {
      const task = this.#entered.get(formatHex(infoHash))
      if (task) this.#turns.enter(task, () => task.found([peer], 'lan', now, isSecondSwarm(task, infoHash)))
    }
  }
}
