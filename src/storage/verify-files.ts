import { Bitfield } from '../core/bitfield.ts'
import { StorageError } from '../core/errors.ts'
import type { Info } from '../metainfo/info.ts'
import { PieceHashes } from '../metainfo/piece-hashes.ts'
import type { TorrentFile } from '../metainfo/torrent-file.ts'
import { judgePiece } from '../swarm/piece-verdict.ts'
import { FileStorage } from './file-storage.ts'
import { type HashOptions, RUNS_AT_ONCE, withWorkers } from './hash-files.ts'
import { eachRun, type PieceRun, pieceRuns } from './piece-runs.ts'
import { storedTorrent } from './stored-torrent.ts'
import type { DigestKinds, FileState } from './torrent-storage.ts'
import { workerDigest } from './worker-digest.ts'

/** `bad`: some of its pieces are not what the torrent promises, or share bytes with a file that is not. */
export type FileVerdictKind = 'good' | 'bad' | 'missing' | 'too-short' | 'too-long'

export interface FileVerdict {
  /** `FileEntry.displayPath`. */
  readonly path: string
  readonly verdict: FileVerdictKind
  /** In bytes: as the torrent has it, and as found (null: not there). */
  readonly length: number
  readonly foundLength: number | null
  /** Of the pieces that hold bytes of the file. */
  readonly goodPieces: number
  readonly pieces: number
}

export interface Verification {
  /** Whether every file is good. */
  readonly isGood: boolean
  readonly goodPieces: Bitfield
  /** In the order of the torrent; pads and links left out. */
  readonly files: readonly FileVerdict[]
}

/** Faults that are an answer: the bytes are not there, or cannot be read. */
const BAD_CONTENT: ReadonlySet<string> = new Set([
  'file-missing',
  'file-replaced',
  'file-truncated',
  'storage-io-failed',
])

/**
 * Hashes what lies in `folder` (which holds the torrent's file, or its folder) and compares. Changes nothing. Rejects
 * with `StorageError` where files may not be read or links are in the way, and with the signal's reason.
 */
export function verifyFiles(
  torrent: TorrentFile,
  folder: string,
  options: HashOptions = {},
): Promise<Verification> {
  const { info, layers } = torrent
  return withWorkers(options.workers, info.geometry.contentLength, async workers => {
    const storage = await FileStorage.open({ torrent: storedTorrent(info), root: folder, workers })
    try {
      const states = await storage.inspect()
      const hashes = new PieceHashes(info, layers, workerDigest)
      const good = await verifyPieces(info, hashes, storage, options)
      const files = info.files.flatMap(
        (_, index) => fileVerdict(info, index, states[index] ?? null, good) ?? [],
      )
      return { isGood: files.every(file => file.verdict === 'good'), goodPieces: good, files }
    } finally {
      await storage.close()
    }
  })
}

async function verifyPieces(
  info: Info,
  hashes: PieceHashes,
  storage: FileStorage,
  options: HashOptions,
): Promise<Bitfield> {
  const good = new Bitfield(info.geometry.pieceCount)
  let done = 0
  const verifyRun = async ({ first, end, length }: PieceRun): Promise<void> => {
    const pieces = Array.from({ length: end - first }, (_, at) => ({
      piece: first + at,
      kinds: kindsOf(info, first + at),
    }))
    for (const [at, digest] of (await storage.digestRun(pieces)).entries()) {
      if (digest instanceof StorageError) {
        if (!BAD_CONTENT.has(digest.code)) throw digest
      } else if (judgePiece(first + at, digest, hashes) === 'good') good.set(first + at)
    }
    done += length
    options.onProgress?.(done, info.geometry.contentLength)
  }
  await eachRun(pieceRuns(info.geometry), { ...options, atOnce: RUNS_AT_ONCE }, verifyRun)
  return good
}

function kindsOf({ version, geometry }: Info, piece: number): DigestKinds {
  return { sha1: version !== 'v2', merkle: version === 'v1' ? null : geometry.leavesOf(piece) }
}

/** Null for what is not on a disk. */
function fileVerdict(info: Info, index: number, state: FileState, good: Bitfield): FileVerdict | null {
  const file = info.files[index]
  if (!file || file.isPad || file.symlink) return null
  const { first, end } = info.geometry.piecesOf(index)
  let goodPieces = 0
  for (let piece = first; piece < end; piece++) if (good.has(piece)) goodPieces++
  return {
    path: file.displayPath,
    verdict: verdictOf(file.length, state, goodPieces === end - first),
    length: file.length,
    foundLength: state?.length ?? null,
    goodPieces,
    pieces: end - first,
  }
}

function verdictOf(length: number, state: FileState, isContentGood: boolean): FileVerdictKind {
  if (state === null) return 'missing'
  if (state.length < length) return 'too-short'
  if (!isContentGood) return 'bad'
  return state.length > length ? 'too-long' : 'good'
}
