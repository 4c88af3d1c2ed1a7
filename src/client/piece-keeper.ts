import type { Bitfield } from '../core/bitfield.ts'
import { StorageError } from '../core/errors.ts'
import type { Info } from '../metainfo/info.ts'
import type { DigestKinds, PieceHasher, TorrentStorage } from '../storage/torrent-storage.ts'
import type { PieceDigest } from '../swarm/piece-verdict.ts'
import type { PieceKeeper, WriteAnswer } from '../swarm/piece-keeper.ts'
import type { ResumeLog } from '../storage/resume-log.ts'
import type { Guarded, Turns } from './turns.ts'

/** Which hashes a piece of this torrent has: a hybrid has both. */
export function digestKinds(info: Info, piece: number, options: { wantLeaves?: boolean } = {}): DigestKinds {
  const merkle =
    info.version === 'v1'
      ? null
      : { ...info.geometry.leavesOf(piece), wantLeaves: options.wantLeaves ?? false }
  return { sha1: info.version !== 'v2', merkle }
}

/** Hands pieces to the hash and disk workers, and their answers back in turns of the torrent. */
export class WorkerPieceKeeper implements PieceKeeper {
  readonly #info: Info
  readonly #storage: TorrentStorage
  readonly #hasher: PieceHasher
  readonly #resume: ResumeLog | null
  readonly #turns: Turns
  readonly #owner: Guarded
  /** Answers that are still to come. Bounded by the extents lent out. */
  readonly #pending = new Set<Promise<void>>()

  constructor(options: {
    info: Info
    storage: TorrentStorage
    hasher: PieceHasher
    resume: ResumeLog | null
    turns: Turns
    owner: Guarded
  }) {
    this.#info = options.info
    this.#storage = options.storage
    this.#hasher = options.hasher
    this.#resume = options.resume
    this.#turns = options.turns
    this.#owner = options.owner
  }

  digest(piece: number, parts: readonly Uint8Array[], tell: (digest: PieceDigest) => void): void {
    const content = this.#info.geometry.contentBytes(piece)
    this.#answer(this.#hasher.digest(parts, content, this.#kinds(piece)), tell)
  }

  digestStored(piece: number, tell: (digest: PieceDigest | null) => void): void {
    this.#answer(this.#storage.digest(piece, this.#kinds(piece)), tell, () => tell(null))
  }

  readStored(piece: number, tell: (bytes: Uint8Array | null) => void): void {
    const bytes = new Uint8Array(new SharedArrayBuffer(this.#info.geometry.pieceLengthOf(piece)))
    const read = this.#storage.read(piece, 0, [bytes]).then(() => bytes)
    this.#answer(read, tell, () => tell(null))
  }

  write(piece: number, begin: number, parts: readonly Uint8Array[], tell: WriteAnswer): void {
    const write = (): Promise<void> => this.#storage.write(piece, begin, parts)
    const noted = this.#resume?.beforeWriting(piece)
    this.#answer(noted ? noted.then(write) : write(), () => tell(null), tell)
  }

  pieceWritten(piece: number): void {
    this.#resume?.pieceWritten(piece, this.#info.geometry.pieceLengthOf(piece))
  }

  blocksSpilled(piece: number, blocks: Bitfield): void {
    this.#resume?.blocksSpilled(piece, blocks)
  }

  /** Until every answer has come, also to what was asked because of one. */
  async idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  #kinds(piece: number): DigestKinds {
    return digestKinds(this.#info, piece, { wantLeaves: true })
  }

  /** Tells in a turn of the torrent what came of some work; a fault that nobody listens for is the torrent's own. */
  #answer<T>(
    work: Promise<T>,
    tell: (answer: T) => void,
    refused: ((error: StorageError) => void) | null = null,
  ): void {
    const answered = work.then(
      answer => this.#turns.enter(this.#owner, () => tell(answer)),
      (error: unknown) =>
        this.#turns.enter(this.#owner, now => {
          if (refused && error instanceof StorageError) refused(error)
          else this.#owner.fail(error, now)
        }),
    )
    this.#pending.add(answered)
    void answered.then(() => this.#pending.delete(answered))
  }
}
