import { Bitfield } from '../core/bitfield.ts'
import { StorageError } from '../core/errors.ts'
import { torrentIdOf } from '../core/ids.ts'
import type { Info } from '../metainfo/info.ts'
import { areAllGone, isUnchanged, looksByPath, type RecordedFile } from './file-look.ts'
import { decodeRecords, encodeRecord, encodeRecords, hasRecordBehind, type JournalRecord } from './journal.ts'
import { STORAGE_LIMITS } from './limits.ts'
import { refuseIfGone } from './refuse-if-gone.ts'
import {
  applyRecords,
  countersRecord,
  doubtfulRecord,
  fileOpenedRecord,
  fileSeenRecord,
  lostRecord,
  RESUME_VERSION,
  type ResumeSubject,
  readVersion,
  snapshotRecords,
  spilledRecord,
  syncedUpToRecord,
  writtenRecord,
} from './resume-records.ts'
import { ResumeState } from './resume-state.ts'
import type { StateFiles } from './state-files.ts'
import { StateWriter } from './state-writer.ts'
import type { FileState } from './torrent-storage.ts'

/** What is remembered of a torrent when it is opened again. */
export interface Restored {
  /** Verified and synced: good as long as the piece's files are unchanged (`isUnchanged`). */
  readonly synced: Bitfield
  /** Verified and written, but perhaps not on the disk: to be hashed again. */
  readonly unsure: Bitfield
  /** Blocks of pieces that are not whole and went to disk; they need no trust, the piece's hash will judge them. */
  readonly spilled: ReadonlyMap<number, Bitfield>
  /** Payload of all sessions, in bytes. */
  readonly uploaded: number
  readonly downloaded: number
  /** By the files' `displayPath`; files that are not there are missing here too. */
  readonly files: ReadonlyMap<string, RecordedFile>
  /** Whether the file of this `displayPath` still is what was left, so that its pieces may be believed. */
  isUnchanged(path: string, now: FileState): boolean
}

export interface ResumeLogOptions {
  readonly files: StateFiles
  /** The log's own file. */
  readonly path: string
  readonly info: Info
  /** `TorrentStorage.inspect`. */
  readonly inspect: () => Promise<readonly FileState[]>
}

/**
 * Remembers which pieces of one torrent are on disk, so that nothing good is fetched again and nothing is believed
 * that was not synced. It is one file: a snapshot, then a journal. Records reach the file soon after the call, in
 * order, without anybody waiting for them; what cannot be written is kept and tried again at the next chance, and
 * `commit` is who tells.
 */
export class ResumeLog {
  /** Null where nothing (or nothing that can be believed) was remembered. */
  readonly restored: Restored | null
  readonly #state: ResumeState
  readonly #writer: StateWriter
  readonly #info: Info
  readonly #inspect: () => Promise<readonly FileState[]>
  #unsyncedBytes = 0
  /** When somebody first asked after the change; Infinity while there is none, -Infinity until somebody asked. */
  #changedAt = Infinity
  #countersAt = Infinity
  #losing: Promise<void> | null = null
  /** Files that are about to be written to are being noted; see `beforeWriting`. */
  #opening: Promise<void> | null = null
  #openings = 0
  #losses = 0

  private constructor(o: ResumeLogOptions, subject: ResumeSubject, found: FoundLog) {
    const { state } = found
    this.#state = state
    this.#info = o.info
    this.#inspect = o.inspect
    this.restored = found.isUsable ? restoredFrom(state, subject.pieceCount) : null
    const snapshot = () => encodeRecords(snapshotRecords(subject, state))
    this.#writer = new StateWriter({ files: o.files, path: o.path, snapshot, length: found.length })
  }

  /** Rejects with `state-newer` where a newer shoal wrote the log. One that is damaged is put aside, not deleted. */
  static async open(options: ResumeLogOptions): Promise<ResumeLog> {
    const subject = subjectOf(options.info)
    return new ResumeLog(options, subject, await readLog(options, subject))
  }

  /** Rejects with `folder-gone` before anything is made: see `refuseIfGone`. */
  async refuseIfGone(place: { readonly folder: string; readonly device: bigint }): Promise<void> {
    if (this.restored?.synced.isEmpty ?? true) return
    refuseIfGone(this.restored, await this.#inspect(), this.#info, place)
  }

  /** Pieces whose sync failed. They are lost unless they are written again, or found good by a check. */
  get doubtful(): readonly number[] {
    return [...this.#state.doubtful]
  }

  /** A verified piece was handed to the disk. `length`: its bytes. */
  pieceWritten(piece: number, length: number): void {
    this.#openFiles(piece)
    this.#noteWritten(piece)
    this.#unsyncedBytes += length
  }

  /**
   * To be called, and waited for, before anything of a piece is written: that its files are being written to is in the log by
   * then, or a start after `kill -9` would take them for changed by others and hash all of them; and so is what was
   * lost and is to be written over. Null where there is nothing to wait for.
   */
  beforeWriting(piece: number): Promise<void> | null {
    if (this.#openFiles(piece)) this.#opening = this.#keepOpened()
    if (!this.#opening || !this.#losing) return this.#opening ?? this.#losing
    return Promise.all([this.#opening, this.#losing]).then(() => undefined)
  }

  /** Where the log cannot be written now, nobody waits for it: it is then written anew when it can. */
  async #keepOpened(): Promise<void> {
    this.#openings++
    await this.#writer.written()
    this.#openings--
    if (this.#openings === 0) this.#opening = null
  }

  async #keepLoss(): Promise<void> {
    const before = this.#losing
    this.#losses++
    await this.#writer.flush().catch(() => undefined)
    await before
    this.#losses--
    if (this.#losses === 0) this.#losing = null
  }

  /** A piece is not on disk any more: it failed, or its file changed. To be called before it is written over. */
  pieceLost(piece: number): void {
    const wasBelieved = this.#state.synced.has(piece)
    this.#state.pieceLost(piece)
    this.#add(lostRecord(piece))
    // On the disk before the piece can be fetched again: a power cut must not bring the old belief back.
    if (wasBelieved) this.#losing = this.#keepLoss()
  }

  /** These blocks of a piece that is not whole are on disk; none: not any more. */
  blocksSpilled(piece: number, blocks: Bitfield): void {
    if (!blocks.isEmpty) this.#openFiles(piece)
    this.#state.blocksSpilled(piece, blocks.clone())
    this.#add(spilledRecord(piece, blocks))
  }

  /**
   * What a check of the disk found, before anything is written; replaces what was believed. Pieces that it found good
   * and that were not synced are by the next commit (`TorrentStorage.syncExisting` sees to it that their files are).
   * So are those in files that somebody else changed: that they are good now does not say that they are on the disk.
   * `files`: what they looked like then; looked at again where it is not given.
   */
  async checked(good: Bitfield, files?: readonly FileState[]): Promise<void> {
    const { pieceCount } = this.#info.geometry
    const states = files ?? (await this.#inspect().catch(() => null))
    const changed = states ? this.#piecesOfChanged(states) : null
    const isAllAsKnown = good.isFull && this.#state.synced.isFull && changed === null
    for (let piece = 0; piece < pieceCount && !isAllAsKnown; piece++) {
      const wasBelieved = this.#state.synced.has(piece)
      const isBelieved = wasBelieved && !(good.has(piece) && changed?.has(piece))
      if (good.has(piece) && !isBelieved) this.#noteWritten(piece)
      if (!good.has(piece) && (isBelieved || this.#isUnsure(piece))) this.pieceLost(piece)
    }
    if (states) await this.#settleIfPossible({ isJudged: true, files: states })
  }

  /** Payload of all sessions together, in bytes. Saved by commits. */
  counters(uploaded: number, downloaded: number): void {
    if (this.#state.uploaded === uploaded && this.#state.downloaded === downloaded) return
    this.#state.uploaded = uploaded
    this.#state.downloaded = downloaded
    if (this.#countersAt === Infinity) this.#countersAt = -Infinity
  }

  /** `now`: monotonic milliseconds. */
  isCommitDue(now: number): boolean {
    if (this.#changedAt === -Infinity) this.#changedAt = now
    if (this.#countersAt === -Infinity) this.#countersAt = now
    return this.#unsyncedBytes >= STORAGE_LIMITS.commitBytes || now >= this.commitDueAt()
  }

  /** When to ask `isCommitDue` next; Infinity when nothing has changed. */
  commitDueAt(): number {
    return Math.min(
      this.#changedAt + STORAGE_LIMITS.commitAfter,
      this.#countersAt + STORAGE_LIMITS.countersAfter,
    )
  }

  /**
   * Makes durable what was written before the call: `sync` brings the data to the disk, then the log says so and is
   * synced itself. Rejects with what either met; when `sync` failed, the pieces concerned are `doubtful` from now on.
   */
  async commit(sync: () => Promise<void>): Promise<void> {
    const upTo = this.#state.sequence
    this.#unsyncedBytes = 0
    this.#changedAt = Infinity
    try {
      await sync()
    } catch (error) {
      // Also what was written meanwhile: the failure that was reported may have been its own.
      for (const piece of this.#state.written.keys()) this.#doubt(piece)
      throw error
    }
    if (this.#hasWritten(upTo)) this.#add(syncedUpToRecord(upTo))
    this.#state.syncedUpTo(upTo)
    this.#saveCounters()
    try {
      await this.#writer.flush()
    } catch (error) {
      this.#noteChange()
      throw error
    }
  }

  /**
   * Records what the files look like, so that a change from outside will be noticed. For a moment when nothing is
   * being written: after a check, on completion. `close` does it as well. Where all files of pieces that are believed
   * vanished together (`refuseIfGone`), what was recorded stands, for when they are back; so it does for a file that
   * somebody else changed, replaced or put there, so that its pieces are hashed at the next start.
   */
  settle(): Promise<void> {
    return this.#settle({ isJudged: false })
  }

  /** Null where no file changed. */
  #piecesOfChanged(states: readonly FileState[]): Bitfield | null {
    const { files, geometry } = this.#info
    let pieces: Bitfield | null = null
    for (const [index, { displayPath }] of files.entries()) {
      const state = states[index] ?? null
      if (state === null || isUnchanged(this.#state.files.get(displayPath), state)) continue
      pieces ??= new Bitfield(geometry.pieceCount)
      const { first, end } = geometry.piecesOf(index)
      for (let piece = first; piece < end; piece++) pieces.set(piece)
    }
    return pieces
  }

  async #settle({ isJudged, files }: Settling): Promise<void> {
    const states = files ?? (await this.#inspect())
    if (!this.#state.synced.isEmpty && areAllGone(this.#state.files, looksByPath(this.#info, states))) return
    for (const [index, file] of this.#info.files.entries()) {
      if (file.isPad) continue
      const state = states[index] ?? null
      const before = this.#state.files.get(file.displayPath)
      if (isSame(before, state)) continue
      if (!isJudged && state && !isUnchanged(before, state)) continue
      this.#state.fileSeen(file.displayPath, state)
      this.#add(fileSeenRecord(file.displayPath, state))
    }
  }

  /** After the last commit and while the storage is still open. What was not committed stays unsure. */
  async close(): Promise<void> {
    await this.#settleIfPossible({ isJudged: false })
    this.#saveCounters()
    await this.#writer.finish()
  }

  /** Where the disk is gone, what was recorded stands. */
  async #settleIfPossible(how: Settling): Promise<void> {
    await this.#settle(how).catch(() => undefined)
  }

  #add(record: JournalRecord): void {
    this.#writer.append(encodeRecord(record))
  }

  #noteWritten(piece: number): void {
    this.#state.pieceWritten(piece, this.#state.sequence + 1)
    this.#add(writtenRecord(piece, this.#state.sequence))
    this.#noteChange()
  }

  #noteChange(): void {
    if (this.#changedAt === Infinity) this.#changedAt = -Infinity
  }

  #saveCounters(): void {
    if (this.#countersAt === Infinity) return
    this.#countersAt = Infinity
    this.#add(countersRecord(this.#state))
  }

  #isUnsure(piece: number): boolean {
    return this.#state.written.has(piece) || this.#state.doubtful.has(piece)
  }

  #hasWritten(upTo: number): boolean {
    for (const sequence of this.#state.written.values()) if (sequence <= upTo) return true
    return false
  }

  #doubt(piece: number): void {
    this.#state.notSynced(piece)
    this.#add(doubtfulRecord(piece))
  }

  /** Whether one of the files of a piece was not open before. */
  #openFiles(piece: number): boolean {
    let isAnyNew = false
    for (const file of this.#info.geometry.filesOf(piece)) {
      const path = this.#info.files[file]?.displayPath
      if (path === undefined || this.#state.files.get(path)?.isOpen) continue
      this.#state.fileOpened(path)
      this.#add(fileOpenedRecord(path))
      isAnyNew = true
    }
    return isAnyNew
  }
}

interface Settling {
  /** What was believed of the files was found to be so. */
  readonly isJudged: boolean
  /** What they look like, where that is known. */
  readonly files?: readonly FileState[]
}

interface FoundLog {
  readonly state: ResumeState
  readonly isUsable: boolean
  /** Of the file, where it can go on as it is; 0 where it has to be written anew, such as for a torn tail. */
  readonly length: number
}

async function readLog({ files, path }: ResumeLogOptions, subject: ResumeSubject): Promise<FoundLog> {
  const bytes = await files.read(path)
  const { records, length } = decodeRecords(bytes ?? new Uint8Array(0))
  checkVersion(records[0], path)
  const state = new ResumeState(subject.pieceCount)
  const applied = applyRecords(records, subject, state)
  // Damage in the middle may have swallowed that a piece was lost: what was said before it is not believed either.
  const isDamaged = applied < records.length || (bytes !== null && hasRecordBehind(bytes, length))
  if (!isDamaged && applied > 0) {
    const isIntact = length === bytes?.length && state.written.size === 0
    // What was not synced then is not synced by a sync now: it has to be found good, or written, again.
    for (const piece of state.written.keys()) state.notSynced(piece)
    return { state, isUsable: true, length: isIntact ? length : 0 }
  }
  if (bytes !== null && bytes.length > 0) await files.replace(`${path}.damaged`, bytes)
  return { state: new ResumeState(subject.pieceCount), isUsable: false, length: 0 }
}

function subjectOf(info: Info): ResumeSubject {
  const { geometry } = info
  return {
    id: torrentIdOf(info.hashes),
    pieceCount: geometry.pieceCount,
    blockCount: piece => geometry.blockCount(piece),
  }
}

function restoredFrom(state: ResumeState, pieceCount: number): Restored {
  const unsure = new Bitfield(pieceCount)
  for (const piece of state.doubtful) unsure.set(piece)
  const files = new Map(state.files)
  return {
    synced: state.synced.clone(),
    unsure,
    spilled: new Map(state.spilled),
    uploaded: state.uploaded,
    downloaded: state.downloaded,
    files,
    isUnchanged: (path, now) => isUnchanged(files.get(path), now),
  }
}

function checkVersion(first: JournalRecord | undefined, path: string): void {
  const version = readVersion(first)
  if (version === null || version <= RESUME_VERSION) return
  throw new StorageError(
    'state-newer',
    `${path} was written by a newer shoal (format ${version}, this one knows ${RESUME_VERSION}): use that one`,
    { path },
  )
}

function isSame(before: RecordedFile | undefined, now: FileState): boolean {
  if (before === undefined || now === null) return before === undefined && now === null
  const { state, isOpen } = before
  if (isOpen || state === null) return false
  return (
    state.length === now.length &&
    state.mtimeNs === now.mtimeNs &&
    state.ino === now.ino &&
    state.dev === now.dev
  )
}
