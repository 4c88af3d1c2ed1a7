import { Bitfield } from '../core/bitfield.ts'
import { StorageError } from '../core/errors.ts'
import type { Info } from '../metainfo/info.ts'
import type { PieceHashes } from '../metainfo/piece-hashes.ts'
import type {
  DigestKinds,
  DiskLook,
  FileState,
  PieceDigest,
  PieceHasher,
  RelocateOptions,
  StoragePlace,
  TorrentStorage,
} from '../storage/torrent-storage.ts'
import { judgePiece } from '../swarm/piece-verdict.ts'
import { digestKinds } from './piece-keeper.ts'

/** Who writes to a file all the time has no piece of it read. */
const ATTEMPTS = 3

/**
 * Storage that reads nothing from a file which somebody else changed, before the piece it is for was hashed again: so what
 * is served is what was promised. A piece that is not good any more cannot be read: `file-changed`.
 */
export class ProvenStorage implements TorrentStorage {
  readonly hasher: PieceHasher | null
  readonly #inner: TorrentStorage
  readonly #info: Info
  readonly #hashes: PieceHashes
  /** Pieces of files that were changed. Null as long as there was none. */
  #doubted: Bitfield | null = null

  constructor(options: { storage: TorrentStorage; info: Info; hashes: PieceHashes }) {
    this.#inner = options.storage
    this.#info = options.info
    this.#hashes = options.hashes
    this.hasher = options.storage.hasher ?? null
  }

  async read(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (this.#doubted?.has(piece)) await this.#prove(piece)
      try {
        return await this.#inner.read(piece, begin, parts)
      } catch (error) {
        if (!(error instanceof StorageError) || error.code !== 'file-changed' || attempt === ATTEMPTS)
          throw error
        this.#doubt(error.path ?? '')
      }
    }
  }

  async write(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    await this.#inner.write(piece, begin, parts)
    // It is judged before it is had, whatever lay there.
    this.#doubted?.clear(piece)
  }

  prepare(): Promise<readonly FileState[]> {
    return this.#inner.prepare()
  }

  inspect(): Promise<readonly FileState[]> {
    return this.#inner.inspect()
  }

  select(isWanted: (file: number) => boolean): Promise<readonly FileState[]> {
    return this.#inner.select(isWanted)
  }

  relocate(place: StoragePlace, options: RelocateOptions): Promise<readonly StorageError[]> {
    return this.#inner.relocate(place, options)
  }

  lookAtDisk(): Promise<DiskLook> {
    return this.#inner.lookAtDisk()
  }

  digest(piece: number, kinds: DigestKinds): Promise<PieceDigest> {
    return this.#inner.digest(piece, kinds)
  }

  sync(): Promise<void> {
    return this.#inner.sync()
  }

  syncExisting(): void {
    this.#inner.syncExisting()
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  /** By the name on disk, which may be another than the torrent's: then all of it is in doubt. */
  #doubt(path: string): void {
    const { files, geometry } = this.#info
    const doubted = (this.#doubted ??= new Bitfield(geometry.pieceCount))
    const changed = [...files.keys()].filter(file => `/${path}`.endsWith(`/${files[file]!.displayPath}`))
    if (changed.length === 0) return doubted.setAll()
    for (const file of changed) {
      const { first, end } = geometry.piecesOf(file)
      for (let piece = first; piece < end; piece++) doubted.set(piece)
    }
  }

  async #prove(piece: number): Promise<void> {
    const digest = await this.#inner.digest(piece, digestKinds(this.#info, piece))
    if (judgePiece(piece, digest, this.#hashes) !== 'good')
      throw new StorageError(
        'file-changed',
        `somebody changed the files of "${this.#info.name}": piece ${piece} is not what it was, and fetched again`,
      )
    this.#doubted?.clear(piece)
  }
}
