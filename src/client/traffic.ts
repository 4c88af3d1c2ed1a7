import type { Account, BandwidthScheduler, Channel } from '../swarm/bandwidth.ts'
import type { Guarded, Timed, Turns } from './turns.ts'

/** Someone who waits for credit. */
export interface CreditUser extends Guarded {
  /** There is credit again. */
  creditCame(now: number): void
}

/** The limits of one torrent. */
export interface TorrentChannels {
  readonly down: Channel
  readonly up: Channel
}

/** The credit of all connections: one scheduler, and who is to be woken when a turn in it has come. */
export class Traffic implements Timed {
  readonly #scheduler: BandwidthScheduler
  readonly #turns: Turns
  readonly #down: Channel
  readonly #up: Channel
  /** Bounded by the connections of the session. */
  readonly #users = new Map<Account, CreditUser>()
  readonly #fail: (error: unknown) => void

  constructor(options: {
    scheduler: BandwidthScheduler
    turns: Turns
    downloadLimit: number
    uploadLimit: number
    fail: (error: unknown) => void
  }) {
    this.#scheduler = options.scheduler
    this.#turns = options.turns
    this.#fail = options.fail
    this.#down = options.scheduler.channel('session down', options.downloadLimit)
    this.#up = options.scheduler.channel('session up', options.uploadLimit)
    options.scheduler.onWait = () => options.turns.heed(this)
  }

  /** The channels of one torrent; its connections draw on them as well as on the session's. */
  channels(limits: { download: number; upload: number }): TorrentChannels {
    return {
      down: this.#scheduler.channel('torrent down', limits.download),
      up: this.#scheduler.channel('torrent up', limits.upload),
    }
  }

  /** The accounts of one connection, down and up. */
  open(user: CreditUser, torrent: TorrentChannels): { download: Account; upload: Account } {
    const download = this.#scheduler.account([this.#down, torrent.down], 'down')
    const upload = this.#scheduler.account([this.#up, torrent.up], 'up')
    this.#users.set(download, user)
    this.#users.set(upload, user)
    return { download, upload }
  }

  close(accounts: { download: Account; upload: Account }): void {
    this.#users.delete(accounts.download)
    this.#users.delete(accounts.upload)
    accounts.download.close()
    accounts.upload.close()
  }

  tick(now: number): void {
    for (const account of this.#scheduler.ready(now)) {
      const user = this.#users.get(account)
      if (user) this.#turns.enter(user, () => user.creditCame(now))
    }
  }

  deadline(): number {
    return this.#scheduler.deadline()
  }

  fail(error: unknown): void {
    this.#fail(error)
  }
}
