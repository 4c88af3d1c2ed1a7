import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatHex } from '../../../src/core/bytes.ts'
import { answerFromTree, pieceLayerRanges } from '../../../src/metainfo/hash-exchange.ts'
import { PieceHashes } from '../../../src/metainfo/piece-hashes.ts'
import { naiveRoot, testDigest } from '../../support/hash-plan.ts'
import { type MadeTorrent, makeTorrent } from '../../support/torrents.ts'

const lengths = { a: 100_000, b: 5, 'c/d': 0, 'c/e': 65_537, twin: 100_000 }
const v1 = makeTorrent(lengths, { format: 'v1' })
const v2 = makeTorrent(lengths, { format: 'v2' })
const hybrid = makeTorrent(lengths, { format: 'hybrid' })

function complete({ info, torrent }: MadeTorrent): PieceHashes {
  return new PieceHashes(info, torrent.layers, testDigest)
}

function fromMagnet({ info }: MadeTorrent): PieceHashes {
  return new PieceHashes(info, new Map(), testDigest)
}

/** What a piece hashes to, from its bytes. */
function expected({ info, contentOf }: MadeTorrent, piece: number): { sha1: string; root: string } {
  const { geometry } = info
  const spans = geometry.spans(piece, 0, geometry.pieceLengthOf(piece))
  const parts = spans.map(({ file, offset, length, isPad }) =>
    isPad
      ? new Uint8Array(length)
      : contentOf(info.files[file]!.displayPath).subarray(offset, offset + length),
  )
  const content = Buffer.concat(parts.filter((_, index) => !spans[index]!.isPad))
  const leaves = Array.from({ length: Math.ceil(content.length / 16_384) }, (_, i) =>
    testDigest.sha256(content.subarray(i * 16_384, (i + 1) * 16_384)),
  )
  const width = info.version === 'v1' ? leaves.length : geometry.leavesOf(piece).paddedLeaves
  return {
    sha1: formatHex(testDigest.sha1(Buffer.concat(parts))),
    root: info.version === 'v1' ? '' : formatHex(naiveRoot(leaves, width)),
  }
}

describe('the hashes of pieces', () => {
  test('are those of their bytes', () => {
    for (const made of [v1, v2, hybrid]) {
      const hashes = complete(made)
      for (let piece = 0; piece < made.info.geometry.pieceCount; piece++) {
        const { sha1, root } = expected(made, piece)
        const first = hashes.v1(piece)
        const second = hashes.v2(piece)
        assert.equal(first && formatHex(first), made.info.version === 'v2' ? null : sha1)
        assert.equal(second && formatHex(second), made.info.version === 'v1' ? null : root)
        assert.equal(hashes.needsLayer(piece), null)
      }
      assert.equal(hashes.isComplete, true)
    }
  })

  test('of a magnet are unknown for files larger than a piece until their layer has come', () => {
    const hashes = fromMagnet(v2)
    const { geometry, files } = v2.info
    assert.equal(hashes.isComplete, false)
    const b = files.findIndex(file => file.displayPath === 'b')
    const piece = geometry.piecesOf(b).first
    assert.deepEqual([hashes.v2(0), hashes.needsLayer(0)], [null, 0])
    assert.deepEqual([hashes.v2(piece), hashes.needsLayer(piece)], [files[b]!.piecesRoot, null])
  })

  test('are taken layer by layer, checked against the root', () => {
    const hashes = fromMagnet(v2)
    const layer = v2.torrent.layers.get(formatHex(v2.info.files[0]!.piecesRoot!))!
    const wrong = layer.slice()
    wrong[0]! ^= 1
    assert.equal(hashes.addLayer(0, wrong), false)
    assert.equal(hashes.layer(0), null)
    assert.equal(hashes.addLayer(0, layer), true)
    assert.deepEqual(hashes.layer(0), layer)
    assert.deepEqual(hashes.v2(0), layer.subarray(0, 32))
  })

  test('are there in the end when a leech asks a seed', () => {
    const seed = complete(v2)
    const leech = fromMagnet(v2)
    for (const file of v2.info.files.keys()) {
      const tree = leech.tree(file)
      for (const range of tree ? pieceLayerRanges(tree) : []) {
        assert.equal(tree?.addRange(range, answerFromTree(seed.tree(file)!, range)!), true)
      }
    }
    assert.equal(leech.isComplete, true)
    assert.deepEqual(leech.layers(), v2.torrent.layers)
  })

  test('have no trees in v1, for pads and for empty files', () => {
    assert.deepEqual(v1.info.files.map((_, file) => complete(v1).tree(file)).filter(Boolean), [])
    for (const [index, file] of hybrid.info.files.entries()) {
      assert.equal(complete(hybrid).tree(index) === null, file.isPad || file.length === 0)
    }
    assert.equal(complete(v2).tree(99), null)
    assert.equal(complete(v2).addLayer(99, new Uint8Array(32)), false)
  })

  test('are found for each file of a root', () => {
    const same = makeTorrent({ x: 100_000 }, { format: 'v2' })
    assert.deepEqual(complete(same).filesOf(same.info.files[0]!.piecesRoot!), [0])
    assert.deepEqual(complete(same).filesOf(new Uint8Array(32)), [])
  })

  test('know of which piece of which file they are', () => {
    const { file, index } = complete(hybrid).place(2)!
    assert.deepEqual([file, index], [0, 2])
    assert.equal(complete(v1).place(0), null)
  })
})
