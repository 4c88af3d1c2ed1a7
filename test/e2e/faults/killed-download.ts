/** A download that is killed at any moment, and what can be said of what it left. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkExisting } from '../../../src/client/checker.ts'
import { openSession } from '../../../src/client/node.ts'
import type { Session } from '../../../src/client/session.ts'
import { formatAddress } from '../../../src/core/address.ts'
import type { Bitfield } from '../../../src/core/bitfield.ts'
import type { Dice } from '../../../src/core/ports.ts'
import { torrentIdOf } from '../../../src/core/ids.ts'
import { buildTorrent } from '../../../src/metainfo/build.ts'
import type { FileSpan } from '../../../src/metainfo/geometry.ts'
import { planTorrent, type TorrentFormat } from '../../../src/metainfo/plan-torrent.ts'
import { PieceHashes } from '../../../src/metainfo/piece-hashes.ts'
import { parseTorrentFile, type TorrentFile } from '../../../src/metainfo/torrent-file.ts'
import type { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { ResumeLog } from '../../../src/storage/resume-log.ts'
import { storedTorrent } from '../../../src/storage/stored-torrent.ts'
import { makeFolder } from '../../../src/storage/make-folder.ts'
import { hashPlan, testDigest } from '../../support/hash-plan.ts'
import type { TemporaryFolder } from '../storage/temporary-folder.ts'
import { StateOnDisk } from './state-on-disk.ts'

const LAUNCHER = fileURLToPath(new URL('../../../bin/shoal.js', import.meta.url))
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url))

/** Files that share pieces, an empty one, and one that is small. */
const LENGTHS = { a: 70_000_001, 'sub/b': 45_000_007, empty: 0, 'sub/c': 30_000_011, d: 1000 }
const PIECE_LENGTH = 256 * 1024

/** What is known of a download after it was killed. */
export interface Remains {
  /** Pieces that the next start believes or finds good, and how many of them it has to hash for it. */
  readonly good: number
  readonly hashed: number
  /** Pieces that are known to be on the disk itself. */
  readonly synced: number
}

/** One torrent, its seed in this process, and a `shoal get` of it in another that is killed again and again. */
export class KilledDownload {
  readonly torrent: TorrentFile
  readonly contentLength: number
  readonly #bytes: Uint8Array
  readonly #contents: ReadonlyMap<string, Uint8Array>
  readonly #folder: TemporaryFolder
  readonly #name: string
  readonly #dice: Dice
  #seed: Session | null = null
  #generation = 0

  constructor(options: { folder: TemporaryFolder; format: TorrentFormat; dice: Dice }) {
    this.#folder = options.folder
    this.#name = options.format
    this.#dice = options.dice
    const plan = planTorrent({
      name: 'content',
      isSingleFile: false,
      files: Object.entries(LENGTHS).map(([path, length]) => ({ path: path.split('/'), length })),
      format: options.format,
      pieceLength: PIECE_LENGTH,
    })
    const contents = new Map(
      Object.entries(LENGTHS).map(([path, length]) => [path, noise(length, options.dice)]),
    )
    this.#contents = contents
    this.#bytes = buildTorrent(
      plan,
      hashPlan(plan, ({ path }) => contents.get(path.join('/'))!),
    )
    this.torrent = parseTorrentFile(this.#bytes, testDigest)
    this.contentLength = this.torrent.info.geometry.contentLength
  }

  async startSeed(uploadLimit: number): Promise<void> {
    const folder = this.#at('seed')
    for (const [path, bytes] of this.#contents) {
      makeFolder(join(folder, 'content', path, '..'), 0o755)
      writeFileSync(join(folder, 'content', path), bytes)
    }
    writeFileSync(this.#at('it.torrent'), this.#bytes)
    this.#seed = await openSession({ listen: [{ address: '127.0.0.1', port: 0 }], uploadLimit })
    const torrent = await this.#seed.add(
      { torrentFile: this.#bytes },
      { folder, announces: false, isKnownGood: true },
    )
    await torrent.checked()
  }

  async close(): Promise<void> {
    await this.#seed?.close()
  }

  /** Payload that was ever sent to it. */
  get sent(): number {
    return this.#seed?.torrents()[0]?.status().uploaded ?? 0
  }

  /** Forgets what was downloaded: the next one begins anew. */
  startOver(): void {
    this.#generation++
  }

  /** Runs the download for up to so long; true where it came to its end before it was killed. */
  async run(forMs: number): Promise<boolean> {
    const peer = formatAddress(this.#seed!.listening[0]!)
    const child = spawn(
      process.execPath,
      [
        ...[LAUNCHER, 'get', this.#at('it.torrent'), '--dir', this.#target, '--state', this.#state],
        ...['--peer', peer, '--bind', '127.0.0.1', '--json'],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, XDG_CACHE_HOME: CACHE } },
    )
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text
    })
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
    const killing = setTimeout(() => child.kill('SIGKILL'), forMs)
    const [code, signal] = await ended
    clearTimeout(killing)
    if (signal !== 'SIGKILL') assert.equal(code, 0, `get ended with ${code ?? signal}: ${errors}`)
    return code === 0
  }

  /** Looks at what a killed download left as the next start would, and compares every piece that it would have. */
  async inspect(workers: DiskWorkers): Promise<Remains> {
    const { info } = this.torrent
    const storage = await FileStorage.open({ torrent: storedTorrent(info), root: this.#target, workers })
    const files = await storage.inspect()
    const log = await ResumeLog.open({
      files: new StateOnDisk(),
      path: join(this.#state, 'torrents', torrentIdOf(info.hashes), 'resume.log'),
      info,
      inspect: async () => files,
    })
    let hashed = 0
    const good = await checkExisting({
      info,
      hashes: new PieceHashes(info, this.torrent.layers, testDigest),
      storage: Object.assign(Object.create(storage) as FileStorage, {
        digest: (piece: number, kinds: Parameters<FileStorage['digest']>[1]) => {
          hashed++
          return storage.digest(piece, kinds)
        },
      }),
      files,
      isWanted: () => true,
      restored: log.restored,
      isKnownGood: false,
      signal: new AbortController().signal,
      hold: () => null,
      progress: () => undefined,
    })
    await storage.close()
    this.#compare(good)
    return { good: good.count, hashed, synced: log.restored?.synced.count ?? 0 }
  }

  /** Every byte of every file. */
  compareAll(): void {
    for (const [path, bytes] of this.#contents)
      assert.equal(
        Buffer.compare(readFileSync(join(this.#target, 'content', path)), bytes),
        0,
        `${path} differs`,
      )
  }

  #compare(good: Bitfield): void {
    const { files, geometry } = this.torrent.info
    const found = new Map<number, Buffer>()
    const isRight = ({ file, offset, length, isPad }: FileSpan): boolean => {
      if (isPad) return true
      const path = files[file]!.displayPath
      const bytes = found.get(file) ?? readFileSync(join(this.#target, 'content', path))
      found.set(file, bytes)
      const right = this.#contents.get(path)!.subarray(offset, offset + length)
      return Buffer.compare(bytes.subarray(offset, offset + length), right) === 0
    }
    for (const piece of good) {
      const spans = geometry.spans(piece, 0, geometry.pieceLengthOf(piece))
      assert.ok(spans.every(isRight), `piece ${piece} is believed, and wrong`)
    }
  }

  get #target(): string {
    return this.#at(`out ${this.#generation}`)
  }

  get #state(): string {
    return this.#at(`state ${this.#generation}`)
  }

  #at(name: string): string {
    return this.#folder.at(`${this.#name} ${name}`)
  }

  /** A moment between these two, in ms. */
  moment(from: number, to: number): number {
    return from + this.#dice.below(to - from)
  }
}

function noise(length: number, dice: Dice): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = dice.below(0xffff_ffff) + 1
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[at] = state
  }
  return new Uint8Array(words.buffer, 0, length)
}
