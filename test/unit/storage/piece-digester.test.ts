import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { concatBytes } from '../../../src/core/bytes.ts'
import { PieceDigester } from '../../../src/storage/piece-digester.ts'
import type { DigestKinds } from '../../../src/storage/torrent-storage.ts'

const LEAF = 16_384
const BYTES = Uint8Array.from({ length: 2 * LEAF + 1000 }, (_, i) => i * 7)

function digest(kinds: DigestKinds, contentLength: number, chunkLength: number, bytes: Uint8Array = BYTES) {
  const digester = new PieceDigester(kinds, contentLength)
  for (let at = 0; at < bytes.length; at += chunkLength) digester.update(bytes.subarray(at, at + chunkLength))
  return digester.finish()
}

function sha256(...bytes: Uint8Array[]): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(concatBytes(bytes)).digest())
}

const LEAVES = [
  sha256(BYTES.subarray(0, LEAF)),
  sha256(BYTES.subarray(LEAF, 2 * LEAF)),
  sha256(BYTES.subarray(2 * LEAF)),
]
const ROOT = sha256(sha256(LEAVES[0]!, LEAVES[1]!), sha256(LEAVES[2]!, new Uint8Array(32)))
const SHA1 = Uint8Array.from(createHash('sha1').update(BYTES).digest())

describe('PieceDigester', () => {
  for (const chunkLength of [1000, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF, BYTES.length]) {
    it(`hashes a piece that comes in chunks of ${chunkLength}`, () => {
      const kinds = { sha1: true, merkle: { leaves: 3, paddedLeaves: 4, wantLeaves: true } }
      assert.deepEqual(digest(kinds, BYTES.length, chunkLength), {
        sha1: SHA1,
        merkleRoot: ROOT,
        leaves: concatBytes(LEAVES),
      })
    })
  }

  it('computes only what is asked for', () => {
    assert.deepEqual(digest({ sha1: true, merkle: null }, BYTES.length, 5000), {
      sha1: SHA1,
      merkleRoot: null,
      leaves: null,
    })
    const { sha1, leaves } = digest(
      { sha1: false, merkle: { leaves: 3, paddedLeaves: 4 } },
      BYTES.length,
      5000,
    )
    assert.deepEqual([sha1, leaves], [null, null])
  })

  it('fills a wide tree with leaves of zeros', () => {
    const zeros = new Uint8Array(64)
    const wide = digest({ sha1: false, merkle: { leaves: 3, paddedLeaves: 8 } }, BYTES.length, 5000)
    assert.deepEqual(wide.merkleRoot, sha256(ROOT, sha256(sha256(zeros), sha256(zeros))))
  })

  it('leaves the pad of a hybrid out of the tree', () => {
    const padded = concatBytes([BYTES, new Uint8Array(LEAF)])
    const both = { sha1: true, merkle: { leaves: 3, paddedLeaves: 4 } }
    const found = digest(both, BYTES.length, 5000, padded)
    assert.deepEqual(found.merkleRoot, ROOT)
    assert.deepEqual(found.sha1, Uint8Array.from(createHash('sha1').update(padded).digest()))
  })

  it('has the leaf itself as root where there is one', () => {
    const one = digest(
      { sha1: false, merkle: { leaves: 1, paddedLeaves: 1 } },
      5,
      2,
      new Uint8Array([1, 2, 3, 4, 5]),
    )
    assert.deepEqual(one.merkleRoot, sha256(new Uint8Array([1, 2, 3, 4, 5])))
  })
})
