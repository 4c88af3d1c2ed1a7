import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asDict, asInteger, asList, asText, type BencodeDict } from '../../../src/bencode/bencode.ts'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { buildTorrent } from '../../../src/metainfo/build.ts'
import { planTorrent } from '../../../src/metainfo/plan-torrent.ts'
import { parseTorrentFile } from '../../../src/metainfo/torrent-file.ts'
import { hashPlan, testDigest } from '../../support/hash-plan.ts'
import { makeTorrent } from '../../support/torrents.ts'

function decoded(bytes: Uint8Array): { file: BencodeDict; info: BencodeDict } {
  const file = asDict(decodeBencode(bytes, { isStrict: true }))!
  return { file, info: asDict(file.get('info'))! }
}

const lengths = { a: 10, 'b/c': 70_000, empty: 0 }

describe('a built torrent', () => {
  for (const format of ['v1', 'v2', 'hybrid'] as const) {
    test(`is read back as it was planned (${format})`, () => {
      const { info, plan } = makeTorrent(lengths, { format })
      assert.equal(info.version, format)
      assert.deepEqual(
        info.files.map(({ path, length, isPad }) => ({ path, length, isPad })),
        plan.files.map(({ path, length, isPad }) => ({ path, length, isPad })),
      )
      assert.deepEqual(
        [info.geometry.pieceCount, info.geometry.layout],
        [plan.geometry.pieceCount, plan.geometry.layout],
      )
      assert.deepEqual(info.warnings, [])
    })

    test(`of a single file is read back as one (${format})`, () => {
      const { info } = makeTorrent({ 'a.bin': 70_000 }, { format, isSingleFile: true, name: 'a.bin' })
      assert.deepEqual(
        [info.isSingleFile, info.name, info.files.map(file => file.path)],
        [true, 'a.bin', [['a.bin']]],
      )
    })
  }

  test('has the keys of its format and no others', () => {
    const keys = (format: 'v1' | 'v2' | 'hybrid', isSingleFile = false): string[] => {
      const { bytes } = makeTorrent(isSingleFile ? { made: 5 } : lengths, { format, isSingleFile })
      return [...decoded(bytes).info.keys()]
    }
    assert.deepEqual(keys('v1'), ['files', 'name', 'piece length', 'pieces'])
    assert.deepEqual(keys('v1', true), ['length', 'name', 'piece length', 'pieces'])
    assert.deepEqual(keys('v2'), ['file tree', 'meta version', 'name', 'piece length'])
    assert.deepEqual(keys('hybrid'), ['file tree', 'files', 'meta version', 'name', 'piece length', 'pieces'])
    assert.deepEqual(keys('hybrid', true), [
      'file tree',
      'length',
      'meta version',
      'name',
      'piece length',
      'pieces',
    ])
  })

  test('has layers for the files that are larger than a piece', () => {
    const { torrent, info } = makeTorrent(lengths, { format: 'v2' })
    assert.equal(torrent.layers.size, 1)
    assert.deepEqual(
      torrent.layers.get(Buffer.from(info.files[1]!.piecesRoot!).toString('hex'))?.length,
      3 * 32,
    )
  })

  test('says what it was told to say', () => {
    const { bytes, torrent } = makeTorrent(lengths, {
      details: {
        trackers: [['http://a/'], ['http://b/', 'http://c/']],
        webSeeds: ['http://w/'],
        isPrivate: true,
        source: 'S',
        comment: 'C',
        createdBy: 'shoal',
        creationDate: 1_700_000_000,
      },
    })
    const { file, info } = decoded(bytes)
    assert.deepEqual(
      [asText(file.get('announce')), asList(file.get('announce-list'))?.length],
      ['http://a/', 2],
    )
    assert.deepEqual([asInteger(info.get('private')), asText(info.get('source'))], [1, 'S'])
    assert.deepEqual(torrent.trackers, [['http://a/'], ['http://b/', 'http://c/']])
    assert.deepEqual(
      [torrent.webSeeds, torrent.comment, torrent.createdBy, torrent.creationDate],
      [['http://w/'], 'C', 'shoal', 1_700_000_000],
    )
    assert.deepEqual([torrent.info.isPrivate, torrent.info.source], [true, 'S'])
  })

  test('has another info-hash when it is private or has a source', () => {
    const hashes = [{}, { isPrivate: true }, { source: 'a' }, { comment: 'a' }].map(
      details => makeTorrent(lengths, { details }).info.hashes.v1,
    )
    assert.equal(new Set(hashes.map(String)).size, 3)
  })

  test('keeps attributes, links and times (BEP 47)', () => {
    const plan = planTorrent({
      name: 'made',
      isSingleFile: false,
      format: 'hybrid',
      pieceLength: 16_384,
      files: [
        { path: ['a'], length: 5, isExecutable: true, isHidden: true, mtimeSeconds: 7 },
        { path: ['l'], length: 0, symlink: ['a'] },
      ],
    })
    const { info } = parseTorrentFile(
      buildTorrent(
        plan,
        hashPlan(plan, file => new Uint8Array(file.length)),
      ),
      testDigest,
    )
    const [a, link] = info.files.filter(file => !file.isPad)
    assert.deepEqual([a?.isExecutable, a?.isHidden, a?.mtimeSeconds, link?.symlink], [true, true, 7, ['a']])
  })

  test('is refused where hashes are missing or do not fit', () => {
    const { plan } = makeTorrent(lengths)
    const good = hashPlan(plan, file => new Uint8Array(file.length))
    for (const hashes of [
      {},
      { v1: good.v1! },
      { v2: good.v2! },
      { ...good, v1: good.v1!.subarray(20) },
      { ...good, v2: good.v2!.slice(1) },
    ]) {
      assert.throws(() => buildTorrent(plan, hashes), { name: 'UsageError', code: 'hashes-missing' })
    }
  })
})
