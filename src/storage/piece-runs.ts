import type { Geometry } from '../metainfo/geometry.ts'
import { STORAGE_LIMITS } from './limits.ts'

/** Pieces that one job hashes; `end` is exclusive. */
export interface PieceRun {
  readonly first: number
  readonly end: number
  /** Bytes on disk. */
  readonly length: number
}

/** Cuts all pieces into runs of neighbours: one large piece, or as many small ones as are worth a job. */
export function pieceRuns(geometry: Geometry, runLength = STORAGE_LIMITS.digestRun): PieceRun[] {
  const runs: PieceRun[] = []
  const pieces = Math.max(1, Math.floor(runLength / geometry.pieceLength))
  for (let first = 0; first < geometry.pieceCount; first += pieces) {
    const end = Math.min(first + pieces, geometry.pieceCount)
    let length = 0
    for (let piece = first; piece < end; piece++) length += geometry.contentBytes(piece)
    runs.push({ first, end, length })
  }
  return runs
}

/** Does the runs in order, a few at a time; stops at the first that fails, or with the signal's reason. */
export async function eachRun(
  runs: readonly PieceRun[],
  options: { atOnce: number; signal?: AbortSignal },
  hash: (run: PieceRun) => Promise<void>,
): Promise<void> {
  let next = 0
  let hasFailed = false
  const work = async (): Promise<void> => {
    for (let run = runs[next++]; run !== undefined && !hasFailed; run = runs[next++]) {
      options.signal?.throwIfAborted()
      await hash(run)
    }
  }
  await Promise.all(
    Array.from({ length: options.atOnce }, () =>
      work().catch((error: unknown) => {
        hasFailed = true
        throw error
      }),
    ),
  )
  options.signal?.throwIfAborted()
}
