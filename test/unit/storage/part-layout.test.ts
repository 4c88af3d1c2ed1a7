import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PartLayout } from '../../../src/storage/part-layout.ts'
import type { StoredTorrent } from '../../../src/storage/stored-torrent.ts'
import { FOUR_FILES, PIECE_LENGTH, torrentOf } from '../../contract/storage/stored-torrents.ts'

function layoutOf({ geometry, files }: StoredTorrent): PartLayout {
  return new PartLayout(geometry, files)
}

describe('PartLayout', () => {
  it('knows which bytes share a piece', () => {
    assert.deepEqual(layoutOf(FOUR_FILES).stretches, [
      { piece: 1, file: 0 },
      { piece: 1, file: 1 },
      { piece: 1, file: 3 },
      { piece: 3, file: 3 },
      { piece: 3, file: 4 },
    ])
  })

  it('finds the same ones by piece and file', () => {
    const layout = layoutOf(FOUR_FILES)
    for (const [index, { piece, file }] of layout.stretches.entries()) {
      assert.equal(layout.indexOf(piece, file), index)
    }
    assert.equal(layout.indexOf(0, 0), -1)
    assert.equal(layout.indexOf(1, 4), -1)
  })

  it('has a place of a whole piece for each shared piece, behind its head', () => {
    const layout = layoutOf(FOUR_FILES)
    assert.equal(layout.headLength, 4096)
    assert.equal(layout.placeOf(1, 5), 4096 + 5)
    assert.equal(layout.placeOf(3, 0), 4096 + PIECE_LENGTH)
    assert.throws(() => layout.placeOf(0, 0), RangeError)
  })

  it('shares nothing where pads or alignment keep files apart', () => {
    const padded = torrentOf([
      { path: 'a', length: 10 },
      { path: 'p', length: PIECE_LENGTH - 10, isPad: true },
      { path: 'b', length: 10 },
    ])
    const aligned = torrentOf(
      [
        { path: 'a', length: 10 },
        { path: 'b', length: 10 },
      ],
      'aligned',
    )
    assert.deepEqual(layoutOf(padded).stretches, [])
    assert.deepEqual(layoutOf(aligned).stretches, [])
  })

  it('remembers in its head what is kept', () => {
    const layout = layoutOf(FOUR_FILES)
    const kept = new Set([0, 4])
    assert.deepEqual(layout.decodeHead(layout.encodeHead(kept)), kept)
  })

  it('keeps nothing in a head that is short or foreign', () => {
    const layout = layoutOf(FOUR_FILES)
    const head = layout.encodeHead(new Set([1]))
    assert.deepEqual(layout.decodeHead(head.subarray(0, 100)), new Set())
    head[0]! ^= 1
    assert.deepEqual(layout.decodeHead(head), new Set())
  })
})
