import type { Address } from '../core/address.ts'
import type { InfoHashes, TorrentId } from '../core/ids.ts'
import { orAborted } from '../core/or-aborted.ts'
import { encodeTorrentFile, partsOfTorrentFile, type TorrentFile } from '../metainfo/torrent-file.ts'
import type { Limits } from './session-options.ts'
import type { RecheckOptions, RecheckResult } from './recheck.ts'
import type { SeedingGoals } from './seeding-goals.ts'
import type { Slowness } from './slowness.ts'
import type { FileHandle, FileStatus, Prioritize } from './file-handle.ts'
import { statusOf } from './status-of.ts'
import { pieceMapOf } from './torrent-record.ts'
import type { TorrentConduct } from './torrent-conduct.ts'
import type { TorrentFiles } from './torrent-files.ts'
import type { MoveOptions, TorrentMover } from './torrent-mover.ts'
import type { TorrentPlace } from './torrent-place.ts'
import type { TorrentTask } from './torrent-task.ts'
import type { TorrentStatus } from './torrent-status.ts'
import type { WaitOptions } from './wait-options.ts'

/** A torrent of a session, as the program that embeds it has it in hand. */
export class TorrentHandle {
  readonly id: TorrentId
  readonly #task: TorrentTask
  readonly #now: () => number
  readonly #remove: () => Promise<void>
  readonly #loadMetadata: () => Promise<TorrentFile>
  readonly #conduct: TorrentConduct
  readonly #explain: () => Slowness[]
  readonly #files: () => TorrentFiles
  readonly #place: TorrentPlace
  readonly #mover: () => TorrentMover
  readonly #recheck: (options: RecheckOptions) => Promise<RecheckResult>

  constructor(
    task: TorrentTask,
    session: {
      now: () => number
      remove: () => Promise<void>
      loadMetadata: () => Promise<TorrentFile>
      conduct: TorrentConduct
      explain: () => Slowness[]
      files: () => TorrentFiles
      place: TorrentPlace
      mover: () => TorrentMover
      recheck: (options: RecheckOptions) => Promise<RecheckResult>
    },
  ) {
    this.id = task.id
    this.#task = task
    this.#now = session.now
    this.#remove = session.remove
    this.#loadMetadata = session.loadMetadata
    this.#conduct = session.conduct
    this.#explain = session.explain
    this.#files = session.files
    this.#place = session.place
    this.#mover = session.mover
    this.#recheck = session.recheck
  }

  /** All that are known: those of a magnet may become more with its metadata. */
  get infoHashes(): InfoHashes {
    return this.#task.hashes
  }

  get name(): string {
    return this.#task.name
  }

  /** The folder that its file or folder lies in: the one that it was added with, unless it was moved. */
  get folder(): string {
    return this.#place.folder
  }

  status(): TorrentStatus {
    return statusOf(this.#task, this.#now())
  }

  /** Why it is not faster, what weighs most first; empty where nothing holds it back. Costs a look at each piece. */
  explain(): Slowness[] {
    return this.#explain()
  }

  /** One byte a piece, `PIECE_*` of torrent-status.ts; empty while the metadata is not known. */
  pieceMap(): Uint8Array {
    const { torrent, record } = this.#task
    if (torrent) return pieceMapOf(torrent)
    return record?.pieceMap() ?? new Uint8Array(0)
  }

  /** The metadata; waits for it where the torrent came as a magnet, and reads it where the torrent rests. */
  async metadata(options: WaitOptions = {}): Promise<TorrentFile> {
    await orAborted(this.#task.onMetadata.promise, options.signal)
    return this.#task.metadata ?? (await orAborted(this.#loadMetadata(), options.signal))
  }

  /** The torrent file, with the info dictionary byte for byte. */
  async torrentFile(options: WaitOptions = {}): Promise<Uint8Array> {
    return encodeTorrentFile(partsOfTorrentFile(await this.metadata(options)))
  }

  /** What can be said of each file, pads left out; waits for the metadata. */
  files(options: WaitOptions = {}): Promise<FileStatus[]> {
    return this.#files().all(options)
  }

  /** One file, by its index or its path in the torrent. */
  file(which: number | string): FileHandle {
    return this.#files().file(which)
  }

  /**
   * Has other files fetched, or in another order: asks for each what is to become of it. What is there already of a file
   * that was not wanted is found; of one that is not wanted any more all stays, and nothing more comes but what it shares
   * with others. Resolves when it is so, also on disk; rejects with a `StorageError` where the disk cannot have it, and
   * then all is as before.
   */
  prioritize(priorityOf: Prioritize, options: WaitOptions = {}): Promise<void> {
    return this.#files().prioritize(priorityOf, options)
  }

  /** In order of place instead of rarest first, or not any more. */
  setSequential(isSequential: boolean): void {
    this.#files().setSequential(isSequential)
    this.#conduct.setSequential(isSequential)
  }

  /** Whether it is to be super-seeded (BEP 16); see `AddOptions`. */
  get isSuperSeeding(): boolean {
    return this.#conduct.isSuperSeeding
  }

  /**
   * Has it super-seeded, or not any more. Who is connected has to come again. Of a torrent that is not complete yet it holds
   * from when it is opened again.
   */
  setSuperSeeding(isSuperSeeding: boolean): void {
    this.#conduct.setSuperSeeding(isSuperSeeding)
  }

  /**
   * Hashes all that is on disk again while the torrent goes on; slowly, it is a scrub that finds what the disk has lost. See
   * `RecheckOptions`. Rejects with a `StorageError` where the disk is away, with the signal's reason, with what ended the
   * torrent; what was found until then holds.
   */
  recheck(options: RecheckOptions = {}): Promise<RecheckResult> {
    return this.#recheck(options)
  }

  /**
   * Has all its files lie in another folder, while it goes on: reads pass, writes wait. On the same disk nothing is copied. The
   * old files go when the new ones are on the disk and that is remembered; what is there already is never written over.
   * Rejects with a `StorageError`, `file-exists` among them, or the signal's reason, and then all is as it was. In the next
   * session a torrent that is added with the folder that it was added with before is found where it was moved to.
   */
  move(folder: string, options: MoveOptions = {}): Promise<void> {
    return this.#mover().move(folder, options)
  }

  /**
   * Has files called otherwise on disk: asks for each file for a path below the folder, `/` between its parts; null leaves it
   * as it is. Folders that are left empty go. Rejects with `UsageError` `path-unsafe` or `path-taken`, and as `move` does.
   */
  renameFiles(nameOf: (file: FileStatus) => string | null, options: WaitOptions = {}): Promise<void> {
    return this.#files().rename(nameOf, options)
  }

  /** What was on disk before has been judged. */
  checked(options: WaitOptions = {}): Promise<void> {
    return orAborted(this.#task.onChecked.promise, options.signal)
  }

  /** Every selected file is verified, written and synced. Rejects when the torrent fails or is removed first. */
  completed(options: WaitOptions = {}): Promise<void> {
    return orAborted(this.#task.onCompleted.promise, options.signal)
  }

  /** Asks these trackers too, each a tier behind the others (BEP 12), for as long as this session lasts. */
  addTrackers(urls: readonly string[]): void {
    this.#conduct.addTrackers(urls)
  }

  /** Tries these peers too, as far as there is room for them. */
  addPeers(peers: readonly Address[]): void {
    this.#conduct.addPeers(peers)
  }

  /** Changes the limits of this torrent alone; one that is not named stays as it is. */
  setLimits(limits: Limits): void {
    this.#conduct.setLimits(limits)
  }

  /** Stops all that the torrent does: nobody stays connected, nothing moves or is hashed, trackers are told. */
  pause(): void {
    this.#conduct.pause()
  }

  /**
   * Goes on after a pause, where it has not to wait in the queue. After a goal was reached it goes on without goals.
   * Resolves when trackers are being told.
   */
  resume(): Promise<void> {
    return this.#conduct.resume()
  }

  /** When it has given enough; it is paused then. They take the place of those before, and of the session's. */
  setGoals(goals: SeedingGoals): void {
    this.#conduct.setGoals(goals)
  }

  /** Its place in the session's queue; 0: the first. */
  get queuePosition(): number {
    return this.#conduct.position
  }

  /** Gives it another place in the queue; Infinity: the last. */
  moveInQueue(position: number): void {
    this.#conduct.move(position)
  }

  /** It never waits in the queue, and takes no place there; or it does again. */
  setForced(isForced: boolean): void {
    this.#conduct.setForced(isForced)
  }

  /** Takes the torrent out of the session; its files stay. The signal ends the waiting, not the leaving. */
  remove(options: WaitOptions = {}): Promise<void> {
    return orAborted(this.#remove(), options.signal)
  }
}
