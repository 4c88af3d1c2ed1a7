import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FileTree } from '../../support/file-tree.ts'

/** 11 pieces of 4 leaves; the tree is 6 layers high, its piece layer is 2. */
const tree = new FileTree({ leaves: 43, leavesOfPiece: 4 })

function whole() {
  return { baseLayer: 2, index: 0, length: 16, proofLayers: 3 }
}

describe('a tree of which the root is known', () => {
  test('knows its own shape', () => {
    const known = tree.known()
    assert.deepEqual([known.leafCount, known.height, known.pieceLayer, known.pieceCount], [43, 6, 2, 11])
    assert.equal(known.isComplete, false)
    assert.equal(known.piece(0), null)
    assert.equal(known.pieces(), null)
    assert.deepEqual(known.node(6, 0), tree.root)
  })

  test('knows the nodes that have only pad below them', () => {
    const known = tree.known()
    assert.deepEqual(known.node(2, 11), tree.layers[2]![11])
    assert.deepEqual(known.node(4, 3), tree.layers[4]![3])
  })

  test('has no nodes outside of it', () => {
    const known = tree.known()
    assert.deepEqual(
      [known.node(2, 16), known.node(1, 0), known.node(7, 0), known.node(6, 1)],
      [null, null, null, null],
    )
  })
})

describe('a whole piece layer', () => {
  test('is taken where it leads to the root', () => {
    const known = tree.known()
    assert.equal(known.addPieces(tree.pieces()), true)
    assert.equal(known.isComplete, true)
    assert.deepEqual(known.pieces(), tree.pieces())
    assert.deepEqual(known.piece(10), tree.layers[2]![10])
    for (let layer = 2; layer <= 6; layer++) {
      for (const [index, hash] of tree.layers[layer]!.entries())
        assert.deepEqual(known.node(layer, index), hash)
    }
  })

  test('is refused where a bit is wrong, or where it is too long or too short', () => {
    const wrong = tree.pieces()
    wrong[100]! ^= 1
    for (const layer of [wrong, tree.pieces().subarray(32), new Uint8Array(12 * 32), new Uint8Array()]) {
      const known = tree.known()
      assert.equal(known.addPieces(layer), false)
      assert.equal(known.isComplete, false)
      assert.equal(known.piece(0), null)
    }
  })
})

describe('a range of hashes from a peer', () => {
  test('is taken with all that it proves', () => {
    const known = tree.known()
    const range = { baseLayer: 2, index: 4, length: 4, proofLayers: 3 }
    assert.equal(known.addRange(range, tree.answer(range)), true)
    assert.deepEqual(
      [3, 4, 7, 8].map(piece => known.piece(piece) !== null),
      [false, true, true, false],
    )
    assert.deepEqual(known.node(4, 0), tree.layers[4]![0])
    assert.equal(known.isComplete, false)
  })

  test('completes the tree together with others', () => {
    const known = tree.known()
    for (const index of [0, 4, 8]) {
      const range = { baseLayer: 2, index, length: 4, proofLayers: 3 }
      assert.equal(known.addRange(range, tree.answer(range)), true)
    }
    assert.equal(known.isComplete, true)
    assert.deepEqual(known.pieces(), tree.pieces())
  })

  test('may end its proof in a node that is known already', () => {
    const known = tree.known()
    const first = { baseLayer: 2, index: 4, length: 4, proofLayers: 3 }
    const second = { baseLayer: 2, index: 0, length: 4, proofLayers: 0 }
    assert.equal(known.addRange(second, tree.answer(second)), false)
    known.addRange(first, tree.answer(first))
    assert.equal(known.addRange(second, tree.answer(second)), true)
    assert.deepEqual(known.piece(0), tree.layers[2]![0])
  })

  test('needs no uncles where it is the whole layer', () => {
    const known = tree.known()
    assert.equal(known.answerLength(whole()), 16 * 32)
    assert.equal(known.addRange(whole(), tree.answer(whole())), true)
    assert.equal(known.isComplete, true)
  })

  test('is refused where any of its bytes is wrong', () => {
    const range = { baseLayer: 2, index: 8, length: 2, proofLayers: 3 }
    const good = tree.answer(range)
    for (let at = 0; at < good.length; at += 16) {
      const bad = good.slice()
      bad[at]! ^= 0x40
      const known = tree.known()
      assert.equal(known.addRange(range, bad), false, `byte ${at}`)
      assert.equal(known.piece(8), null)
    }
  })

  test('is refused where it is longer or shorter than it says', () => {
    const range = { baseLayer: 2, index: 8, length: 2, proofLayers: 3 }
    const good = tree.answer(range)
    assert.equal(tree.known().addRange(range, good.subarray(32)), false)
    assert.equal(tree.known().addRange(range, new Uint8Array([...good, ...good.subarray(0, 32)])), false)
    assert.equal(tree.known().addRange(range, new Uint8Array()), false)
  })

  test('is refused at another place than its own', () => {
    const range = { baseLayer: 2, index: 8, length: 2, proofLayers: 3 }
    assert.equal(tree.known().addRange({ ...range, index: 4 }, tree.answer(range)), false)
  })

  test('below the piece layer is judged but not kept', () => {
    const known = tree.known()
    const range = { baseLayer: 0, index: 8, length: 4, proofLayers: 5 }
    assert.equal(known.isProven(range, tree.answer(range)), true)
    assert.equal(known.addRange(range, tree.answer(range)), false)
    assert.equal(known.piece(2), null)
    const bad = tree.answer(range)
    bad[0]! ^= 1
    assert.equal(known.isProven(range, bad), false)
  })

  test('is a range only where such hashes exist', () => {
    const known = tree.known()
    const good = [
      whole(),
      { baseLayer: 0, index: 0, length: 64, proofLayers: 5 },
      { baseLayer: 5, index: 0, length: 2, proofLayers: 0 },
    ]
    for (const range of good) assert.equal(known.isRange(range), true, JSON.stringify(range))
    const bad = [
      { ...whole(), length: 32 },
      { ...whole(), length: 3 },
      { ...whole(), length: 1 },
      { ...whole(), length: 0 },
      { ...whole(), length: -2 },
      { ...whole(), index: 8 },
      { ...whole(), index: 16 },
      { ...whole(), index: -16 },
      { ...whole(), proofLayers: 4 },
      { ...whole(), proofLayers: -1 },
      { ...whole(), baseLayer: 6, length: 1 },
      { ...whole(), baseLayer: -1 },
      { baseLayer: 2, index: 2, length: 4, proofLayers: 0 },
      { baseLayer: 0, index: 2 ** 32 - 512, length: 512, proofLayers: 0 },
      { baseLayer: 2 ** 32 - 1, index: 0, length: 2, proofLayers: 0 },
    ]
    for (const range of bad) {
      assert.equal(known.isRange(range), false, JSON.stringify(range))
      assert.equal(known.addRange(range, new Uint8Array(64)), false)
    }
  })
})

describe('the uncles of a range', () => {
  test('are those that the proof needs, from a layer on', () => {
    const known = tree.known()
    const range = { baseLayer: 0, index: 8, length: 2, proofLayers: 5 }
    assert.equal(known.uncles(range, 2), null)
    known.addPieces(tree.pieces())
    assert.deepEqual(known.uncles(range, 2), [
      tree.layers[2]![3],
      tree.layers[3]![0],
      tree.layers[4]![1],
      tree.layers[5]![1],
    ])
    assert.deepEqual(known.uncles({ ...range, proofLayers: 2 }, 2), [tree.layers[2]![3]])
  })
})

describe('the tree of a file that fits into one piece', () => {
  const small = new FileTree({ leaves: 3, leavesOfPiece: 8 })

  test('is complete: its piece hashes to its root', () => {
    const known = small.known()
    assert.deepEqual([known.isComplete, known.pieceCount, known.pieceLayer, known.height], [true, 1, 2, 2])
    assert.deepEqual(known.piece(0), small.root)
    assert.equal(known.pieces(), null)
    assert.equal(known.addPieces(small.root), false)
  })

  test('proves its leaves', () => {
    const range = { baseLayer: 0, index: 0, length: 4, proofLayers: 1 }
    assert.equal(small.known().isProven(range, small.answer(range)), true)
  })

  test('of one leaf is that leaf', () => {
    const one = new FileTree({ leaves: 1, leavesOfPiece: 2 })
    assert.deepEqual(one.known().piece(0), one.root)
    assert.equal(one.known().isRange({ baseLayer: 0, index: 0, length: 1, proofLayers: 0 }), false)
  })
})

test('pieces of one leaf are leaves', () => {
  const fine = new FileTree({ leaves: 5, leavesOfPiece: 1 })
  const known = fine.known()
  assert.deepEqual([known.pieceLayer, known.pieceCount], [0, 5])
  assert.equal(known.addPieces(fine.pieces()), true)
  assert.deepEqual(known.piece(4), fine.layers[0]![4])
  assert.deepEqual(known.node(0, 7), new Uint8Array(32))
})
