/**
 * How long it takes to read large torrent files: `node -C shoal-source bench/parse-torrent.ts [--rounds 15]`. The session's thread
 * does nothing else meanwhile.
 */

import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { buildTorrent, planTorrent } from '../src/metainfo/build.ts'
import { parseTorrentFile } from '../src/metainfo/torrent-file.ts'
import { nodeDigest } from '../src/net/node-digest.ts'
import { formatMachine, thisMachine } from './machine.ts'
import { markdownTable } from './markdown-table.ts'
import { formatSpread, spreadOf } from './spread.ts'

const FILES = 30_000
const PIECES = 400_000
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } })

/** A collection as there are many: folders of some dozens of files. */
function collection(name: (at: number) => string): { path: string[]; length: number }[] {
  return Array.from({ length: FILES }, (_, at) => ({
    path: [`Volume ${at >> 10}`, `Part ${(at >> 5) & 31}`, `${name(at)} (${at}).flac`],
    length: 1 + (at % 3000),
  }))
}

const single = [{ path: ['image.iso'], length: PIECES * 2 ** 16 }]
const latin = collection(() => '01 - Some Title, Live at the Hall')
const other = collection(() => 'Пьеса для фортепиано № 7 – Präludium')
const cases = [
  { name: `v1, ${FILES} files`, files: latin, format: 'v1' },
  { name: `v1, ${FILES} files, names beyond ASCII`, files: other, format: 'v1' },
  { name: `v2, ${FILES} files`, files: latin, format: 'v2' },
  { name: `hybrid, ${FILES} files`, files: latin, format: 'hybrid' },
  { name: `v1, ${PIECES} pieces`, files: single, format: 'v1' },
] as const

const rows = cases.map(({ name, files, format }) => {
  const plan = planTorrent({
    name: 'collection',
    isSingleFile: files.length === 1,
    files,
    format,
    pieceLength: 2 ** 16,
  })
  const { pieceCount } = plan.geometry
  const v2 = plan.files.map(file =>
    file.length === 0 || file.isPad ? null : { root: randomBytes(32), layer: null },
  )
  const bytes = buildTorrent(plan, {
    ...(format !== 'v2' && { v1: randomBytes(20 * pieceCount) }),
    ...(format !== 'v1' && { v2 }),
  })
  const took: number[] = []
  for (let round = 0; round <= Number(values.rounds); round++) {
    const begun = performance.now()
    parseTorrentFile(bytes, nodeDigest)
    if (round > 0) took.push(performance.now() - begun)
  }
  return [name, (bytes.length / 1e6).toFixed(1), formatSpread(spreadOf(took), 0)]
})
console.log(`${formatMachine(thisMachine())}\n`)
console.log(markdownTable(['torrent file', 'MB', 'ms'], rows))
