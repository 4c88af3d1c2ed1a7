import type { Bitfield } from '../core/bitfield.ts'
import type { Info } from '../metainfo/info.ts'
import type { FileState, TorrentStorage } from '../storage/torrent-storage.ts'

/**
 * Whether a file takes its room on the disk as its bytes come (`sparse`), or all of it before the first one does (`full`): then
 * a disk that is too small says so at once, and what is written lies together.
 */
export type Allocation = 'sparse' | 'full'

export interface AllocateRequest {
  readonly info: Info
  readonly storage: TorrentStorage
  /** What the files look like now. */
  readonly files: readonly FileState[]
  readonly have: Bitfield
  readonly isWanted: (file: number) => boolean
  readonly signal: AbortSignal
  /** Waited for before each write: null to go on. */
  readonly hold: () => Promise<void> | null
}

/**
 * Writes zeros behind the end of each wanted file, up to where it is to end, in order. No byte that is there is changed: what
 * lies before the end of a file, holes among it, stays. Resolves to whether anything was written; rejects as writes do.
 */
export async function allocate(request: AllocateRequest): Promise<boolean> {
  const { info, storage, signal } = request
  let hasWritten = false
  for (let piece = 0; piece < info.geometry.pieceCount; piece++) {
    if (request.have.has(piece)) continue
    for (const { begin, length } of missingRanges(piece, request)) {
      for (let at = begin; at < begin + length; at += STEP) {
        await request.hold()
        signal.throwIfAborted()
        await storage.write(piece, at, zeros(Math.min(STEP, begin + length - at)))
        hasWritten = true
      }
    }
  }
  return hasWritten
}

/** Stretches of a piece that lie behind the ends of wanted files. */
function missingRanges(
  piece: number,
  { info: { geometry }, files, isWanted }: AllocateRequest,
): { begin: number; length: number }[] {
  const ranges: { begin: number; length: number }[] = []
  let at = 0
  for (const { file, offset, length, isPad } of geometry.spans(piece, 0, geometry.pieceLengthOf(piece))) {
    const there = Math.min(length, Math.max(0, (files[file]?.length ?? 0) - offset))
    if (!isPad && isWanted(file) && there < length) ranges.push({ begin: at + there, length: length - there })
    at += length
  }
  return ranges
}

/** Bytes that are written at once. */
const STEP = 4 * 1024 * 1024
/** Shared with the disk's threads, as all that is written; each of them sees it once, and it is never changed. */
const ZEROS = new Uint8Array(new SharedArrayBuffer(512 * 1024))

function zeros(length: number): Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let left = length; left > 0; left -= ZEROS.length)
    parts.push(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS)
  return parts
}
