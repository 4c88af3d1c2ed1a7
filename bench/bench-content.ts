import { createHash, randomFillSync } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { buildTorrent, planTorrent } from '../src/metainfo/build.ts'
import { warmMemory } from './warm-memory.ts'

const PIECE_LENGTH = 2 ** 20
const NAME = 'content.bin'

/** One file of random bytes and its torrent, in a folder of its own. */
export interface BenchContent {
  readonly folder: string
  readonly seedFolder: string
  readonly name: string
  readonly file: string
  readonly torrent: string
  readonly length: number
  remove(): void
}

/** Memory is warm (`warm-memory.ts`) for so many times the length of what is written: for the copies and the programs. */
const IN_USE = 2

/** Throws where the folder has no room for the content so many times, a seed's and a leech's by default. */
export function makeContent(parent: string, length: number, copies = 2): BenchContent {
  const { bavail, bsize } = statfsSync(parent)
  if (bavail * bsize < 1.1 * copies * length)
    throw new Error(`${parent} has not room for ${length} bytes ${copies} times`)
  const folder = mkdtempSync(join(parent, 'shoal-bench-'))
  const seedFolder = join(folder, 'seed')
  mkdirSync(seedFolder)
  const file = join(seedFolder, NAME)
  const torrent = join(folder, `${NAME}.torrent`)
  const plan = planTorrent({
    name: NAME,
    isSingleFile: true,
    files: [{ path: [NAME], length }],
    format: 'v1', // which all programs know
    pieceLength: PIECE_LENGTH,
  })
  writeFileSync(torrent, buildTorrent(plan, { v1: writeRandom(file, length) }))
  warmMemory(folder, Math.min(IN_USE * (copies - 1) * length, 0.8 * bavail * bsize - length))
  return {
    folder,
    seedFolder,
    name: NAME,
    file,
    torrent,
    length,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Returns the SHA-1s of its pieces. */
function writeRandom(file: string, length: number): Uint8Array {
  const piece = Buffer.alloc(PIECE_LENGTH)
  const hashes: Buffer[] = []
  const fd = openSync(file, 'wx')
  for (let offset = 0; offset < length; offset += PIECE_LENGTH) {
    const part = randomFillSync(piece.subarray(0, Math.min(PIECE_LENGTH, length - offset)))
    hashes.push(createHash('sha1').update(part).digest())
    writeSync(fd, part)
  }
  closeSync(fd)
  return Buffer.concat(hashes)
}
