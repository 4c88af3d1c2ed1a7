import { UsageError } from '../core/errors.ts'
import { orAborted } from '../core/or-aborted.ts'
import type { AlertStream } from './alert-stream.ts'
import { CLIENT_LIMITS } from './limits.ts'
import { CLIENT_DEFAULTS } from './options.ts'
import type { RunningParts } from './running-parts.ts'
import type { TorrentTask } from './torrent-task.ts'
import type { Turns } from './turns.ts'
import { partsOf } from './while-awake.ts'

/** Read at once, bytes. */
const CHUNK = 262_144

/** Reads a stretch of a torrent from the front, and has what lacks of it fetched in time. */
export class FileStream {
  readonly #task: TorrentTask
  readonly #turns: Turns
  readonly #alerts: AlertStream
  readonly #signal: AbortSignal
  /** Bytes of the torrent. */
  #at: number
  readonly #end: number
  /** What the swarm was told to hurry with: until the reader gets to another piece, or the torrent has other parts. */
  #hurried: { readonly parts: RunningParts; readonly piece: number } | null = null
  /** Looks again whether the piece that is waited for will come. */
  #lookAgain: () => void = () => undefined

  constructor(options: {
    task: TorrentTask
    turns: Turns
    alerts: AlertStream
    signal: AbortSignal | undefined
    /** Offsets in the torrent. */
    start: number
    end: number
  }) {
    this.#task = options.task
    this.#turns = options.turns
    this.#alerts = options.alerts
    const { signal } = options.task
    this.#signal = options.signal ? AbortSignal.any([signal, options.signal]) : signal
    this.#at = options.start
    this.#end = options.end
  }

  async *bytes(): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const memory = new Uint8Array(new SharedArrayBuffer(Math.min(CHUNK, this.#end - this.#at)))
    try {
      while (this.#at < this.#end) {
        const parts = await partsOf(this.#task)
        this.#signal.throwIfAborted()
        const read = await this.#read(parts, memory)
        if (!read) continue
        this.#at += read.length
        yield read.slice()
      }
    } finally {
      this.#hurried?.parts.torrent.hurry(this, [], this.#turns.now())
    }
  }

  /** Other files are wanted: perhaps not this one. */
  chosenAnew(): void {
    this.#lookAgain()
  }

  /** The bytes that are next, as far as they are in one piece; null where the piece was lost, or waited for. */
  async #read({ torrent, storage, metadata }: RunningParts, memory: Uint8Array): Promise<Uint8Array | null> {
    const { geometry } = metadata.info
    const piece = Math.floor(this.#at / geometry.pieceLength)
    const begin = this.#at - piece * geometry.pieceLength
    this.#hurry(piece)
    if (!torrent.hasVerified(piece)) {
      await this.#waitFor(piece)
      return null
    }
    const length = Math.min(memory.length, this.#end - this.#at, geometry.pieceLength - begin)
    const view = memory.subarray(0, length)
    try {
      await storage.read(piece, begin, [view])
      return view
    } catch (error) {
      this.#turns.enter(this.#task, () => this.#task.readFailed(piece, error))
      // What is gone is fetched again, and what the disk keeps to itself is not to be had now.
      if (torrent.hasVerified(piece)) throw error
      return null
    }
  }

  /** Has the pieces from this one on fetched before others, as far as they are to be ahead of the reader. */
  #hurry(piece: number): void {
    const { parts } = this.#task
    if (!parts || (this.#hurried?.parts === parts && this.#hurried.piece === piece)) return
    this.#hurried = { parts, piece }
    const { pieceLength } = parts.metadata.info.geometry
    const last = Math.floor((this.#end - 1) / pieceLength)
    const ahead = Math.min(
      Math.ceil(CLIENT_DEFAULTS.streamAhead / pieceLength) + 1,
      CLIENT_LIMITS.hurriedPieces,
    )
    const window = Array.from({ length: Math.min(ahead, last - piece + 1) }, (_, at) => piece + at)
    this.#turns.enter(this.#task, now => parts.torrent.hurry(this, window, now))
  }

  /** Until it is had, or something has to be looked at again. */
  async #waitFor(piece: number): Promise<void> {
    const { id, torrent } = this.#task
    if (torrent && !torrent.isSelected(piece))
      throw new UsageError(
        'file-skipped',
        `the file is not wanted: give it a priority other than "skip" first`,
      )
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#lookAgain = resolve
    const ends = [
      this.#alerts.on('piece-verified', alert => {
        if (alert.torrent === id && alert.piece === piece) resolve()
      }),
      this.#alerts.on('torrent-error', alert => {
        if (alert.torrent === id && !alert.isWaiting) reject(alert.error)
      }),
    ]
    try {
      await orAborted(promise, this.#signal)
    } finally {
      for (const end of ends) end()
    }
  }
}
