import { type Address, scopeOf } from '../core/address.ts'
import type { Account, BandwidthScheduler, Channel } from '../swarm/bandwidth.ts'
import {
  type BandwidthClass,
  type ChannelPair,
  classesOf,
  PEER_CLASS_NAMES,
  type PeerClassName,
} from '../swarm/bandwidth-class.ts'
import type { Limits, PeerClassLimits, SessionLimits } from './session-options.ts'
import type { Guarded, Timed, Turns } from './turns.ts'

/** Someone who waits for credit. */
export interface CreditUser extends Guarded {
  readonly address: Address
  /** There is credit again. */
  creditCame(now: number): void
}

/** The limits of one torrent. */
export type TorrentChannels = ChannelPair

/** What a connection draws with, each way. */
export interface ConnectionAccounts {
  readonly download: Account
  readonly upload: Account
}

/** What one connection draws on, and with what. */
interface Connection extends ConnectionAccounts {
  readonly user: CreditUser
  /** Null until it is known which torrent it is about. */
  torrent: TorrentChannels | null
  readonly classes: readonly BandwidthClass[]
  readonly own: ChannelPair
}

/** A limit that is used up: the narrowest of those that hold most connections back. */
export interface Bottleneck {
  /** `the session`, `each peer`, … */
  readonly whose: string
  readonly bytesPerSecond: number
}

/**
 * The credit of all connections: one scheduler, and who is to be woken when a turn in it has come. A connection draws
 * on its own channels and on those of its torrent, its classes and, unless a class is exempt, the session.
 */
export class Traffic implements Timed {
  readonly #scheduler: BandwidthScheduler
  readonly #turns: Turns
  readonly #session: ChannelPair
  readonly #classes: Readonly<Record<PeerClassName, BandwidthClass>>
  readonly #ofPeers = { down: Number.POSITIVE_INFINITY, up: Number.POSITIVE_INFINITY }
  /** Bounded by the connections of the session. */
  readonly #connections = new Map<Account, Connection>()
  readonly #fail: (error: unknown) => void

  constructor(options: {
    scheduler: BandwidthScheduler
    turns: Turns
    limits: SessionLimits
    fail: (error: unknown) => void
  }) {
    this.#scheduler = options.scheduler
    this.#turns = options.turns
    this.#fail = options.fail
    this.#session = this.#pair('session')
    this.#classes = {
      local: { ...this.#pair('local peers'), isUnderSessionLimit: true },
      remote: { ...this.#pair('remote peers'), isUnderSessionLimit: true },
    }
    this.setLimits(options.limits)
    options.scheduler.onWait = () => options.turns.heed(this)
  }

  /** The channels of one torrent; its connections draw on them as well as on the session's. */
  channels(limits: { download: number; upload: number }): TorrentChannels {
    return this.#pair('torrent', limits.download, limits.upload)
  }

  /** Changes limits from now on; those that are not named stay. */
  setLimits(limits: SessionLimits): void {
    setPair(this.#session, limits)
    for (const name of PEER_CLASS_NAMES) this.#setClass(this.#classes[name], limits.peerClasses?.[name] ?? {})
    this.#setPeers(limits)
    this.#heedLimits()
  }

  /** Likewise, of one torrent. */
  setTorrentLimits(torrent: TorrentChannels, limits: Limits): void {
    setPair(torrent, limits)
    this.#heedLimits()
  }

  /** The accounts of a new connection, down and up; what it carries before anybody knows its torrent counts too. */
  open(user: CreditUser, torrent: TorrentChannels | null = null): ConnectionAccounts {
    const facts = { scope: scopeOf(user.address.host) }
    const classes = classesOf(facts).map(name => this.#classes[name])
    const own = this.#pair('peer', this.#ofPeers.down, this.#ofPeers.up)
    const drawn = this.#drawn({ torrent, classes, own })
    const download = this.#scheduler.account(drawn.down, 'down')
    const upload = this.#scheduler.account(drawn.up, 'up')
    const connection: Connection = { user, torrent, classes, own, download, upload }
    this.#connections.set(download, connection)
    this.#connections.set(upload, connection)
    return { download, upload }
  }

  /** It is known now which torrent a connection is about. */
  join(accounts: ConnectionAccounts, torrent: TorrentChannels): void {
    const connection = this.#connections.get(accounts.download)
    if (!connection || connection.torrent === torrent) return
    connection.torrent = torrent
    this.#redraw(connection)
  }

  close(accounts: ConnectionAccounts): void {
    this.#connections.delete(accounts.download)
    this.#connections.delete(accounts.upload)
    accounts.download.close()
    accounts.upload.close()
  }

  /** What most connections of a torrent wait for; null where none waits. */
  bottleneck(torrent: TorrentChannels, way: keyof ChannelPair): Bottleneck | null {
    const held = new Map<string, { count: number; bytesPerSecond: number }>()
    for (const connection of new Set(this.#connections.values())) {
      const channel = (way === 'down' ? connection.download : connection.upload).heldUpBy
      if (connection.torrent !== torrent || !channel) continue
      const whose = this.#ownerOf(channel, connection, way)
      held.set(whose, { count: (held.get(whose)?.count ?? 0) + 1, bytesPerSecond: channel.limit })
    }
    const [most] = [...held].sort(([, a], [, b]) => b.count - a.count || a.bytesPerSecond - b.bytesPerSecond)
    return most ? { whose: most[0], bytesPerSecond: most[1].bytesPerSecond } : null
  }

  tick(now: number): void {
    for (const account of this.#scheduler.ready(now)) {
      const user = this.#connections.get(account)?.user
      if (user) this.#turns.enter(user, () => user.creditCame(now))
    }
  }

  deadline(): number {
    return this.#scheduler.deadline()
  }

  fail(error: unknown): void {
    this.#fail(error)
  }

  #pair(name: string, down = Number.POSITIVE_INFINITY, up = Number.POSITIVE_INFINITY): ChannelPair {
    return {
      down: this.#scheduler.channel(`${name} down`, down),
      up: this.#scheduler.channel(`${name} up`, up),
    }
  }

  #drawn(of: Pick<Connection, 'torrent' | 'classes' | 'own'>): { down: Channel[]; up: Channel[] } {
    const isUnderSession = of.classes.every(({ isUnderSessionLimit }) => isUnderSessionLimit)
    const { classes, torrent, own } = of
    const pairs = [...(isUnderSession ? [this.#session] : []), ...classes, ...(torrent ? [torrent] : []), own]
    return { down: pairs.map(pair => pair.down), up: pairs.map(pair => pair.up) }
  }

  #setClass(of: BandwidthClass, limits: PeerClassLimits): void {
    setPair(of, limits)
    const { isUnderSessionLimit = of.isUnderSessionLimit } = limits
    if (isUnderSessionLimit === of.isUnderSessionLimit) return
    of.isUnderSessionLimit = isUnderSessionLimit
    for (const connection of this.#connections.values()) this.#redraw(connection)
  }

  #redraw(connection: Connection): void {
    const drawn = this.#drawn(connection)
    connection.download.drawOn(drawn.down)
    connection.upload.drawOn(drawn.up)
  }

  #setPeers({ peerDownloadLimit, peerUploadLimit }: SessionLimits): void {
    this.#ofPeers.down = peerDownloadLimit ?? this.#ofPeers.down
    this.#ofPeers.up = peerUploadLimit ?? this.#ofPeers.up
    for (const { own } of this.#connections.values()) {
      setPair(own, {
        ...(peerDownloadLimit !== undefined && { downloadLimit: peerDownloadLimit }),
        ...(peerUploadLimit !== undefined && { uploadLimit: peerUploadLimit }),
      })
    }
  }

  #ownerOf(channel: Channel, connection: Connection, way: keyof ChannelPair): string {
    if (channel === this.#session[way]) return 'the session'
    if (channel === connection.own[way]) return 'each peer'
    const name = PEER_CLASS_NAMES.find(name => this.#classes[name][way] === channel)
    return name ? `the ${name} peers` : 'the torrent'
  }

  /** Who waits may not have to wait any more. */
  #heedLimits(): void {
    this.#turns.enter(this, () => this.#turns.heed(this))
  }
}

function setPair({ down, up }: ChannelPair, { downloadLimit, uploadLimit }: Limits): void {
  if (downloadLimit !== undefined) down.setLimit(downloadLimit)
  if (uploadLimit !== undefined) up.setLimit(uploadLimit)
}
