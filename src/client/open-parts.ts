import type { Bitfield } from '../core/bitfield.ts'
import type { Info } from '../metainfo/info.ts'
import type { PieceHashes } from '../metainfo/piece-hashes.ts'
import type { TorrentFile } from '../metainfo/torrent-file.ts'
import type { Restored, ResumeLog } from '../storage/resume-log.ts'
import type { FileState, TorrentStorage } from '../storage/torrent-storage.ts'
import { allocate } from './allocate.ts'
import { buildTorrent } from './build-torrent.ts'
import { checkExisting } from './checker.ts'
import type { FileChoice } from './file-choice.ts'
import { HashAnswers } from './hash-answers.ts'
import type { LifeKit } from './life-kit.ts'
import { WorkerPieceKeeper } from './piece-keeper.ts'
import { ProvenStorage } from './proven-storage.ts'
import type { RunningParts } from './running-parts.ts'
import type { AddOptions } from './session-options.ts'
import { takeSpilled } from './spilled-blocks.ts'
import { TorrentDisk } from './torrent-disk.ts'
import type { TorrentPlace } from './torrent-place.ts'
import type { TorrentTask } from './torrent-task.ts'

/** What is to be opened, and how. */
export interface OpenRequest {
  readonly metadata: TorrentFile
  readonly hashes: PieceHashes
  readonly choice: FileChoice
  readonly place: TorrentPlace
  readonly options: AddOptions
  /** The files were made or checked just now; see `AddOptions`. */
  readonly isKnownGood: boolean
  /** The disk is about to be looked at. */
  readonly checking: () => void
  /** What is there has to be hashed, which may take long. */
  readonly hashing: () => void
  /** See `CheckRequest`. */
  readonly hold: () => Promise<void> | null
}

/**
 * Opens the storage of a torrent, judges what is there, and puts its swarm together. What it opened it closes again
 * where it fails, or where the torrent left meanwhile.
 */
export async function openParts(
  task: TorrentTask,
  request: OpenRequest,
  kit: LifeKit,
): Promise<RunningParts> {
  const { metadata, options } = request
  const { info } = metadata
  const isWanted = (file: number): boolean => request.choice.isWanted(info, file)
  const opening = kit.ports.openStorage({
    info,
    folder: request.place.folder,
    names: request.place.names,
    isWanted,
    hasOwnNames: options.isKnownGood ?? false,
    onLinkFault: ({ code, message, path }) => {
      // Told once, and not whenever it wakes.
      if (task.rest === null) kit.alerts.emit({ type: 'link-failed', torrent: task.id, code, path, message })
    },
  })
  const storage = new ProvenStorage({ storage: await opening, info, hashes: request.hashes })
  try {
    const resume = (await kit.ports.state?.openLog(info, () => storage.inspect())) ?? null
    const opened: Opened = { task, request, kit, storage, resume, isWanted }
    try {
      return await putTogether(opened)
    } catch (error) {
      await resume?.close().catch(() => undefined)
      throw error
    }
  } catch (error) {
    await storage.close().catch(() => undefined)
    throw error
  }
}

interface Opened {
  readonly task: TorrentTask
  readonly request: OpenRequest
  readonly kit: LifeKit
  readonly storage: TorrentStorage
  readonly resume: ResumeLog | null
  readonly isWanted: (file: number) => boolean
}

async function putTogether(opened: Opened): Promise<RunningParts> {
  const { task, request, kit, storage, resume, isWanted } = opened
  const { metadata, hashes, options } = request
  const { info } = metadata
  const { ports, turns } = kit
  const { folder } = request.place
  const { device, free } = await storage.lookAtDisk()
  await resume?.refuseIfGone({ folder, device })
  request.checking()
  // What is changed while it is hashed will look different at the next start.
  const found = await storage.prepare()
  const have = await judge(opened, found)
  const spilled = takeSpilled({ info, resume, files: found, have, isWanted })
  const files = await allocateIfAsked(opened, found, have)
  if (!isAsRemembered({ info, have, files, restored: resume?.restored ?? null })) storage.syncExisting()
  await resume?.checked(have, files)
  task.signal.throwIfAborted()
  task.earlier ??= {
    uploaded: resume?.restored?.uploaded ?? 0,
    downloaded: resume?.restored?.downloaded ?? 0,
  }
  const keeper = new WorkerPieceKeeper({
    info,
    storage,
    hasher: storage.hasher ?? ports.hasher,
    resume,
    turns,
    owner: task,
  })
  const { choice } = request
  const torrent = buildTorrent({
    info,
    hashes,
    have,
    spilled,
    choice,
    keeper,
    isSuperSeeding: options.isSuperSeeding ?? false,
    task,
    kit,
  })
  const needed = torrent.progress.wanted - torrent.progress.verified
  if (free !== null && free < needed && task.rest === null)
    kit.alerts.emit({ type: 'space-short', torrent: task.id, folder, needed, free })
  const { earlier } = task
  return {
    metadata,
    hashes,
    storage,
    torrent,
    disk: new TorrentDisk({ info, storage, resume, torrent, keeper, isWanted, earlier, owner: task, turns }),
    hashAnswers: new HashAnswers({
      info,
      hashes,
      storage,
      have: torrent.pieces.have,
      digest: ports.digest,
      turns,
    }),
  }
}

/** Whether every good piece was known to be on the disk itself, in files that are what they were then. */
function isAsRemembered(found: {
  readonly info: Info
  readonly have: Bitfield
  readonly files: readonly FileState[]
  readonly restored: Restored | null
}): boolean {
  const { info, have, files, restored } = found
  if (!restored) return have.isEmpty
  if (!have.isSubsetOf(restored.synced)) return false
  return info.files.every(({ displayPath }, index) => {
    const state = files[index] ?? null
    return state === null || state.length === 0 || restored.isUnchanged(displayPath, state)
  })
}

/** Resolves to what the files look like then: what is only room must not look as if somebody had changed it. */
async function allocateIfAsked(
  { task, request, storage, isWanted }: Opened,
  files: readonly FileState[],
  have: Bitfield,
): Promise<readonly FileState[]> {
  const { metadata, hold } = request
  if (request.options.allocation !== 'full' || task.rest !== null) return files
  task.state = 'allocating'
  task.markChanged()
  const { signal } = task
  const how = { info: metadata.info, storage, files, have, isWanted, signal, hold }
  return (await allocate(how)) ? await storage.inspect() : files
}

/** The pieces that are on disk and good. */
function judge(
  { task, request, storage, resume, isWanted }: Opened,
  files: readonly FileState[],
): Promise<Bitfield> {
  const { info } = request.metadata
  return checkExisting({
    info,
    hashes: request.hashes,
    storage,
    files,
    isWanted,
    restored: resume?.restored ?? null,
    isKnownGood: request.isKnownGood,
    signal: task.signal,
    hold: request.hold,
    progress: checked => {
      if (checked < info.geometry.pieceCount) request.hashing()
      task.checkedPieces = checked
      task.markChanged()
    },
  })
}
