import type {
  DigestKinds,
  FileState,
  PieceDigest,
  PieceHasher,
  TorrentStorage,
} from '../../src/storage/torrent-storage.ts'
import { PieceDigester } from '../../src/storage/piece-digester.ts'
import type { World } from './world.ts'

/** How long a disk takes for anything, and a hash worker for a piece. */
const DISK_TIME = 2
const HASH_TIME = 1

/** Another storage behind a disk that takes its time, as all do. */
export class SimStorage implements TorrentStorage {
  /** Pieces in the order in which they were written, as often as they were. */
  readonly written: number[]
  readonly #world: World
  readonly #inner: TorrentStorage

  constructor(options: { world: World; inner: TorrentStorage; written: number[] }) {
    this.#world = options.world
    this.#inner = options.inner
    this.written = options.written
  }

  prepare(): Promise<void> {
    return this.#world.later(DISK_TIME, () => this.#inner.prepare())
  }

  inspect(): Promise<readonly FileState[]> {
    return this.#world.later(DISK_TIME, () => this.#inner.inspect())
  }

  write(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    return this.#world.later(DISK_TIME, async () => {
      await this.#inner.write(piece, begin, parts)
      this.written.push(piece)
    })
  }

  read(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    return this.#world.later(DISK_TIME, () => this.#inner.read(piece, begin, parts))
  }

  digest(piece: number, kinds: DigestKinds): Promise<PieceDigest> {
    return this.#world.later(DISK_TIME, () => this.#inner.digest(piece, kinds))
  }

  sync(): Promise<void> {
    return this.#world.later(DISK_TIME, () => this.#inner.sync())
  }

  close(): Promise<void> {
    return this.#world.later(DISK_TIME, () => this.#inner.close())
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
