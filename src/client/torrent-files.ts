import { UsageError } from '../core/errors.ts'
import { orAborted } from '../core/or-aborted.ts'
import type { Info } from '../metainfo/info.ts'
import type { TorrentFile } from '../metainfo/torrent-file.ts'
import { findExisting } from './find-existing.ts'
import type { FileChoice } from './file-choice.ts'
import {
  FileHandle,
  type FileStatus,
  type FilesOfTorrent,
  type Prioritize,
  type StreamOptions,
} from './file-handle.ts'
import { FileStream } from './file-stream.ts'
import type { LifeKit } from './life-kit.ts'
import type { RunningParts } from './running-parts.ts'
import type { TorrentConduct } from './torrent-conduct.ts'
import type { TorrentMover } from './torrent-mover.ts'
import type { TorrentTask } from './torrent-task.ts'
import type { WaitOptions } from './wait-options.ts'
import { quietWaiter } from './waiter.ts'
import { whileAwake } from './while-awake.ts'

/** The files of a torrent: how far they are, which of them are wanted, what is in them. */
export class TorrentFiles implements FilesOfTorrent {
  readonly #task: TorrentTask
  readonly #choice: FileChoice
  readonly #kit: LifeKit
  readonly #metadata: () => Promise<TorrentFile>
  readonly #conduct: TorrentConduct
  readonly #mover: TorrentMover
  /** Bounded by whoever embeds this. */
  readonly #streams = new Set<FileStream>()
  /** Choices are made one after the other. */
  #choosing: Promise<unknown> = Promise.resolve()

  /** `metadata`: reads it where the torrent rests. */
  constructor(options: {
    task: TorrentTask
    conduct: TorrentConduct
    mover: TorrentMover
    kit: LifeKit
    metadata: () => Promise<TorrentFile>
  }) {
    this.#task = options.task
    this.#conduct = options.conduct
    this.#mover = options.mover
    this.#choice = options.conduct.choice
    this.#kit = options.kit
    this.#metadata = options.metadata
  }

  file(which: number | string): FileHandle {
    return new FileHandle(this, which)
  }

  /** All of them, pads left out, in the order of the torrent. */
  async all(options: WaitOptions): Promise<FileStatus[]> {
    const info = await this.#info(options)
    return [...info.files.keys()]
      .filter(file => !info.files[file]!.isPad)
      .map(file => this.#status(info, file))
  }

  async status(which: number | string, options: WaitOptions): Promise<FileStatus> {
    const info = await this.#info(options)
    return this.#status(info, this.#find(info, which))
  }

  prioritize(priorityOf: Prioritize, { signal }: WaitOptions): Promise<void> {
    const chosen = this.#choosing.then(async () => {
      await whileAwake(this.#task, parts => {
        signal?.throwIfAborted()
        return this.#choose(priorityOf, parts)
      })
    })
    this.#choosing = chosen.catch(() => undefined)
    return orAborted(chosen, signal)
  }

  async rename(nameOf: (file: FileStatus) => string | null, options: WaitOptions): Promise<void> {
    const info = await this.#info(options)
    await this.#mover.rename(file => nameOf(this.#status(info, file)), options)
  }

  setSequential(isSequential: boolean): void {
    this.#choice.isSequential = isSequential
    const { torrent } = this.#task
    if (torrent) torrent.picker.isSequential = isSequential
  }

  stream(which: number | string, options: StreamOptions): ReadableStream<Uint8Array> {
    const given = new AbortController()
    const signal = options.signal ? AbortSignal.any([options.signal, given.signal]) : given.signal
    const bytes = this.#read(which, { ...options, signal })
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      const { value, done } = await bytes.next()
      if (done) controller.close()
      else controller.enqueue(value)
    }
    // Whoever waits for a piece is not to wait for it before he may go.
    const cancel = async (reason: unknown): Promise<void> => {
      given.abort(reason)
      await bytes.return(undefined)
    }
    return new ReadableStream({ pull, cancel }, { highWaterMark: 0 })
  }

  async *#read(
    which: number | string,
    { start = 0, end, signal }: StreamOptions,
  ): AsyncGenerator<Uint8Array> {
    const { geometry, files } = await this.#info({ ...(signal && { signal }) })
    const file = this.#find({ files }, which)
    const length = geometry.fileLength(file)
    const stop = end ?? length
    if (!Number.isInteger(start) || !Number.isInteger(stop) || start < 0 || start > stop || stop > length)
      throw new UsageError(
        'range-invalid',
        `the file has ${length} bytes: ${start} to ${stop} are not among them`,
      )
    const task = this.#task
    const offset = geometry.fileOffset(file)
    const { turns, alerts } = this.#kit
    const stream = new FileStream({ task, turns, alerts, signal, start: offset + start, end: offset + stop })
    await orAborted(task.onChecked.promise, signal)
    this.#streams.add(stream)
    task.errands++
    try {
      yield* stream.bytes()
    } finally {
      this.#streams.delete(stream)
      task.errands--
    }
  }

  /** The disk comes first: where it cannot have it, all is wanted as before. */
  async #choose(priorityOf: Prioritize, parts: RunningParts): Promise<void> {
    const { info } = parts.metadata
    const choice = this.#choice.changed(info, file => priorityOf(this.#status(info, file)))
    await parts.storage.select(file => choice.isWanted(info, file))
    const priorities = choice.ofPieces(info)
    const found = await findExisting(parts, priorities, this.#task.signal)
    this.#kit.turns.enter(this.#task, now => {
      this.#choice.become(choice)
      this.#conduct.chosen()
      // Opened anew meanwhile, it has to be told once more.
      if (this.#task.parts === parts) this.#tell(parts, { priorities, found, now })
    })
    if (this.#task.parts !== parts) await whileAwake(this.#task, now => this.#choose(() => null, now))
  }

  #tell(
    { torrent }: RunningParts,
    { priorities, found, now }: { priorities: Uint8Array; found: readonly number[]; now: number },
  ): void {
    const task = this.#task
    for (const piece of found) torrent.found(piece)
    const wasComplete = torrent.isComplete
    torrent.select(piece => priorities[piece]!, now)
    if (wasComplete && !torrent.isComplete) {
      task.onCompleted = quietWaiter()
      task.hasLost()
      task.announcers.wantPeers(now)
      task.connectMore(now)
    }
    for (const stream of this.#streams) stream.chosenAnew()
    task.markChanged()
  }

  async #info({ signal }: WaitOptions): Promise<Info> {
    await orAborted(this.#task.onMetadata.promise, signal)
    const { info } = this.#task.metadata ?? (await orAborted(this.#metadata(), signal))
    return info
  }

  #find({ files }: Pick<Info, 'files'>, which: number | string): number {
    const index = typeof which === 'number' ? which : files.findIndex(file => file.displayPath === which)
    const found = files[index]
    if (found && !found.isPad) return index
    throw new UsageError('file-unknown', `"${this.#task.name}" has no file ${JSON.stringify(which)}`)
  }

  #status(info: Info, index: number): FileStatus {
    const { displayPath: path, length } = info.files[index]!
    const priority = this.#choice.of(info, index)
    const savedAs = this.#mover.savedAs(info, index)
    return { index, path, savedAs, length, priority, verifiedLength: this.#verifiedLength(info, index) }
  }

  #verifiedLength({ geometry }: Info, file: number): number {
    const { standing } = this.#task
    if (!standing) return 0
    const start = geometry.fileOffset(file)
    const end = start + geometry.fileLength(file)
    const { pieceLength } = geometry
    let verified = 0
    for (let piece = geometry.piecesOf(file).first; piece < geometry.piecesOf(file).end; piece++) {
      if (!standing.hasVerified(piece)) continue
      verified += Math.min(end, (piece + 1) * pieceLength) - Math.max(start, piece * pieceLength)
    }
    return verified
  }
}
