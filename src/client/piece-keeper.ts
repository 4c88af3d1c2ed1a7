import { StorageError } from '../core/errors.ts'
import type { Info } from '../metainfo/info.ts'
import type { DigestKinds, PieceHasher, TorrentStorage } from '../storage/torrent-storage.ts'
import type { PieceDigest } from '../swarm/piece-verdict.ts'
import type { PieceKeeper } from '../swarm/torrent-pieces.ts'
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
    this.#hasher.digest(parts, content, digestKinds(this.#info, piece, { wantLeaves: true })).then(
      digest => this.#turns.enter(this.#owner, () => tell(digest)),
      (error: unknown) => this.#turns.enter(this.#owner, now => this.#owner.fail(error, now)),
    )
  }

  write(piece: number, parts: readonly Uint8Array[], tell: (error: StorageError | null) => void): void {
    this.#storage.write(piece, 0, parts).then(
      () =>
        this.#turns.enter(this.#owner, () => {
          this.#resume?.pieceWritten(piece, this.#info.geometry.pieceLengthOf(piece))
          tell(null)
        }),
      (error: unknown) =>
        this.#turns.enter(this.#owner, now => {
          if (error instanceof StorageError) tell(error)
          else this.#owner.fail(error, now)
        }),
    )
  }
}
