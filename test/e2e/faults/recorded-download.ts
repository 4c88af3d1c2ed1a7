/** What storage and log do to the disk in a torrent's life, operation by operation, and what was promised meanwhile. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { allocate } from '../../../src/client/allocate.ts'
import { checkExisting } from '../../../src/client/checker.ts'
import { Bitfield } from '../../../src/core/bitfield.ts'
import type { Dice } from '../../../src/core/ports.ts'
import { PieceHashes } from '../../../src/metainfo/piece-hashes.ts'
import type { TorrentFile } from '../../../src/metainfo/torrent-file.ts'
import type { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { ResumeLog } from '../../../src/storage/resume-log.ts'
import type { StateFiles } from '../../../src/storage/state-files.ts'
import { storedTorrent } from '../../../src/storage/stored-torrent.ts'
import { WorkerStateFiles } from '../../../src/storage/worker-state-files.ts'
import { FileOperations } from '../../support/file-operations.ts'
import { testDigest } from '../../support/hash-plan.ts'

const BLOCK = 16_384

/** What holds from a moment on, whatever happens. */
export interface Promised {
  /** So many operations were done. */
  readonly at: number
  /** Pieces that were said to be on the disk, and not given up since. */
  readonly synced: Bitfield
  /** The small file was replaced so often. */
  readonly settings: number
  readonly isWanted: readonly boolean[]
}

export interface Places {
  readonly downloads: string
  readonly log: string
  readonly settings: string
}

export function placesIn(folder: string): Places {
  return {
    downloads: join(folder, 'far/away/downloads'),
    log: join(folder, 'state/torrents/id/resume.log'),
    settings: join(folder, 'state/torrents/id/settings'),
  }
}

/** Long enough for several blocks of a disk. */
export function settingsNumber(count: number): Uint8Array {
  return new TextEncoder().encode(`${count} `.repeat(2000))
}

/** Fetches a torrent piece by piece into a folder, with all that may come between. */
export class RecordedDownload {
  readonly operations: FileOperations
  readonly promises: Promised[] = []
  readonly #torrent: TorrentFile
  readonly #places: Places
  readonly #workers: DiskWorkers
  readonly #dice: Dice
  readonly #bytesOf: (piece: number) => Uint8Array
  readonly #wanted: boolean[]
  /** The files take all their room before anything is fetched. */
  readonly isFull: boolean
  readonly #synced: Bitfield
  /** What the commit that is under way brings to the disk, without what was lost since it began. */
  #committing: Bitfield | null = null
  #lastCommit: Promise<void> = Promise.resolve()
  #settings = 0
  #files: StateFiles | null = null

  constructor(options: {
    torrent: TorrentFile
    bytesOf: (piece: number) => Uint8Array
    folder: string
    workers: DiskWorkers
    dice: Dice
  }) {
    this.#torrent = options.torrent
    this.#bytesOf = options.bytesOf
    this.#workers = options.workers
    this.#dice = options.dice
    this.#places = placesIn(options.folder)
    this.#synced = new Bitfield(this.#info.geometry.pieceCount)
    this.#wanted = this.#info.files.map(() => this.#dice.below(4) > 0)
    this.isFull = this.#dice.below(4) === 0
    this.operations = new FileOperations(options.folder)
    this.#promise()
  }

  async run(sessions: number): Promise<void> {
    try {
      this.#files = await WorkerStateFiles.open(this.#workers, this.#places.log)
      for (let session = 0; session < sessions; session++) await this.#session()
    } finally {
      this.operations[Symbol.dispose]()
    }
  }

  /** What nobody wants any more may be forgotten. */
  isWanted(piece: number, wanted: readonly boolean[]): boolean {
    return this.#info.geometry.filesOf(piece).some(file => wanted[file])
  }

  get #info(): TorrentFile['info'] {
    return this.#torrent.info
  }

  async #session(): Promise<void> {
    const { storage, log, have } = await openStored({
      torrent: this.#torrent,
      places: this.#places,
      workers: this.#workers,
      files: this.#files!,
      wanted: this.#wanted,
      isFull: this.isFull,
    })
    for (const piece of this.#synced) {
      if (have.has(piece)) continue
      assert.ok(!this.isWanted(piece, this.#wanted), `piece ${piece} was forgotten`)
      this.#synced.clear(piece)
    }
    this.#promise()
    const written = have.clone()
    const commits: Promise<void>[] = []
    const steps = 10 + this.#dice.below(20)
    for (let step = 0; step < steps; step++) {
      await this.#step({ storage, log, written, commits })
    }
    await Promise.all(commits)
    if (this.#dice.below(3) > 0) await this.#commit(log, storage, written)
    if (this.#dice.below(3) > 0) await log.close()
    await storage.close()
  }

  async #step(open: {
    storage: FileStorage
    log: ResumeLog
    written: Bitfield
    commits: Promise<void>[]
  }): Promise<void> {
    const { storage, log, written, commits } = open
    const kind = this.#dice.below(20)
    if (kind === 0) await this.#select(storage)
    else if (kind === 1) await this.#replaceSettings()
    else if (kind === 2) this.#lose(log, written)
    else if (kind === 3) await log.settle()
    else if (kind < 7) commits.push(this.#commit(log, storage, written))
    else await this.#fetch(storage, log, written)
  }

  /** One piece that is not there yet and of which something is wanted; sometimes its blocks go to disk before it is whole. */
  async #fetch(storage: FileStorage, log: ResumeLog, written: Bitfield): Promise<void> {
    const { geometry } = this.#info
    const missing = Array.from({ length: geometry.pieceCount }, (_, piece) => piece).filter(
      piece => !written.has(piece) && this.isWanted(piece, this.#wanted),
    )
    const piece = missing[this.#dice.below(missing.length)]
    if (piece === undefined) return
    const bytes = shared(this.#bytesOf(piece))
    await log.beforeWriting(piece)
    const cut = this.#dice.below(3) === 0 && bytes.length > BLOCK ? BLOCK : 0
    if (cut > 0) {
      await storage.write(piece, 0, [bytes.subarray(0, cut)])
      const blocks = new Bitfield(geometry.blockCount(piece))
      blocks.set(0)
      log.blocksSpilled(piece, blocks)
    }
    await storage.write(piece, cut, [bytes.subarray(cut)])
    log.pieceWritten(piece, bytes.length)
    written.set(piece)
  }

  async #commit(log: ResumeLog, storage: FileStorage, written: Bitfield): Promise<void> {
    // One after the other, as `TorrentDisk` has it.
    const last = this.#lastCommit
    const done = Promise.withResolvers<void>()
    this.#lastCommit = done.promise
    await last
    this.#committing = written.clone()
    await log.commit(() => storage.sync())
    this.#synced.addAll(this.#committing)
    this.#committing = null
    this.#promise()
    done.resolve()
  }

  #lose(log: ResumeLog, written: Bitfield): void {
    const had = [...written]
    const piece = had[this.#dice.below(had.length)]
    if (piece === undefined) return
    this.#synced.clear(piece)
    this.#committing?.clear(piece)
    this.#promise()
    log.pieceLost(piece)
    written.clear(piece)
  }

  async #select(storage: FileStorage): Promise<void> {
    const file = this.#dice.below(this.#wanted.length)
    this.#wanted[file] = !this.#wanted[file]
    this.#promise()
    await storage.select(index => this.#wanted[index]!)
  }

  async #replaceSettings(): Promise<void> {
    await this.#files!.replace(this.#places.settings, settingsNumber(this.#settings + 1))
    this.#settings++
    this.#promise()
  }

  #promise(): void {
    this.promises.push({
      at: this.operations.list.length,
      synced: this.#synced.clone(),
      settings: this.#settings,
      isWanted: [...this.#wanted],
    })
  }
}

/** Opens what is there as a session does, and says which pieces it believes or finds good. */
export async function openStored(options: {
  torrent: TorrentFile
  places: Places
  workers: DiskWorkers
  files: StateFiles
  wanted: readonly boolean[]
  /** As `Allocation` has it. */
  isFull: boolean
  /** What the files look like, where that is not to be asked of the system. */
  inspect?: (storage: FileStorage) => ReturnType<FileStorage['inspect']>
}): Promise<{ storage: FileStorage; log: ResumeLog; have: Bitfield }> {
  const { torrent, places, workers, files, inspect = it => it.inspect() } = options
  const { info } = torrent
  const isWanted = (file: number): boolean => options.wanted[file]!
  const storage = await FileStorage.open({
    torrent: storedTorrent(info),
    root: places.downloads,
    workers,
    isWanted,
  })
  const log = await ResumeLog.open({ files, path: places.log, info, inspect: () => inspect(storage) })
  await storage.prepare()
  const states = await inspect(storage)
  const { signal } = new AbortController()
  const hold = (): null => null
  const have = await checkExisting({
    info,
    hashes: new PieceHashes(info, torrent.layers, testDigest),
    storage,
    files: states,
    isWanted,
    restored: log.restored,
    isKnownGood: false,
    signal,
    hold,
    progress: () => undefined,
  })
  const hasGrown =
    options.isFull && (await allocate({ info, storage, files: states, have, isWanted, signal, hold }))
  storage.syncExisting()
  await log.checked(have, hasGrown ? await inspect(storage) : states)
  return { storage, log, have }
}

export function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length))
  copy.set(bytes)
  return copy
}
