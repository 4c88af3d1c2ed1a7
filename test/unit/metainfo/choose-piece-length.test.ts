import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { choosePieceLength } from '../../../src/metainfo/choose-piece-length.ts'

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

describe('the piece length', () => {
  const cases: [total: number, length: number][] = [
    [1, 16 * KIB],
    [32 * MIB - 1, 16 * KIB],
    [32 * MIB, 32 * KIB],
    [GIB, MIB],
    [4 * GIB, 4 * MIB],
    [16 * GIB, 16 * MIB],
    [1024 * GIB, 16 * MIB],
  ]
  for (const [total, length] of cases) {
    test(`of ${total} bytes is ${length}`, () => assert.equal(choosePieceLength(total), length))
  }
})
