import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  answerFromLeaves,
  answerFromTree,
  leafRange,
  pieceLayerRanges,
  pieceOfRange,
} from '../../../src/metainfo/hash-exchange.ts'
import { METAINFO_LIMITS } from '../../../src/metainfo/limits.ts'
import { FileTree } from '../../support/file-tree.ts'
import { testDigest } from '../../support/hash-plan.ts'

const tree = new FileTree({ leaves: 43, leavesOfPiece: 4 })

function seed(of: FileTree) {
  const known = of.known()
  known.addPieces(of.pieces())
  return known
}

describe('asking', () => {
  test('for a piece layer takes one range where that is enough', () => {
    assert.deepEqual(pieceLayerRanges(tree.known()), [{ baseLayer: 2, index: 0, length: 16, proofLayers: 3 }])
  })

  test('for a long piece layer takes as many as it needs, each proven up to the root', () => {
    const long = new FileTree({ leaves: 1300, leavesOfPiece: 1 })
    const ranges = pieceLayerRanges(long.known())
    assert.deepEqual(
      ranges.map(({ index, length, proofLayers }) => [index, length, proofLayers]),
      [
        [0, METAINFO_LIMITS.hashesPerRequest, 10],
        [512, METAINFO_LIMITS.hashesPerRequest, 10],
        [1024, METAINFO_LIMITS.hashesPerRequest, 10],
      ],
    )
    const leech = long.known()
    for (const range of ranges) assert.equal(leech.addRange(range, answerFromTree(seed(long), range)!), true)
    assert.deepEqual(leech.pieces(), long.pieces())
  })

  test('for a piece layer is not needed for a file that fits into a piece', () => {
    assert.deepEqual(pieceLayerRanges(new FileTree({ leaves: 3, leavesOfPiece: 4 }).known()), [])
  })

  test('for leaves takes those of the piece', () => {
    assert.deepEqual(leafRange(tree.known(), 2), { baseLayer: 0, index: 8, length: 4, proofLayers: 5 })
    assert.deepEqual(leafRange(new FileTree({ leaves: 3, leavesOfPiece: 8 }).known(), 0), {
      baseLayer: 0,
      index: 0,
      length: 4,
      proofLayers: 1,
    })
    assert.equal(leafRange(new FileTree({ leaves: 5, leavesOfPiece: 1 }).known(), 0), null)
  })
})

describe('answering', () => {
  test('from the tree is right for every range at or above the piece layer', () => {
    const known = seed(tree)
    for (let baseLayer = 2; baseLayer < 6; baseLayer++) {
      const width = 2 ** (6 - baseLayer)
      for (let length = 2; length <= width; length *= 2) {
        for (let index = 0; index < width; index += length) {
          for (let proofLayers = 0; proofLayers < 6 - baseLayer; proofLayers++) {
            const range = { baseLayer, index, length, proofLayers }
            const answer = answerFromTree(known, range)
            assert.deepEqual(answer, tree.answer(range), JSON.stringify(range))
          }
        }
      }
    }
  })

  test('from the leaves of a piece is right for every range below the piece layer', () => {
    const known = seed(tree)
    for (let baseLayer = 0; baseLayer < 2; baseLayer++) {
      for (let length = 2; length <= 2 ** (2 - baseLayer); length *= 2) {
        for (let index = 0; index < Math.ceil(43 / 2 ** baseLayer) - length; index += length) {
          for (let proofLayers = 0; proofLayers < 6 - baseLayer; proofLayers++) {
            const range = { baseLayer, index, length, proofLayers }
            const piece = pieceOfRange(known, range)
            assert.ok(piece !== null)
            const answer = answerFromLeaves(known, range, tree.leavesOfPiece(piece), testDigest)
            assert.deepEqual(answer, tree.answer(range), JSON.stringify(range))
            if (proofLayers === 5 - baseLayer) assert.ok(tree.known().isProven(range, answer!))
          }
        }
      }
    }
  })

  test('from the leaves of a last piece needs no pads', () => {
    const known = seed(tree)
    const range = { baseLayer: 0, index: 40, length: 4, proofLayers: 5 }
    const leaves = tree.leavesOfPiece(10).subarray(0, 3 * 32)
    assert.deepEqual(answerFromLeaves(known, range, leaves, testDigest), tree.answer(range))
  })

  test('from the leaves of a small file is right', () => {
    const small = new FileTree({ leaves: 3, leavesOfPiece: 8 })
    const range = leafRange(small.known(), 0)!
    assert.deepEqual(
      answerFromLeaves(small.known(), range, small.leavesOfPiece(0), testDigest),
      small.answer(range),
    )
  })

  test('is not possible while hashes are missing', () => {
    const range = { baseLayer: 2, index: 0, length: 2, proofLayers: 3 }
    assert.equal(answerFromTree(tree.known(), range), null)
    assert.equal(
      answerFromLeaves(tree.known(), { ...range, baseLayer: 0 }, tree.leavesOfPiece(0), testDigest),
      null,
    )
  })

  test('from what a peer has proven is possible for just that', () => {
    const known = tree.known()
    const range = { baseLayer: 2, index: 4, length: 4, proofLayers: 3 }
    known.addRange(range, tree.answer(range))
    assert.deepEqual(answerFromTree(known, range), tree.answer(range))
    assert.equal(answerFromTree(known, { ...range, index: 8 }), null)
  })

  test('takes the leaves of one piece', () => {
    const known = tree.known()
    assert.equal(pieceOfRange(known, { baseLayer: 0, index: 8, length: 4, proofLayers: 0 }), 2)
    assert.equal(pieceOfRange(known, { baseLayer: 1, index: 4, length: 2, proofLayers: 0 }), 2)
    assert.equal(pieceOfRange(known, { baseLayer: 0, index: 8, length: 8, proofLayers: 0 }), null)
    assert.equal(pieceOfRange(known, { baseLayer: 0, index: 48, length: 4, proofLayers: 0 }), null)
  })
})
