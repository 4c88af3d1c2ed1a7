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

/** What one connection draws on, and with what. */
interface Connection {
  readonly user: CreditUser
  readonly torrent: TorrentChannels
  readonly classes: readonly BandwidthClass[]
  readonly own: ChannelPair
  readonly download: Account
  readonly upload: Account
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

  /** The accounts of one connection, down and up. */
  open(user: CreditUser, torrent: TorrentChannels): { download: Account; upload: Account } {
    const facts = { scope: scopeOf(user.address.host) }
    const classes = classesOf(facts).map(name => this.#classes[name])
    const own = this.#pair('peer', this.#ofPeers.down, this.#ofPeers.up)
    const drawn = this.#drawn({ torrent, classes, own })
    const download = this.#scheduler.account(drawn.down, 'down')
    const upload = this.#scheduler.account(drawn.up, 'up')
    const connection = { user, torrent, classes, own, download, upload }
    this.#connections.set(download, connection)
    this.#connections.set(upload, connection)
    return { download, upload }
  }

  close(accounts: { download: Account; upload: Account }): void {
    this.#connections.delete(accounts.download)
    this.#connections.delete(accounts.upload)
    accounts.download.close()
    accounts.upload.close()
  }

  /** The narrowest limit of a torrent, or of all, that connections wait for; null where none waits. */
  bottleneck(torrent: TorrentChannels, way: 'down' | 'up'): { whose: string; bytesPerSecond: number } | null {
    const channels = [
      { whose: 'torrent', channel: torrent[way] },
      { whose: 'session', channel: this.#session[way] },
      ...PEER_CLASS_NAMES.map(name => ({ whose: `${name} peers`, channel: this.#classes[name][way] })),
    ]
    const [narrowest] = channels
      .filter(({ channel }) => channel.isLimited && channel.waiters > 0)
      .sort((a, b) => a.channel.limit - b.channel.limit)
    return narrowest ? { whose: narrowest.whose, bytesPerSecond: narrowest.channel.limit } : null
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
    const pairs = [...(isUnderSession ? [this.#session] : []), ...of.classes, of.torrent, of.own]
    return { down: pairs.map(pair => pair.down), up: pairs.map(pair => pair.up) }
  }

  #setClass(of: BandwidthClass, limits: PeerClassLimits): void {
    setPair(of, limits)
    const { isUnderSessionLimit = of.isUnderSessionLimit } = limits
    if (isUnderSessionLimit === of.isUnderSessionLimit) return
    of.isUnderSessionLimit = isUnderSessionLimit
    for (const connection of this.#connections.values()) {
      const drawn = this.#drawn(connection)
      connection.download.drawOn(drawn.down)
      connection.upload.drawOn(drawn.up)
    }
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

  /** Who waits may not have to wait any more. */
  #heedLimits(): void {
    this.#turns.enter(this, () => this.#turns.heed(this))
  }
}

function setPair({ down, up }: ChannelPair, { downloadLimit, uploadLimit }: Limits): void {
  if (downloadLimit !== undefined) down.setLimit(downloadLimit)
  if (uploadLimit !== undefined) up.setLimit(uploadLimit)
}
