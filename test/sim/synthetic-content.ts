import { writeU32, readU32 } from '../../src/core/bytes.ts'
import { StorageError } from '../../src/core/errors.ts'
import type { ExtentMemory } from '../../src/core/ports.ts'
import { BLOCK_LENGTH, type Geometry } from '../../src/metainfo/geometry.ts'
import { buildTorrent, planTorrent } from '../../src/metainfo/build.ts'
import type {
  DiskLook,
  FileState,
  PieceDigest,
  PieceHasher,
  TorrentStorage,
} from '../../src/storage/torrent-storage.ts'
import type { World } from './world.ts'

/** Every block begins with its piece and its place in it; the rest is never looked at, nor copied. */
const STAMP_LENGTH = 8
const HASH_LENGTH = 20
const WORK_TIME = 1

/** A torrent of any length that costs next to nothing: blocks are told by their stamps, hashes are piece numbers. */
export class SyntheticContent {
  readonly geometry: Geometry
  readonly torrentFile: Uint8Array
  readonly length: number

  constructor(options: { length: number; pieceLength: number; trackers: readonly string[] }) {
    this.length = options.length
    const files = [{ path: ['synthetic'], length: options.length }]
    const { pieceLength } = options
    const plan = planTorrent({ name: 'synthetic', isSingleFile: true, files, format: 'v1', pieceLength })
    this.geometry = plan.geometry
    const v1 = new Uint8Array(plan.geometry.pieceCount * HASH_LENGTH)
    for (let piece = 0; piece < plan.geometry.pieceCount; piece++)
      v1.set(fakeHash(piece), piece * HASH_LENGTH)
    this.torrentFile = buildTorrent(plan, { v1 }, { trackers: [options.trackers] })
  }
}

/** Copies stamps and nothing else. */
export const stampMemory: ExtentMemory = {
  allocate: length => new Uint8Array(new SharedArrayBuffer(length)),
  copy: (source, target, at) => {
    const length = Math.min(STAMP_LENGTH - at, source.length)
    for (let i = 0; i < length; i++) target[at + i] = source[i]!
  },
}

/** Believes stamps. */
export class StampHasher implements PieceHasher {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  digest(parts: readonly Uint8Array[]): Promise<PieceDigest> {
    return this.#world.later(WORK_TIME, () => ({ sha1: judge(parts), merkleRoot: null, leaves: null }))
  }
}

/** Remembers which pieces were written, and makes up what is read. */
export class StampStorage implements TorrentStorage {
  readonly #world: World
  readonly #content: SyntheticContent
  readonly #has: Set<number>
  readonly #isWhole: boolean

  constructor(options: { world: World; content: SyntheticContent; isWhole: boolean }) {
    this.#world = options.world
    this.#content = options.content
    this.#isWhole = options.isWhole
    this.#has = new Set(options.isWhole ? Array(options.content.geometry.pieceCount).keys() : [])
  }

  prepare(): Promise<readonly FileState[]> {
    return this.inspect()
  }

  syncExisting(): void {}

  async inspect(): Promise<readonly FileState[]> {
    return [this.#isWhole ? { length: this.#content.length, mtimeNs: 1n, ino: 1n, dev: 1n } : null]
  }

  async select(): Promise<readonly FileState[]> {
    return this.inspect()
  }

  relocate(): Promise<never> {
    return Promise.reject(new RangeError('nothing lies here that could be moved'))
  }

  async lookAtDisk(): Promise<DiskLook> {
    return { device: 1n, free: null }
  }

  write(piece: number, _begin: number, parts: readonly Uint8Array[]): Promise<void> {
    return this.#world.later(WORK_TIME, () => {
      if (readU32(judge(parts), 0) === piece + 1) this.#has.add(piece)
    })
  }

  read(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    return this.#world.later(WORK_TIME, () => {
      if (!this.#has.has(piece)) throw new StorageError('file-missing', `piece ${piece} is not there`)
      let at = begin
      for (const part of parts) {
        writeU32(part, 0, piece)
        writeU32(part, 4, at)
        at += part.length
      }
    })
  }

  digest(piece: number): Promise<PieceDigest> {
    const sha1 = fakeHash(this.#has.has(piece) ? piece : -1)
    return this.#world.later(WORK_TIME, () => ({ sha1, merkleRoot: null, leaves: null }))
  }

  async sync(): Promise<void> {}

  async close(): Promise<void> {}
}

function fakeHash(piece: number): Uint8Array {
  const hash = new Uint8Array(HASH_LENGTH)
  writeU32(hash, 0, piece + 1)
  return hash
}

/** The hash of the piece that these blocks make, where they belong together; that of no piece otherwise. */
function judge(parts: readonly Uint8Array[]): Uint8Array {
  const piece = readU32(parts[0]!, 0)
  let begin = 0
  for (const part of parts) {
    for (let at = 0; at < part.length; at += BLOCK_LENGTH) {
      if (readU32(part, at) !== piece || readU32(part, at + 4) !== begin) return fakeHash(-1)
      begin += BLOCK_LENGTH
    }
  }
  return fakeHash(piece)
}
