/** Geometry against a model that writes down every byte. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BLOCK_LENGTH, Geometry } from '../../../src/metainfo/geometry.ts'

const UNIT = BLOCK_LENGTH / 4

interface Shape {
  readonly pieceLength: number
  readonly files: { length: number; isPad: boolean }[]
  readonly layout: 'packed' | 'aligned'
}

const shape: fc.Arbitrary<Shape> = fc
  .record({
    pieceLength: fc.constantFrom(BLOCK_LENGTH, 2 * BLOCK_LENGTH, 4 * BLOCK_LENGTH),
    files: fc.array(fc.record({ units: fc.nat(24), odd: fc.constantFrom(0, 0, 1, 3), isPad: fc.boolean() }), {
      minLength: 1,
      maxLength: 8,
    }),
    layout: fc.constantFrom('packed' as const, 'aligned' as const),
  })
  .map(({ pieceLength, files, layout }) => ({
    pieceLength,
    layout,
    files: files.map(({ units, odd, isPad }) => ({
      length: units * UNIT + odd,
      isPad: isPad && layout === 'packed',
    })),
  }))

/** Of each piece the runs `file:offset+length`, read off a list of every stretch of a quarter block. */
function model({ pieceLength, files, layout }: Shape): string[][] {
  const pieces: string[][] = []
  let at = 0
  for (const [file, { length }] of files.entries()) {
    if (layout === 'aligned' && length > 0) at = Math.ceil(at / pieceLength) * pieceLength
    for (let offset = 0; offset < length; ) {
      const piece = Math.floor(at / pieceLength)
      const taken = Math.min(length - offset, (piece + 1) * pieceLength - at)
      pieces[piece] = [...(pieces[piece] ?? []), `${file}:${offset}+${taken}`]
      offset += taken
      at += taken
    }
  }
  return pieces
}

test('spans, pieces and files agree with the model', () => {
  fc.assert(
    fc.property(shape, input => {
      const geometry = new Geometry(input)
      const pieces = model(input)
      assert.equal(geometry.pieceCount, pieces.length)
      const seen = Array.from({ length: geometry.pieceCount }, (_, piece) =>
        geometry
          .spans(piece, 0, geometry.pieceLengthOf(piece))
          .map(({ file, offset, length }) => `${file}:${offset}+${length}`),
      )
      assert.deepEqual(seen, pieces)
      for (const file of input.files.keys()) {
        const own = pieces.flatMap((runs, piece) =>
          runs.some(run => run.startsWith(`${file}:`)) ? [piece] : [],
        )
        const { first, end } = geometry.piecesOf(file)
        assert.deepEqual(
          Array.from({ length: end - first }, (_, i) => first + i),
          own,
        )
      }
    }),
  )
})

test('blocks cover each piece exactly, and content adds up', () => {
  fc.assert(
    fc.property(shape, input => {
      const geometry = new Geometry(input)
      let blocks = 0
      let content = 0
      for (let piece = 0; piece < geometry.pieceCount; piece++) {
        const lengths = Array.from({ length: geometry.blockCount(piece) }, (_, block) =>
          geometry.blockLength(piece, block),
        )
        assert.ok(lengths.every(length => length > 0 && length <= BLOCK_LENGTH))
        assert.equal(
          lengths.reduce((sum, length) => sum + length, 0),
          geometry.pieceLengthOf(piece),
        )
        blocks += lengths.length
        content += geometry.contentBytes(piece)
      }
      assert.equal(blocks, geometry.totalBlocks)
      assert.equal(content, geometry.contentLength)
    }),
  )
})

test('a range is the same cut at any place', () => {
  fc.assert(
    fc.property(shape, fc.nat(), fc.nat(), (input, a, b) => {
      const geometry = new Geometry(input)
      fc.pre(geometry.pieceCount > 0)
      const piece = a % geometry.pieceCount
      const length = geometry.layout === 'aligned' ? geometry.pieceLength : geometry.pieceLengthOf(piece)
      const cut = b % (length + 1)
      const flat = (begin: number, end: number): string[] =>
        begin === end
          ? []
          : geometry
              .spans(piece, begin, end - begin)
              .flatMap(span => [
                `${span.file}${span.isPad}${span.offset}`,
                `${span.file}${span.isPad}${span.offset + span.length}`,
              ])
      const whole = new Set(flat(0, length))
      const parts = new Set([...flat(0, cut), ...flat(cut, length)])
      for (const edge of whole) assert.ok(parts.has(edge))
      assert.ok(parts.size <= whole.size + 2)
    }),
  )
})
