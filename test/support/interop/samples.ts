/** What is transferred: a file and a folder with the shapes that go wrong first. */

import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'

export interface Sample {
  /** The name of the file or folder, and of its torrent. */
  readonly name: string
  readonly files: readonly (readonly [path: string, length: number])[]
  readonly pieceLength: number
}

const KIB = 1024
const MIB = 1024 * KIB

/** Its last piece and its last block are short; in v2 its piece layer is longer than one hash request may ask for. */
export const SINGLE: Sample = {
  name: 'one file.bin',
  files: [['', 18 * MIB + 4_321]],
  pieceLength: 32 * KIB,
}

/** Files that share pieces in v1, fill them, are shorter than a block, and are empty; names that need UTF-8. */
export const FOLDER: Sample = {
  name: 'Größen und 日本',
  files: [
    ['a-first.txt', 5],
    ['deep/er/down.bin', 3 * MIB + 70_001],
    ['deep/exact piece.bin', 64 * KIB],
    ['deep/nothing', 0],
    ['ünï 日本 🐟.bin', 2 * MIB + 12_345],
    ['two pieces.bin', 128 * KIB],
    ['z-block.bin', 16 * KIB],
  ],
  pieceLength: 64 * KIB,
}

export const SAMPLES: readonly (readonly ['single file' | 'folder', Sample])[] = [
  ['single file', SINGLE],
  ['folder', FOLDER],
]

/** Writes a sample into a folder, and says where it is now. */
export function writeSample(sample: Sample, folder: string): string {
  const place = join(folder, sample.name)
  for (const [path, length] of sample.files) {
    const file = join(place, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, contentOf(`${sample.name}/${path}`, length))
  }
  return place
}

/** Without its empty files, which some programs leave out. */
export function withoutEmptyFiles(sample: Sample): Sample {
  return { ...sample, files: sample.files.filter(([, length]) => length > 0) }
}

/** Every byte of every file, no file too few, and none too many. */
export function assertArrived(sample: Sample, folder: string): void {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name))
  const expected = sample.files.map(([path]) => join(folder, sample.name, path))
  assert.deepEqual(found.sort(), expected.sort(), 'the files that are there')
  for (const [path, length] of sample.files) {
    const arrived = readFileSync(join(folder, sample.name, path))
    assert.equal(arrived.length, length, `the length of "${path}"`)
    const difference = firstDifference(arrived, contentOf(`${sample.name}/${path}`, length))
    assert.equal(difference, null, `"${path}" differs from byte ${difference} on`)
  }
}

function firstDifference(a: Buffer, b: Buffer): number | null {
  return a.equals(b) ? null : a.findIndex((byte, i) => byte !== b[i])
}

/** The same for the same name, and nothing that repeats: a stream of SHA-256 over a counter, stretched. */
function contentOf(name: string, length: number): Buffer {
  const content = Buffer.alloc(length)
  const block = createHash('shake256', { outputLength: 64 * KIB })
    .update(name)
    .digest()
  for (let at = 0, turn = 0; at < length; at += block.length, turn++) {
    block.copy(content, at)
    if (at + 4 <= length) content.writeUInt32LE(turn, at)
  }
  return content
}
