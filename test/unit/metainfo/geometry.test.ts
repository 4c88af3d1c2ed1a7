import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BLOCK_LENGTH, Geometry } from '../../../src/metainfo/geometry.ts'

const PIECE = 2 * BLOCK_LENGTH

function packed(lengths: readonly (number | { pad: number })[], pieceLength = PIECE): Geometry {
  return make(lengths, 'packed', pieceLength)
}

function aligned(lengths: readonly number[], pieceLength = PIECE): Geometry {
  return make(lengths, 'aligned', pieceLength)
}

function make(
  lengths: readonly (number | { pad: number })[],
  layout: 'packed' | 'aligned',
  pieceLength: number,
): Geometry {
  const files = lengths.map(length =>
    typeof length === 'number' ? { length } : { length: length.pad, isPad: true },
  )
  return new Geometry({ pieceLength, files, layout })
}

/** `file:offset+length`, with a `p` behind it for a pad. */
function spansText(geometry: Geometry, piece: number, begin: number, length: number): string {
  return geometry
    .spans(piece, begin, length)
    .map(span => `${span.file}:${span.offset}+${span.length}${span.isPad ? 'p' : ''}`)
    .join(' ')
}

describe('a packed layout', () => {
  const geometry = packed([100, 0, 50_000, 0, 20_000])

  test('counts pieces, blocks and bytes', () => {
    assert.deepEqual(
      [geometry.pieceCount, geometry.totalBlocks, geometry.contentLength, geometry.totalLength],
      [3, 5, 70_100, 70_100],
    )
  })

  test('cuts only the last piece and its last block short', () => {
    assert.deepEqual(
      [0, 1, 2].map(piece => geometry.pieceLengthOf(piece)),
      [PIECE, PIECE, 4564],
    )
    assert.deepEqual([geometry.blockCount(0), geometry.blockCount(2)], [2, 1])
    assert.deepEqual([geometry.blockLength(0, 1), geometry.blockLength(2, 0)], [BLOCK_LENGTH, 4564])
  })

  test('finds the files of a range, over empty ones', () => {
    assert.equal(spansText(geometry, 0, 0, PIECE), '0:0+100 2:0+32668')
    assert.equal(spansText(geometry, 0, 99, 2), '0:99+1 2:0+1')
    assert.equal(spansText(geometry, 1, 0, PIECE), '2:32668+17332 4:0+15436')
    assert.equal(spansText(geometry, 2, 4563, 1), '4:19999+1')
    assert.equal(spansText(geometry, 1, 17_332, 1), '4:0+1')
  })

  test('finds the pieces of a file', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4].map(file => geometry.piecesOf(file)),
      [
        { first: 0, end: 1 },
        { first: 0, end: 0 },
        { first: 0, end: 2 },
        { first: 1, end: 1 },
        { first: 1, end: 3 },
      ],
    )
  })

  test('says where files start', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4].map(file => geometry.fileOffset(file)),
      [0, 100, 100, 50_100, 50_100],
    )
  })

  test('finds the files of a piece', () =>
    assert.deepEqual(
      [0, 1, 2].map(piece => geometry.filesOf(piece)),
      [[0, 2], [2, 4], [4]],
    ))

  test('judges ranges', () => {
    const good: [number, number, number][] = [
      [0, 0, PIECE],
      [0, PIECE - 1, 1],
      [2, 0, 4564],
      [1, 5, 7],
    ]
    const bad: [number, number, number][] = [
      [0, 0, PIECE + 1],
      [0, PIECE, 1],
      [0, 0, 0],
      [0, -1, 1],
      [0, 0, -1],
      [2, 0, 4565],
      [3, 0, 1],
      [-1, 0, 1],
      [0.5, 0, 1],
      [0, 2 ** 32 - 1, 2],
    ]
    for (const range of good) assert.equal(geometry.isRange(...range), true, String(range))
    for (const range of bad) assert.equal(geometry.isRange(...range), false, String(range))
  })
})

describe('pads of a hybrid', () => {
  const geometry = packed([100, { pad: PIECE - 100 }, PIECE, 5, { pad: PIECE - 5 }])

  test('count as bytes of the torrent and not as content', () => {
    assert.deepEqual([geometry.totalLength, geometry.contentLength], [3 * PIECE, PIECE + 105])
    assert.deepEqual(
      [0, 1, 2].map(piece => geometry.contentBytes(piece)),
      [100, PIECE, 5],
    )
    assert.deepEqual(
      [0, 1, 2].map(piece => geometry.pieceLengthOf(piece)),
      [PIECE, PIECE, PIECE],
    )
    assert.deepEqual(
      [0, 1, 2].map(piece => geometry.filesOf(piece)),
      [[0], [2], [3]],
    )
  })

  test('are spans of their own', () => {
    assert.equal(spansText(geometry, 0, 0, BLOCK_LENGTH), `0:0+100 1:0+${BLOCK_LENGTH - 100}p`)
    assert.equal(
      spansText(geometry, 0, BLOCK_LENGTH, BLOCK_LENGTH),
      `1:${BLOCK_LENGTH - 100}+${BLOCK_LENGTH}p`,
    )
  })

  test('are not among the leaves of the merkle tree', () => {
    assert.deepEqual(geometry.leavesOf(0), { leaves: 1, paddedLeaves: 1 })
    assert.deepEqual(geometry.leavesOf(1), { leaves: 2, paddedLeaves: 2 })
  })
})

describe('an aligned layout', () => {
  const geometry = aligned([100, 0, 3 * BLOCK_LENGTH + 1, 0, 7], 4 * BLOCK_LENGTH)

  test('starts each file that is not empty at a piece', () => {
    assert.equal(geometry.pieceCount, 3)
    assert.deepEqual(
      [0, 1, 2, 3, 4].map(file => geometry.piecesOf(file)),
      [
        { first: 0, end: 1 },
        { first: 0, end: 0 },
        { first: 1, end: 2 },
        { first: 1, end: 1 },
        { first: 2, end: 3 },
      ],
    )
    assert.deepEqual(
      [0, 1, 2].map(piece => geometry.filesOf(piece)),
      [[0], [2], [4]],
    )
  })

  test('asks for no more than there is', () => {
    assert.deepEqual(
      [0, 1, 2].map(piece => geometry.pieceLengthOf(piece)),
      [100, 3 * BLOCK_LENGTH + 1, 7],
    )
    assert.deepEqual(
      [0, 1, 2].map(piece => geometry.blockCount(piece)),
      [1, 4, 1],
    )
    assert.deepEqual([geometry.blockLength(0, 0), geometry.blockLength(1, 3)], [100, 1])
    assert.deepEqual([geometry.totalBlocks, geometry.contentLength], [6, 3 * BLOCK_LENGTH + 108])
  })

  test('gives zeros to who asks for the gap, as libtorrent 2.0 does', () => {
    assert.equal(geometry.isRange(0, 0, BLOCK_LENGTH), true)
    assert.equal(geometry.isRange(2, 3 * BLOCK_LENGTH, BLOCK_LENGTH), true)
    assert.equal(geometry.isRange(2, 3 * BLOCK_LENGTH, BLOCK_LENGTH + 1), false)
    assert.equal(spansText(geometry, 0, 0, BLOCK_LENGTH), '0:0+100 0:100+16284p')
    assert.equal(spansText(geometry, 1, 0, BLOCK_LENGTH), '2:0+16384')
    assert.equal(spansText(geometry, 2, BLOCK_LENGTH, 10), '4:16384+10p')
  })

  test('pads the tree of a small file to a power of two, and that of a large one to whole pieces', () => {
    const sizes = aligned(
      [BLOCK_LENGTH, 3 * BLOCK_LENGTH, 4 * BLOCK_LENGTH, 5 * BLOCK_LENGTH],
      4 * BLOCK_LENGTH,
    )
    assert.deepEqual(
      [0, 1, 2, 3, 4].map(piece => sizes.leavesOf(piece)),
      [
        { leaves: 1, paddedLeaves: 1 },
        { leaves: 3, paddedLeaves: 4 },
        { leaves: 4, paddedLeaves: 4 },
        { leaves: 4, paddedLeaves: 4 },
        { leaves: 1, paddedLeaves: 4 },
      ],
    )
  })
})

describe('sizes at the edge', () => {
  test('a file that ends a piece has no short piece', () => {
    const geometry = packed([PIECE, PIECE])
    assert.deepEqual([geometry.pieceCount, geometry.pieceLengthOf(1)], [2, PIECE])
    assert.deepEqual(geometry.piecesOf(0), { first: 0, end: 1 })
    assert.deepEqual(geometry.filesOf(1), [1])
  })

  test('offsets above 2^32 stay exact', () => {
    const geometry = packed([2 ** 40 + 1, 2 ** 33, 5], 2 ** 24)
    assert.equal(geometry.fileOffset(2), 2 ** 40 + 2 ** 33 + 1)
    assert.equal(spansText(geometry, 2 ** 16, 0, 3), `0:${2 ** 40}+1 1:0+2`)
  })

  test('pieces that are no multiple of a block have a short last block', () => {
    const geometry = packed([50_000], 20_000)
    assert.deepEqual(
      [0, 1, 2].map(piece => geometry.blockCount(piece)),
      [2, 2, 1],
    )
    assert.deepEqual([geometry.blockLength(0, 1), geometry.totalBlocks], [3616, 5])
  })

  test('empty files at both ends have no pieces', () => {
    const geometry = packed([0, 10, 0])
    assert.deepEqual(geometry.piecesOf(2), { first: 0, end: 0 })
    assert.equal(spansText(geometry, 0, 0, 10), '1:0+10')
  })

  for (const pieceLength of [0, -1, 1.5, Number.NaN]) {
    test(`a piece of ${pieceLength} bytes is refused`, () => {
      assert.throws(() => packed([1], pieceLength), { code: 'piece-length-invalid' })
    })
  }
})

describe('blocks that are nothing but pad', () => {
  const BLOCKS = 4 * BLOCK_LENGTH

  test('are those behind the last content of a piece', () => {
    const geometry = packed([1, { pad: BLOCKS - 1 }, BLOCK_LENGTH, { pad: 3 * BLOCK_LENGTH }, 5], BLOCKS)
    assert.deepEqual(
      [0, 1, 2].map(piece => geometry.padBlocks(piece)),
      [[1, 2, 3], [1, 2, 3], []],
    )
    assert.deepEqual(
      [0, 1, 2].map(piece => geometry.fetchedBytes(piece)),
      [BLOCK_LENGTH, BLOCK_LENGTH, 5],
    )
  })

  test('may be a whole piece, of several pads', () => {
    const geometry = packed([BLOCKS, { pad: 100 }, 0, { pad: BLOCKS - 100 }, 1], BLOCKS)
    assert.deepEqual(geometry.padBlocks(1), [0, 1, 2, 3])
    assert.equal(geometry.fetchedBytes(1), 0)
  })

  test('lie between content, and before it', () => {
    const geometry = packed([{ pad: BLOCK_LENGTH + 1 }, 10, { pad: BLOCKS - BLOCK_LENGTH - 12 }, 1], BLOCKS)
    assert.deepEqual(geometry.padBlocks(0), [0, 2])
    assert.equal(geometry.fetchedBytes(0), 2 * BLOCK_LENGTH)
  })

  test('of a last piece may be short', () => {
    const geometry = packed([10, { pad: BLOCK_LENGTH }], BLOCKS)
    assert.deepEqual(geometry.padBlocks(0), [1])
    assert.equal(geometry.fetchedBytes(0), BLOCK_LENGTH)
  })

  test('are none where there is no pad, and in an aligned layout', () => {
    assert.deepEqual(packed([1, 5 * BLOCKS], BLOCKS).padBlocks(0), [])
    assert.deepEqual(aligned([1, 5 * BLOCKS], BLOCKS).padBlocks(0), [])
  })
})
