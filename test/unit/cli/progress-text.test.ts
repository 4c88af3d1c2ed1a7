import assert from 'node:assert/strict'
import test from 'node:test'
import { StorageError } from '../../../src/core/errors.ts'
import { type Paint, progressLine, progressView } from '../../../src/cli/progress-text.ts'
import { textWidth } from '../../../src/cli/text-layout.ts'
import { status } from './statuses.ts'

const noPaint: Paint = (_style, text) => text
const PIECES = Uint8Array.from({ length: 400 }, (_, piece) => (piece < 172 ? 2 : piece < 180 ? 1 : 0))

test('a terminal shows name and state, the figures, and the piece map', () => {
  const lines = progressView(status(), PIECES, 80, noPaint)
  assert.equal(lines.length, 3)
  assert.equal(lines[0], `holiday${' '.repeat(80 - 7 - 11)}downloading`)
  assert.equal(lines[1], '43.0 % of 100 MiB   ↓ 12.5 MiB/s   ↑ 300 KiB/s   12 peers (5 seeds)')
  assert.match(lines[2]!, /^█{34}▃░·{44}$/)
})

test('with room, the time that is left is there too', () => {
  assert.match(progressView(status(), PIECES, 100, noPaint)[1]!, / {3}1 min 40 s left$/)
})

test('no line is wider than the terminal, whatever the name and the figures', () => {
  const wild = status({
    name: '日本語のとても長い名前 with \u001b[2J and 👩‍👩‍👧 in it.mkv',
    peers: 12345,
    seeds: 12345,
    etaSeconds: 1e9,
    error: new StorageError('disk-full', `the disk of /somewhere is full: ${'free some space '.repeat(20)}`),
  })
  for (let columns = 20; columns <= 200; columns += 7) {
    for (const line of progressView(wild, PIECES, columns, noPaint)) {
      assert.ok(textWidth(line) <= columns, `${columns}: ${line}`)
      assert.ok(!line.includes('\u001b'), line)
    }
  }
})

test('a narrow terminal has one figure a line and no map', () => {
  assert.deepEqual(progressView(status(), PIECES, 30, noPaint), [
    'holiday            downloading',
    '43.0 %',
    '↓ 12.5 MiB/s',
    '12 peers (5 seeds)',
  ])
})

test('colours mark the map run by run', () => {
  const painted = progressView(status(), PIECES, 80, (style, text) => `<${String(style)}>${text}</>`)
  assert.match(painted[2]!, /^<green>█{34}▃<\/><yellow>░<\/><dim>·{44}<\/>$/)
})

test('before the metadata is there, nothing is said that is not known', () => {
  const line = progressLine(
    status({
      state: 'fetching-metadata',
      wantedLength: 0,
      verifiedLength: 0,
      pieces: 0,
      etaSeconds: null,
      peers: 1,
      seeds: 0,
    }),
  )
  assert.equal(line, 'holiday: fetching metadata, ↓ 12.5 MiB/s, ↑ 300 KiB/s, 1 peer')
})

test('while the disk is waited for or looked at, no share is told of what is not known yet', () => {
  const unknown = { wantedLength: 0, verifiedLength: 0, downloadRate: 0, uploadRate: 0, peers: 0, seeds: 0 }
  const waiting = status({ state: 'waiting', ...unknown, etaSeconds: null })
  assert.equal(progressLine(waiting), 'holiday: waiting for the disk, ↓ 0 B/s, ↑ 0 B/s, 0 peers')
  assert.doesNotMatch(progressView(waiting, new Uint8Array(0), 80, noPaint).join('\n'), /%/)
  assert.doesNotMatch(progressView(waiting, new Uint8Array(0), 30, noPaint).join('\n'), /%/)
  assert.doesNotMatch(progressLine(status({ state: 'checking', ...unknown, pieces: 0 })), /%/)
})

test('a pipe gets all of it in one line', () => {
  assert.equal(
    progressLine(status()),
    'holiday: downloading, 43.0 % of 100 MiB, ↓ 12.5 MiB/s, ↑ 300 KiB/s, 12 peers (5 seeds), 1 min 40 s left',
  )
  assert.equal(
    progressLine(status({ state: 'seeding' })),
    'holiday: seeding, ↑ 300 KiB/s, 12 peers (5 seeds)',
  )
  assert.match(
    progressLine(status({ state: 'checking', checkedPieces: 100 })),
    /^holiday: checking 25\.0 %, /,
  )
})

test('what stands still says why', () => {
  const still = status({ downloadRate: 0 })
  const why = 'nobody who has it is known: no tracker names any'
  assert.match(
    progressLine(still, why),
    /12 peers \(5 seeds\).* \(nobody who has it is known: no tracker names any\)$/,
  )
  assert.equal(
    progressView(still, PIECES, 40, noPaint, why).at(-1),
    'nobody who has it is known: no tracker n…'.slice(0, 39) + '…',
  )
})
