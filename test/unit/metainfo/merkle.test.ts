import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { concatBytes, formatHex } from '../../../src/core/bytes.ts'
import {
  hashAt,
  hashPair,
  layerAbove,
  merkleRoot,
  padHash,
  treeHeight,
} from '../../../src/metainfo/merkle.ts'
import { naiveRoot, testDigest } from '../../support/hash-plan.ts'

function leaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => testDigest.sha256(Uint8Array.of(i)))
}

describe('a merkle tree', () => {
  test('has the root that hashing two by two gives, for every number of leaves', () => {
    for (let count = 1; count <= 33; count++) {
      const height = treeHeight(count)
      const root = merkleRoot(concatBytes(leaves(count)), height, padHash(0, testDigest), testDigest)
      assert.equal(formatHex(root), formatHex(naiveRoot(leaves(count), 2 ** height)), `${count} leaves`)
    }
  })

  test('can be wider than its leaves need', () => {
    const root = merkleRoot(concatBytes(leaves(3)), 5, padHash(0, testDigest), testDigest)
    assert.equal(formatHex(root), formatHex(naiveRoot(leaves(3), 32)))
  })

  test('goes on from any layer with the pad of that layer', () => {
    const all = leaves(11)
    const layer = layerAbove(concatBytes(all), padHash(0, testDigest), testDigest)
    assert.equal(layer.length, 6 * 32)
    const root = merkleRoot(layer, 3, padHash(1, testDigest), testDigest)
    assert.equal(formatHex(root), formatHex(naiveRoot(all, 16)))
  })

  test('of one leaf is that leaf', () => {
    assert.deepEqual(merkleRoot(leaves(1)[0]!, 0, padHash(0, testDigest), testDigest), leaves(1)[0])
  })

  test('pads with what zeros hash to', () => {
    assert.deepEqual(padHash(0, testDigest), new Uint8Array(32))
    assert.deepEqual(padHash(3, testDigest), naiveRoot([], 8))
  })

  test('hashes a pair in its order', () => {
    const [a, b] = leaves(2) as [Uint8Array, Uint8Array]
    assert.deepEqual(hashPair(a, b, testDigest), testDigest.sha256(concatBytes([a, b])))
    assert.notDeepEqual(hashPair(a, b, testDigest), hashPair(b, a, testDigest))
  })

  test('gives a hash of a run', () => assert.deepEqual(hashAt(concatBytes(leaves(3)), 1), leaves(3)[1]))

  test('is as high as its leaves need', () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 8, 9, 2 ** 30, 2 ** 30 + 1].map(treeHeight),
      [0, 1, 2, 2, 3, 3, 4, 30, 31],
    )
  })
})
