import { formatHex } from '../../src/core/bytes.ts'
import type { Info } from '../../src/metainfo/info.ts'
import { buildTorrent, planTorrent } from '../../src/metainfo/build.ts'
import type { TorrentFormat } from '../../src/metainfo/plan-torrent.ts'
import { parseTorrentFile } from '../../src/metainfo/torrent-file.ts'
import { nodeDigest } from '../../src/net/node-digest.ts'
import { MemoryDisk } from '../../src/storage/memory-storage.ts'
import { storedTorrent } from '../../src/storage/stored-torrent.ts'
import { hashPlan } from '../support/hash-plan.ts'
import { withPad } from '../support/torrents.ts'
import type { World } from './world.ts'

export interface ContentOptions {
  readonly format?: TorrentFormat
  readonly pieceLength?: number
  /** Lengths by path; a single file called `file` where there is only a number. */
  readonly files?: number | Readonly<Record<string, number>>
  readonly trackers?: readonly string[]
  readonly name?: string
  /** BEP 27. */
  readonly isPrivate?: boolean
  /** Bytes of pad behind the last file. */
  readonly pad?: number
}

/** A torrent of random bytes, and what is in it. */
export class Content {
  readonly torrentFile: Uint8Array
  readonly info: Info
  readonly magnet: string
  /** As they lie on a disk: by path. */
  readonly files: ReadonlyMap<string, Uint8Array>

  constructor(world: World, options: ContentOptions = {}) {
    const { format = 'v1', pieceLength = 32_768, files = 300_000, trackers = ['http://tracker/'] } = options
    const isSingleFile = typeof files === 'number'
    const name = options.name ?? (isSingleFile ? 'file' : 'folder')
    const lengths = isSingleFile ? { [name]: files } : files
    const bytesOf = new Map(Object.entries(lengths).map(([path, length]) => [path, noise(world, length)]))
    const ownPlan = planTorrent({
      name,
      isSingleFile,
      files: Object.entries(lengths).map(([path, length]) => ({ path: path.split('/'), length })),
      format,
      pieceLength,
    })
    const plan = options.pad === undefined ? ownPlan : withPad(ownPlan, options.pad)
    const hashes = hashPlan(plan, file => bytesOf.get(file.path.join('/'))!)
    this.torrentFile = buildTorrent(plan, hashes, {
      trackers: [trackers],
      isPrivate: options.isPrivate ?? false,
    })
    this.info = parseTorrentFile(this.torrentFile, nodeDigest).info
    const { v1, v2 } = this.info.hashes
    this.magnet = [
      `magnet:?${v1 ? `xt=urn:btih:${formatHex(v1)}&` : ''}${v2 ? `xt=urn:btmh:1220${formatHex(v2)}&` : ''}`,
      ...trackers.map(url => `tr=${encodeURIComponent(url)}`),
    ].join('')
    this.files = new Map(
      [...bytesOf].map(([path, bytes]) => [isSingleFile ? path : `${name}/${path}`, bytes]),
    )
  }

  /** Bytes that peers send of it: of the pads of a hybrid only those that share a block with content. */
  get wireLength(): number {
    const { geometry } = this.info
    let length = 0
    for (let piece = 0; piece < geometry.pieceCount; piece++) length += geometry.fetchedBytes(piece)
    return length
  }

  /** A disk that has all of it. */
  onDisk(): MemoryDisk {
    const disk = new MemoryDisk()
    this.putOn(disk)
    return disk
  }

  putOn(disk: MemoryDisk): void {
    for (const [path, bytes] of this.files) disk.write(path, 0, bytes)
  }

  /** The first difference between the disk and what it should be; null where there is none. */
  missingOn(disk: MemoryDisk): string | null {
    for (const [path, bytes] of this.files) {
      const found = disk.files.get(path)?.bytes
      if (!found) return `${path} is not there`
      if (Buffer.compare(found, bytes) !== 0) return `${path} differs`
    }
    return null
  }

  /** The bytes of a stretch of a piece. */
  read(piece: number, begin: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    let at = 0
    for (const span of this.info.geometry.spans(piece, begin, length)) {
      const path = storedTorrent(this.info).files[span.file]?.path ?? ''
      if (!span.isPad) bytes.set(this.files.get(path)!.subarray(span.offset, span.offset + span.length), at)
      at += span.length
    }
    return bytes
  }
}

/** Bytes that do not repeat, quickly. */
function noise(world: World, length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = world.dice.below(2 ** 32) | 1
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[i] = state
  }
  return new Uint8Array(words.buffer, 0, length)
}
