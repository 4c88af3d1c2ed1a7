import type { StorageError } from '../../src/core/errors.ts'
import type {
  DigestKinds,
  DiskLook,
  FileState,
  PieceDigest,
  PieceHasher,
  RelocateOptions,
  StoragePlace,
  TorrentStorage,
} from '../../src/storage/torrent-storage.ts'
import { PieceDigester } from '../../src/storage/piece-digester.ts'
import type { World } from './world.ts'

/** How long a disk takes for anything, and a hash worker for a piece. */
const DISK_TIME = 2
const HASH_TIME = 1

/** What was done to a disk. */
export interface DiskLog {
  /** Pieces in the order in which they were written, as often as they were. */
  readonly written: number[]
  /** How many pieces were hashed as they lie there. */
  digested: number
  /** How often a sync was to include what was there before. */
  broadSyncs: number
  /** So many of them would survive a power cut. */
  synced: number
  /** The program that used it was killed: what it had begun is never heard of again. */
  isDead: boolean
}

/** Another storage behind a disk that takes its time, as all do. */
export class SimStorage implements TorrentStorage {
  readonly #world: World
  readonly #inner: TorrentStorage
  readonly #log: DiskLog

  constructor(options: { world: World; inner: TorrentStorage; log: DiskLog }) {
    this.#world = options.world
    this.#inner = options.inner
    this.#log = options.log
  }

  prepare(): Promise<readonly FileState[]> {
    return this.#later(() => this.#inner.prepare())
  }

  inspect(): Promise<readonly FileState[]> {
    return this.#later(() => this.#inner.inspect())
  }

  select(isWanted: (file: number) => boolean): Promise<readonly FileState[]> {
    return this.#later(() => this.#inner.select(isWanted))
  }

  relocate(place: StoragePlace, options: RelocateOptions): Promise<readonly StorageError[]> {
    return this.#later(() => this.#inner.relocate(place, options))
  }

  lookAtDisk(): Promise<DiskLook> {
    return this.#later(() => this.#inner.lookAtDisk())
  }

  write(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    return this.#later(async () => {
      await this.#inner.write(piece, begin, parts)
      this.#log.written.push(piece)
    })
  }

  read(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    return this.#later(() => this.#inner.read(piece, begin, parts))
  }

  digest(piece: number, kinds: DigestKinds): Promise<PieceDigest> {
    this.#log.digested++
    return this.#later(() => this.#inner.digest(piece, kinds))
  }

  syncExisting(): void {
    this.#log.broadSyncs++
    this.#inner.syncExisting()
  }

  sync(): Promise<void> {
    const count = this.#log.written.length
    return this.#later(async () => {
      await this.#inner.sync()
      this.#log.synced = count
    })
  }

  close(): Promise<void> {
    return this.#later(() => this.#inner.close())
  }

  #later<T>(work: () => Promise<T>): Promise<T> {
    return this.#world.later(DISK_TIME, () =>
      this.#log.isDead ? new Promise<never>(() => undefined) : work(),
    )
  }
}

/** Hashes what is really there. */
export class SimHasher implements PieceHasher {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  digest(parts: readonly Uint8Array[], contentLength: number, kinds: DigestKinds): Promise<PieceDigest> {
    return this.#world.later(HASH_TIME, () => {
      const digester = new PieceDigester(kinds, contentLength)
      for (const part of parts) digester.update(part)
      return digester.finish()
    })
  }
}
