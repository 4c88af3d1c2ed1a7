import { BitTorrentError, StorageError } from '../core/errors.ts'
import { isPassingFault } from '../core/passing-fault.ts'
import type { Info } from '../metainfo/info.ts'
import type { ResumeLog } from '../storage/resume-log.ts'
import type { FileState, TorrentStorage } from '../storage/torrent-storage.ts'
import type { PayloadTally } from '../swarm/payload-tally.ts'
import type { Torrent } from '../swarm/torrent.ts'
import { lostPieces } from './lost-pieces.ts'
import { CLIENT_LIMITS } from './limits.ts'
import { digestKinds, type WorkerPieceKeeper } from './piece-keeper.ts'
import type { Timed, Turns } from './turns.ts'

/** Whose disk it is. */
export interface DiskOwner extends Timed {
  readonly signal: AbortSignal
  readonly error: BitTorrentError | null
  readonly hasFailed: boolean
  readonly tally: PayloadTally
  blocked(error: BitTorrentError): void
  recovered(): void
  /** Something that was had is gone, and is not had any more. */
  hasLost(): void
}

/** Payload of earlier sessions, in bytes. */
export interface EarlierPayload {
  readonly uploaded: number
  readonly downloaded: number
}

/** What a running torrent has on disk: brings it there for good, in groups, and notices what is gone. */
export class TorrentDisk {
  readonly #info: Info
  readonly #storage: TorrentStorage
  readonly #resume: ResumeLog | null
  readonly #torrent: Torrent
  readonly #keeper: WorkerPieceKeeper
  readonly #isWanted: (file: number) => boolean
  readonly #earlier: EarlierPayload
  readonly #owner: DiskOwner
  readonly #turns: Turns
  /** A piece that could not be read while the disk was away, and when to try again. */
  #unread: { readonly piece: number; readonly at: number } | null = null
  /** Commits asked for and not done. */
  #commits = 0
  #lastCommit: Promise<void> = Promise.resolve()

  constructor(options: {
    info: Info
    storage: TorrentStorage
    resume: ResumeLog | null
    torrent: Torrent
    keeper: WorkerPieceKeeper
    isWanted: (file: number) => boolean
    earlier: EarlierPayload
    owner: DiskOwner
    turns: Turns
  }) {
    this.#info = options.info
    this.#storage = options.storage
    this.#resume = options.resume
    this.#torrent = options.torrent
    this.#keeper = options.keeper
    this.#isWanted = options.isWanted
    this.#earlier = options.earlier
    this.#owner = options.owner
    this.#turns = options.turns
  }

  /** Nothing is being committed, and nothing waits for the disk to be back. */
  get isQuiet(): boolean {
    return this.#commits === 0 && this.#unread === null
  }

  tick(now: number): void {
    if (this.#commits === 0 && this.#resume?.isCommitDue(now)) void this.commit()
    if (this.#unread && now >= this.#unread.at) void this.#readAgain(this.#unread.piece)
  }

  deadline(): number {
    return Math.min(
      this.#resume?.commitDueAt() ?? Number.POSITIVE_INFINITY,
      this.#unread?.at ?? Number.POSITIVE_INFINITY,
    )
  }

  /** Brings what was written before the call to the disk itself, and remembers it. One after the other. */
  commit(): Promise<void> {
    this.#commits++
    this.#lastCommit = this.#lastCommit.then(() => this.#commitOnce())
    return this.#lastCommit
  }

  /** Remembers what the files look like, for a moment when nothing is being written. */
  async settle(): Promise<void> {
    await (this.#resume ? this.#resume.settle() : this.#storage.inspect()).catch(() => undefined)
  }

  /** All lies elsewhere now. What is had there is known to be good, and is so for good with the next commit. */
  async moved(files: readonly FileState[]): Promise<void> {
    await this.#resume?.checked(this.#torrent.pieces.have, files)
  }

  /**
   * What we were about to serve cannot be read. It is not had any more, and will be fetched again; but where the disk is
   * away, the piece is looked at again in a while.
   */
  readFailed(piece: number, error: unknown): void {
    if (!(error instanceof BitTorrentError)) return this.#owner.fail(error, this.#turns.now())
    if (!this.#torrent.pieces.have.has(piece)) return
    if (error instanceof StorageError && isPassingFault(error)) {
      if (this.#owner.error?.code !== error.code) this.#owner.blocked(error)
      this.#unread ??= { piece, at: this.#turns.now() + CLIENT_LIMITS.openAgainAfter }
      return this.#turns.heed(this.#owner)
    }
    this.lose(piece)
    this.#owner.blocked(error)
    void this.#loseWhatIsGone()
  }

  /** Waits for what is under way, commits, closes. The swarm must be closed before. */
  async close(): Promise<void> {
    await this.#keeper.idle()
    await this.commit()
    try {
      await this.#resume?.close()
    } finally {
      await this.#storage.close()
    }
  }

  async #commitOnce(): Promise<void> {
    const { uploaded, downloaded } = this.#owner.tally
    const sync = (): Promise<void> => this.#storage.sync()
    try {
      this.#resume?.counters(this.#earlier.uploaded + uploaded, this.#earlier.downloaded + downloaded)
      await (this.#resume ? this.#resume.commit(sync) : sync())
      if (this.#owner.error && !this.#torrent.pieces.isBlocked && !this.#unread && !this.#owner.hasFailed)
        this.#owner.recovered()
    } catch (error) {
      this.#turns.enter(this.#owner, now => {
        if (!(error instanceof StorageError)) return this.#owner.fail(error, now)
        // Nobody knows what of them is on the disk, and syncing again would prove nothing: they are fetched again.
        for (const piece of this.#resume?.doubtful ?? []) this.lose(piece)
        this.#owner.blocked(error)
      })
    } finally {
      this.#commits--
      this.#turns.enter(this.#owner, () => this.#turns.heed(this.#owner))
    }
  }

  /** Whether the disk is back. */
  async #readAgain(piece: number): Promise<void> {
    this.#unread = { piece, at: Number.POSITIVE_INFINITY }
    const kinds = digestKinds(this.#info, piece)
    const fault: unknown = await this.#storage.digest(piece, kinds).then(
      () => null,
      (error: unknown) => error,
    )
    if (this.#owner.signal.aborted) return
    this.#turns.enter(this.#owner, () => {
      this.#unread = null
      if (fault !== null) this.readFailed(piece, fault)
      else if (this.#owner.error && !this.#torrent.pieces.isBlocked) this.#owner.recovered()
    })
  }

  /** Where one piece cannot be read, others of its file will not be there either: nobody is to be promised them. */
  async #loseWhatIsGone(): Promise<void> {
    const files = await this.#storage.inspect().catch(() => null)
    if (!files || this.#owner.signal.aborted) return
    this.#turns.enter(this.#owner, () => {
      const { have } = this.#torrent.pieces
      for (const piece of lostPieces(this.#info, have, files, this.#isWanted)) this.lose(piece)
    })
  }

  /** A piece is not there any more: others have it to be fetched again. */
  lose(piece: number): void {
    this.#resume?.pieceLost(piece)
    this.#torrent.lost(piece)
    this.#owner.hasLost()
  }
}
