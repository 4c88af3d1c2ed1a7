import { buildTorrent, type TorrentDetails } from '../../src/metainfo/build.ts'
import { Geometry } from '../../src/metainfo/geometry.ts'
import type { Info } from '../../src/metainfo/info.ts'
import {
  type Plan,
  type PlanOptions,
  planTorrent,
  type SourceFile,
  type TorrentFormat,
} from '../../src/metainfo/plan-torrent.ts'
import { parseTorrentFile, type TorrentFile } from '../../src/metainfo/torrent-file.ts'
import { hashPlan, testDigest } from './hash-plan.ts'

export interface MadeTorrent {
  readonly plan: Plan
  readonly bytes: Uint8Array
  readonly torrent: TorrentFile
  readonly info: Info
  /** What is in a file, by its path with `/` between its parts. */
  readonly contentOf: (path: string) => Uint8Array
}

/** A real torrent of made-up content: `{ 'a/b.txt': 100 }` gives the lengths. */
export function makeTorrent(
  lengths: Readonly<Record<string, number>>,
  options: Partial<Omit<PlanOptions, 'files'>> & {
    readonly details?: TorrentDetails
    /** Bytes of pad behind the last file. */
    readonly pad?: number
  } = {},
): MadeTorrent {
  const files: SourceFile[] = Object.entries(lengths).map(([path, length]) => ({
    path: path.split('/'),
    length,
  }))
  const format: TorrentFormat = options.format ?? 'hybrid'
  const ownPlan = planTorrent({
    name: 'made',
    isSingleFile: false,
    pieceLength: 32_768,
    ...options,
    files,
    format,
  })
  const plan = options.pad === undefined ? ownPlan : withPad(ownPlan, options.pad)
  const contentOf = (path: string): Uint8Array => madeUp(path, lengths[path] ?? 0)
  const hashes = hashPlan(plan, file => contentOf(file.path.join('/')))
  const bytes = buildTorrent(plan, hashes, options.details)
  const torrent = parseTorrentFile(bytes, testDigest)
  return { plan, bytes, torrent, info: torrent.info, contentOf }
}

/** The plan with a pad behind its last file, which our own v1 plans never have. */
export function withPad(plan: Plan, length: number): Plan {
  const files = [...plan.files, { path: ['.pad', String(length)], length, isPad: true }]
  const geometry = new Geometry({ pieceLength: plan.pieceLength, files, layout: 'packed' })
  return { ...plan, files, geometry }
}

function madeUp(path: string, length: number): Uint8Array {
  const seed = testDigest.sha256(new TextEncoder().encode(path))
  return Uint8Array.from({ length }, (_, i) => seed[i % 32]! ^ (i >>> 8) ^ (i >>> 16))
}
