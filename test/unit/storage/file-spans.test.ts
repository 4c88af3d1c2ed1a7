import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FileSpans } from '../../../src/storage/file-spans.ts'
import { FOUR_FILES, PIECE_LENGTH, torrentOf } from '../../contract/storage/stored-torrents.ts'

const PART = '.test.shoal-part'

describe('FileSpans', () => {
  it('cuts a range where files meet', () => {
    const spans = new FileSpans(FOUR_FILES, () => true)
    assert.deepEqual(spans.forReading(1, 50, 300), [
      { path: 'T/a', offset: PIECE_LENGTH + 50, length: 50, mayCreate: true, isExecutable: false },
      { path: 'T/sub/b', offset: 0, length: 200, mayCreate: true, isExecutable: false },
      { path: 'T/sub/deep/c', offset: 0, length: 50, mayCreate: true, isExecutable: false },
    ])
  })

  it('lets a write make only files that were never there', () => {
    const spans = new FileSpans(FOUR_FILES, () => true)
    spans.written(spans.forWriting(0, 0, 10))
    assert.deepEqual(spans.forWriting(0, 10, 10), [{ path: 'T/a', offset: 10, length: 10 }])
    spans.setExisting(0, false)
    assert.equal(spans.forWriting(0, 10, 10)[0]?.mayCreate, true)
  })

  it('has pads nowhere', () => {
    const padded = torrentOf([
      { path: 'a', length: 10 },
      { path: 'p', length: 20, isPad: true },
    ])
    assert.deepEqual(new FileSpans(padded, () => true).forReading(0, 5, 10)[1], {
      path: null,
      offset: 0,
      length: 5,
    })
  })

  it('sends unwanted bytes of shared pieces to the part file', () => {
    const spans = new FileSpans(FOUR_FILES, file => file === 3)
    assert.deepEqual(
      spans.forWriting(1, 0, PIECE_LENGTH).map(({ path, offset }) => [path, offset]),
      [
        [PART, 4096],
        [PART, 4096 + 100],
        ['T/sub/deep/c', 0],
      ],
    )
    assert.deepEqual(spans.stretchesToKeep(1, 0, PIECE_LENGTH), [0, 1])
    assert.deepEqual(spans.stretchesToKeep(1, 100, 200), [1])
  })

  it('reads from the part file only what it keeps', () => {
    const spans = new FileSpans(FOUR_FILES, file => file === 3)
    spans.kept.add(1)
    assert.deepEqual(
      spans.forReading(1, 0, PIECE_LENGTH).map(({ path }) => path),
      ['T/a', PART, 'T/sub/deep/c'],
    )
  })

  it('knows the way out of the part file for files that are wanted by now', () => {
    const spans = new FileSpans(FOUR_FILES, file => file === 1)
    assert.equal(spans.moveOut(0), null)
    assert.deepEqual(spans.moveOut(1), {
      from: { path: PART, offset: 4096 + 100, length: 200 },
      to: { path: 'T/sub/b', offset: 0, length: 200, mayCreate: true, isExecutable: false },
    })
  })
})
