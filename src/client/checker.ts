import { Bitfield } from '../core/bitfield.ts'
import type { Info } from '../metainfo/info.ts'
import type { PieceHashes } from '../metainfo/piece-hashes.ts'
import type { Restored } from '../storage/resume-log.ts'
import type { FileState, TorrentStorage } from '../storage/torrent-storage.ts'
import { judgePiece } from '../swarm/piece-verdict.ts'
import { fewAtATime } from './few-at-a-time.ts'
import { digestKinds } from './piece-keeper.ts'

/** What a check has to go by. */
export interface CheckRequest {
  readonly info: Info
  readonly hashes: PieceHashes
  readonly storage: TorrentStorage
  /** What `storage.inspect` said. */
  readonly files: readonly FileState[]
  /** Files that are not selected are not looked at. */
  readonly isWanted: (file: number) => boolean
  /** What was remembered, or null. */
  readonly restored: Restored | null
  /** The files were made or checked just now: only their presence and length are looked at. */
  readonly isKnownGood: boolean
  readonly signal: AbortSignal
  /** Waited for before each piece is hashed: null to go on. */
  readonly hold: () => Promise<void> | null
  /** Called as it goes on. */
  readonly progress: (checked: number, good: number) => void
}

/**
 * Finds out which pieces are on disk and good, with as little reading as can be answered for: what was synced and
 * is as we left it is believed, what was written but not synced and what changed since is hashed, and pieces of
 * which no file exists are not looked at.
 */
export async function checkExisting(request: CheckRequest): Promise<Bitfield> {
  const { info } = request
  const good = new Bitfield(info.geometry.pieceCount)
  const files = fileStandings(request)
  let checked = 0
  const doubtful: number[] = []
  const believed = believedAtOnce(files, request)
  if (believed?.isFull) {
    good.setAll()
    checked = good.count
  }
  for (let piece = checked; piece < info.geometry.pieceCount; piece++) {
    const standing = believed?.has(piece) ? 'good' : standingOf(piece, files, request)
    if (standing === 'doubtful') doubtful.push(piece)
    else {
      checked++
      if (standing === 'good') good.set(piece)
    }
  }
  request.progress(checked, good.count)
  await fewAtATime(doubtful, async piece => {
    await request.hold()
    request.signal.throwIfAborted()
    if (await isGoodOnDisk(piece, request)) good.set(piece)
    checked++
    request.progress(checked, good.count)
  })
  return good
}

type Standing = 'good' | 'absent' | 'doubtful'

/** What is known of a file before any piece of it is looked at. */
interface FileStanding {
  readonly isWanted: boolean
  /** Bytes that are there; -1 where there is no file. */
  readonly length: number
  /** It is what was remembered. */
  readonly isUnchanged: boolean
  /** Nothing was remembered of it, and it is not there: what is known of its bytes lies elsewhere. */
  readonly isNowhere: boolean
}

/**
 * What need not be looked at piece by piece by its files, where all of them are wanted and as they were left, or said to be
 * good. Thousands of torrents start so.
 */
function believedAtOnce(files: readonly FileStanding[], request: CheckRequest): Bitfield | undefined {
  const { info, isKnownGood, restored } = request
  const areAsLeft = files.every(
    ({ isWanted, isUnchanged, length }, file) =>
      info.files[file]!.isPad ||
      (isWanted && (isUnchanged || isKnownGood) && length >= info.files[file]!.length),
  )
  if (!areAsLeft) return undefined
  return isKnownGood ? Bitfield.full(info.geometry.pieceCount) : restored?.synced
}

function fileStandings(request: CheckRequest): FileStanding[] {
  return request.info.files.map(({ displayPath }, file) => {
    const state = request.files[file] ?? null
    return {
      isWanted: request.isWanted(file),
      length: state?.length ?? -1,
      isUnchanged: request.restored?.isUnchanged(displayPath, state) ?? false,
      isNowhere: state === null && !request.restored?.files.has(displayPath),
    }
  })
}

function standingOf(piece: number, files: readonly FileStanding[], request: CheckRequest): Standing {
  const { info, restored } = request
  const { geometry } = info
  const content = geometry.spans(piece, 0, geometry.pieceLengthOf(piece)).filter(span => !span.isPad)
  // What was fetched once is known of still, also where nobody wants it now; nothing else is looked for there.
  const isUnwanted = content.length > 0 && !content.some(span => files[span.file]!.isWanted)
  if (isUnwanted && !restored?.synced.has(piece)) return 'absent'
  let isUnchanged = true
  for (const span of content) {
    const file = files[span.file]!
    const isAside = !isUnwanted && !file.isWanted
    if (!isAside && file.length < span.offset + span.length) return 'absent'
    // What was fetched while it was wanted too may lie in it.
    isUnchanged &&= file.isUnchanged || (isAside && file.isNowhere)
  }
  if (request.isKnownGood) return 'good'
  if (!restored || !isUnchanged) return 'doubtful'
  if (restored.synced.has(piece)) return 'good'
  // A piece that is nothing but pad is in no file, and nobody sends it: only its hash is in doubt.
  return content.length === 0 || restored.unsure.has(piece) ? 'doubtful' : 'absent'
}

/** Hashes a piece as it lies on disk. */
export async function isGoodOnDisk(
  piece: number,
  request: Pick<CheckRequest, 'info' | 'hashes' | 'storage' | 'signal'>,
): Promise<boolean> {
  try {
    const digest = await request.storage.digest(piece, digestKinds(request.info, piece))
    return judgePiece(piece, digest, request.hashes) === 'good'
  } catch (error) {
    if (request.signal.aborted) throw error
    // What cannot be read is not had; the download will say why when it comes to write there.
    return false
  }
}
