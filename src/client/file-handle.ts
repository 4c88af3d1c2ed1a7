import type { FilePriority } from './file-choice.ts'
import type { WaitOptions } from './wait-options.ts'

/** What one can know of a file of a torrent at a moment. */
export interface FileStatus {
  /** Its place among the torrent's files, pads counted. */
  readonly index: number
  /** In the torrent, `/` between its parts. */
  readonly path: string
  /** Where it lies below the torrent's folder, `/` between its parts. */
  readonly savedAs: string
  /** In bytes. */
  readonly length: number
  readonly priority: FilePriority
  /** Bytes of it that are verified. */
  readonly verifiedLength: number
}

/** Which bytes of a file. */
export interface StreamOptions extends WaitOptions {
  /** The first byte; default 0. */
  readonly start?: number
  /** The byte behind the last; default: the end of the file. */
  readonly end?: number
}

/** What is to become of a file: another priority, or null to leave it as it is. */
export type Prioritize = (file: FileStatus) => FilePriority | null

/** The files that a handle speaks of. */
export interface FilesOfTorrent {
  status(which: number | string, options: WaitOptions): Promise<FileStatus>
  prioritize(priorityOf: Prioritize, options: WaitOptions): Promise<void>
  rename(nameOf: (file: FileStatus) => string | null, options: WaitOptions): Promise<void>
  stream(which: number | string, options: StreamOptions): ReadableStream<Uint8Array>
}

/** One file of a torrent, by its index or path. Whether there is such a file is found out when it is used. */
export class FileHandle {
  readonly #files: FilesOfTorrent
  readonly #which: number | string

  constructor(files: FilesOfTorrent, which: number | string) {
    this.#files = files
    this.#which = which
  }

  /** Waits for the metadata. Rejects with `UsageError` `file-unknown`, as all do here. */
  status(options: WaitOptions = {}): Promise<FileStatus> {
    return this.#files.status(this.#which, options)
  }

  /** `skip`: it is not fetched any more; what there is of it stays. See `TorrentHandle.prioritize`. */
  async setPriority(priority: FilePriority, options: WaitOptions = {}): Promise<void> {
    const { index } = await this.status(options)
    await this.#files.prioritize(file => (file.index === index ? priority : null), options)
  }

  /** Has it called otherwise on disk: a path below the torrent's folder. See `TorrentHandle.renameFiles`. */
  async rename(path: string, options: WaitOptions = {}): Promise<void> {
    const { index } = await this.status(options)
    await this.#files.rename(file => (file.index === index ? path : null), options)
  }

  /**
   * Its bytes from first to last, each verified; those that are not there are fetched before all others, some way ahead
   * of the reader. Nothing is fetched for it where the reader reads no further. The stream errs with `UsageError`
   * `file-unknown`, `range-invalid`, or `file-skipped` where the file is not wanted; with what ended the torrent; with a
   * `StorageError` while its disk gives nothing; or with the signal's reason.
   */
  stream(options: StreamOptions = {}): ReadableStream<Uint8Array> {
    return this.#files.stream(this.#which, options)
  }
}
