import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildTorrent, planTorrent } from '../src/metainfo/build.ts'
import type { BenchContent } from './bench-content.ts'

/** A file of zeros that takes no room, and its torrent, in the folder of a seed. All pieces have one hash; nothing is read. */
export function makeSparseFile(
  seedFolder: string,
  { name, length, pieceLength }: { name: string; length: number; pieceLength: number },
): { readonly file: string; readonly torrent: string } {
  const file = join(seedFolder, name)
  const torrent = join(seedFolder, '..', `${name}.torrent`)
  writeFileSync(file, '', { flag: 'wx' })
  truncateSync(file, length)
  const plan = planTorrent({
    name,
    isSingleFile: true,
    files: [{ path: [name], length }],
    format: 'v1',
    pieceLength,
  })
  writeFileSync(torrent, buildTorrent(plan, { v1: hashesOfZeros(length, pieceLength) }))
  return { file, torrent }
}

/** The same as content to be transferred, in a folder of its own. */
export function makeSparseContent(parent: string, length: number, pieceLength: number): BenchContent {
  const folder = mkdtempSync(join(parent, 'shoal-bench-'))
  const seedFolder = join(folder, 'seed')
  mkdirSync(seedFolder)
  const name = 'zeros.bin'
  return {
    ...makeSparseFile(seedFolder, { name, length, pieceLength }),
    ...{ folder, seedFolder, name, length },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function hashesOfZeros(length: number, pieceLength: number): Uint8Array {
  const hashOf = (zeros: number): Buffer => createHash('sha1').update(Buffer.alloc(zeros)).digest()
  const whole = Math.floor(length / pieceLength)
  const rest = length % pieceLength
  const hashes = Buffer.alloc(20 * whole, hashOf(pieceLength))
  return rest === 0 ? hashes : Buffer.concat([hashes, hashOf(rest)])
}
