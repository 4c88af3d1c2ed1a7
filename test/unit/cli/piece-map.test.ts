import assert from 'node:assert/strict'
import test from 'node:test'
import { drawPieceMap } from '../../../src/cli/piece-map.ts'

/** `.` missing, `o` partial, `#` verified, `-` unwanted. */
function map(pieces: string, width: number): string {
  const bytes = Uint8Array.from(pieces, piece => '.o#-'.indexOf(piece))
  return drawPieceMap(bytes, width)
    .map(cell => cell.glyph)
    .join('')
}

test('few pieces have a cell each, however wide the terminal', () => {
  assert.equal(map('.o#-', 80), '·░█ ')
  assert.equal(map('', 80), '')
})

test('many pieces share cells, whose height says how many are there', () => {
  assert.equal(map('####.###....', 3), '█▆·')
  assert.equal(map('#'.repeat(1000), 10), '█'.repeat(10))
  assert.equal(map(`${'#'.repeat(999)}.`, 10), `${'█'.repeat(9)}▇`)
})

test('unwanted pieces do not keep a cell from being whole', () => {
  assert.equal(map('#-#---', 2), '█ ')
})

test('every piece is in exactly one cell for every width', () => {
  for (let width = 1; width <= 20; width++) {
    assert.equal(drawPieceMap(new Uint8Array(17).fill(2), width).length, Math.min(17, width))
  }
})
