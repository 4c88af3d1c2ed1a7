/** Torrents made here have the info-hashes that mktorrent and libtorrent give them, and theirs are read here. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { formatHex } from '../../src/core/bytes.ts'
import { buildTorrent } from '../../src/metainfo/build.ts'
import { type Plan, planTorrent, type TorrentFormat } from '../../src/metainfo/plan-torrent.ts'
import { parseTorrentFile, type TorrentFile } from '../../src/metainfo/torrent-file.ts'
import { hashPlan, testDigest } from '../support/hash-plan.ts'
import {
  run,
  runLibtorrent,
  whyNotLibtorrent,
  whyNotMktorrent,
  whyNotTransmissionCreate,
} from '../support/programs.ts'

const PIECE_LENGTH = 32_768
const FORMATS: readonly TorrentFormat[] = ['v1', 'v2', 'hybrid']

interface Sample {
  readonly name: string
  readonly isSingleFile: boolean
  readonly files: readonly (readonly [path: string, length: number])[]
}

const SAMPLES: readonly Sample[] = [
  { name: 'single.bin', isSingleFile: true, files: [['single.bin', 100_001]] },
  { name: 'one block.bin', isSingleFile: true, files: [['one block.bin', 16_384]] },
  { name: 'folder of one', isSingleFile: false, files: [['only.bin', 50_000]] },
  {
    name: 'Größen',
    isSingleFile: false,
    files: [
      ['Zed', 33_333],
      ['a/z.bin', 200_000],
      ['a-x/1', 7],
      ['a.txt', 5],
      ['a/b/c/d', 65_536],
      ['empty', 0],
      ['b.d/q', 16_384],
      ['b.d/empty too', 0],
      ['ünï 日本.bin', 40_000],
      ['\u{1f41f}.bin', 40_001],
      ['\uff5e.bin', 1],
    ],
  },
]

let root = ''

before(() => {
  root = mkdtempSync(join(tmpdir(), 'shoal-info-hashes-'))
  for (const sample of SAMPLES) {
    for (const [path, length] of sample.files) {
      const place = sample.isSingleFile ? join(root, path) : join(root, sample.name, path)
      mkdirSync(dirname(place), { recursive: true })
      writeFileSync(place, contentOf(path, length))
    }
  }
})

after(() => rmSync(root, { recursive: true, force: true }))

describe('mktorrent', { skip: whyNotMktorrent() ?? false }, () => {
  for (const sample of SAMPLES) {
    test(`gives "${sample.name}" the same v1 info-hash`, () => {
      const out = join(root, `${sample.name}.mktorrent.torrent`)
      run('mktorrent', ['-l', '15', '-o', out, join(root, sample.name)])
      const theirs = parseTorrentFile(readFileSync(out), testDigest)
      assert.equal(v1Of(make(sample, 'v1').torrent), v1Of(theirs))
    })
  }
})

describe('libtorrent', { skip: whyNotLibtorrent() ?? false }, () => {
  for (const sample of SAMPLES) {
    for (const format of FORMATS) {
      test(`gives "${sample.name}" as ${format} the same info-hashes`, () => {
        const { torrent, plan } = make(sample, format)
        const out = join(root, `${sample.name}.${format}.torrent`)
        const theirs = runLibtorrent(MAKE_TORRENT, [JSON.stringify(jobFor(sample, plan, out))])
        assert.deepEqual(theirs, { v1: v1Of(torrent), v2: v2Of(torrent) })
        const read = parseTorrentFile(readFileSync(out), testDigest)
        assert.deepEqual([v1Of(read), v2Of(read)], [v1Of(torrent), v2Of(torrent)])
        assert.deepEqual(read.layers, torrent.layers)
        assert.equal(read.info.version, format)
      })

      test(`reads our "${sample.name}" as ${format}, and sees its pieces as we do`, () => {
        const { torrent, bytes } = make(sample, format)
        const file = join(root, `ours.${format}.torrent`)
        writeFileSync(file, bytes)
        const seen = runLibtorrent(READ_TORRENT, [file]) as {
          v1: string
          v2: string
          files: [string, number][]
        }
        assert.deepEqual([seen.v1, seen.v2], [v1Of(torrent), v2Of(torrent)])
        assert.deepEqual(
          new Set(seen.files.map(([path, length]) => `${path} ${length}`)),
          new Set(
            torrent.info.files
              .filter(file => !file.isPad)
              .map(file => `${pathInTorrent(torrent, file)} ${file.length}`),
          ),
        )
      })
    }
  }
})

describe('transmission-create', { skip: whyNotTransmissionCreate() ?? false }, () => {
  for (const sample of SAMPLES) {
    test(`gives "${sample.name}" the same piece hashes in its order of files`, () => {
      const out = join(root, `${sample.name}.transmission.torrent`)
      run('transmission-create', ['-s', String(PIECE_LENGTH / 1024), '-o', out, join(root, sample.name)])
      const { info } = parseTorrentFile(readFileSync(out), testDigest)
      assert.equal(info.geometry.pieceLength, PIECE_LENGTH)
      const content = info.files.map(file => contentOf(file.displayPath, file.length))
      const pieces = Array.from({ length: info.geometry.pieceCount }, (_, piece) => {
        const spans = info.geometry.spans(piece, 0, info.geometry.pieceLengthOf(piece))
        return testDigest.sha1(
          Buffer.concat(
            spans.map(({ file, offset, length }) => content[file]!.subarray(offset, offset + length)),
          ),
        )
      })
      assert.equal(formatHex(info.pieces!), pieces.map(formatHex).join(''))
    })
  }
})

/** Takes the files in the order it is given, as a program with a canonical order would. */
const MAKE_TORRENT = `
import json, sys, libtorrent as lt
job = json.loads(sys.argv[1])
files = lt.file_storage()
for path, length in job['files']:
    files.add_file(path, length)
flags = {'v1': lt.create_torrent.v1_only, 'v2': lt.create_torrent.v2_only, 'hybrid': 0}[job['format']]
torrent = lt.create_torrent(files, job['pieceLength'], flags)
lt.set_piece_hashes(torrent, job['root'])
made = lt.bencode(torrent.generate())
open(job['out'], 'wb').write(made)
hashes = lt.torrent_info(lt.bdecode(made)).info_hashes()
print(json.dumps({
    'v1': str(hashes.v1) if hashes.has_v1() else None,
    'v2': str(hashes.v2) if hashes.has_v2() else None,
}))
`

const READ_TORRENT = `
import json, sys, libtorrent as lt
info = lt.torrent_info(sys.argv[1])
hashes = info.info_hashes()
files = info.files()
print(json.dumps({
    'v1': str(hashes.v1) if hashes.has_v1() else None,
    'v2': str(hashes.v2) if hashes.has_v2() else None,
    'files': [
        [files.file_path(i), files.file_size(i)]
        for i in range(files.num_files())
        if not files.file_flags(i) & lt.file_flags_t.flag_pad_file
    ],
}))
`

function jobFor(sample: Sample, plan: Plan, out: string) {
  const files = plan.files
    .filter(file => !file.isPad)
    .map(file => [sample.isSingleFile ? sample.name : `${sample.name}/${file.path.join('/')}`, file.length])
  return { files, format: plan.format, pieceLength: plan.pieceLength, root, out }
}

function make(
  sample: Sample,
  format: TorrentFormat,
): { plan: Plan; bytes: Uint8Array; torrent: TorrentFile } {
  const plan = planTorrent({
    name: sample.name,
    isSingleFile: sample.isSingleFile,
    files: sample.files.map(([path, length]) => ({ path: path.split('/'), length })),
    format,
    pieceLength: PIECE_LENGTH,
  })
  const bytes = buildTorrent(
    plan,
    hashPlan(plan, file => contentOf(file.path.join('/'), file.length)),
  )
  return { plan, bytes, torrent: parseTorrentFile(bytes, testDigest) }
}

function contentOf(path: string, length: number): Uint8Array {
  const seed = testDigest.sha256(new TextEncoder().encode(path))
  return Uint8Array.from({ length }, (_, i) => seed[i % 32]! ^ (i >>> 8) ^ (i >>> 16))
}

function pathInTorrent(torrent: TorrentFile, file: { displayPath: string }): string {
  return torrent.info.isSingleFile ? file.displayPath : `${torrent.info.name}/${file.displayPath}`
}

function v1Of({ info }: TorrentFile): string | null {
  return info.hashes.v1 ? formatHex(info.hashes.v1) : null
}

function v2Of({ info }: TorrentFile): string | null {
  return info.hashes.v2 ? formatHex(info.hashes.v2) : null
}
