/** The verdict on every hostile torrent, exactly. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FormatError } from '../../../src/core/errors.ts'
import { torrentIdOf } from '../../../src/core/ids.ts'
import { parseTorrentFile, type TorrentFile } from '../../../src/metainfo/torrent-file.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { LOADED_TORRENTS } from '../../vectors/torrents/loaded-torrents.ts'
import { REFUSED_TORRENTS } from '../../vectors/torrents/refused-torrents.ts'
import type { TorrentVector, Verdict } from '../../vectors/torrents/torrent-parts.ts'

const ALL = [...REFUSED_TORRENTS, ...LOADED_TORRENTS]

describe('a hostile torrent', () => {
  for (const vector of REFUSED_TORRENTS) {
    test(`${vector.name} is refused`, () => assert.deepEqual(verdictOn(vector), vector.verdict))
  }
  for (const vector of LOADED_TORRENTS) {
    test(`${vector.name} is loaded`, () => assert.deepEqual(verdictOn(vector), expected(vector)))
  }

  test('has a name of its own in the list', () => {
    assert.equal(new Set(ALL.map(({ name }) => name)).size, ALL.length)
  })

  test('has no path that leaves the folder, whatever the torrent says', () => {
    for (const vector of LOADED_TORRENTS) {
      const { info } = parse(vector)
      for (const { path, symlink } of info.files) {
        for (const element of [info.name, ...path, ...(symlink ?? [])]) assert.match(element, SAFE_ELEMENT)
      }
    }
  })

  test('is judged the same from a Buffer as from plain bytes', () => {
    for (const vector of LOADED_TORRENTS) {
      const { info } = parseTorrentFile(Buffer.from(vector.make()), testDigest)
      assert.deepEqual(info.files, parse(vector).info.files)
    }
  })
})

/** No separator, no control, neither `.` nor `..`, nothing that a system would cut off. */
// oxlint-disable-next-line no-control-regex
const SAFE_ELEMENT = /^(?!\.{1,2}$)[^/\\\u0000-\u001f\u007f-\u009f:*?"<>|]{1,255}(?<![. ])$/u

function parse(vector: TorrentVector): TorrentFile {
  return parseTorrentFile(vector.make(), testDigest)
}

/** The verdict in the vectors' form, of what they say something about. */
function verdictOn(vector: TorrentVector): unknown {
  try {
    return described(parse(vector), vector.verdict)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    return { error: error.code }
  }
}

function described({ info, ...torrent }: TorrentFile, verdict: Verdict) {
  const root = info.isSingleFile ? [] : [info.name]
  const all = {
    paths: info.files.filter(file => !file.isPad).map(file => [...root, ...file.path].join('/')),
    warnings: torrent.warnings.map(warning => warning.code),
    links: Object.fromEntries(
      info.files.flatMap(file => (file.symlink ? [[file.displayPath, file.symlink.join('/')]] : [])),
    ),
    pads: info.files.filter(file => file.isPad).map(file => file.displayPath),
    trackers: torrent.trackers,
    webSeeds: torrent.webSeeds,
    nodes: torrent.nodes.map(({ host, port }) => `${host}:${port}`),
    creationDate: torrent.creationDate,
    comment: torrent.comment,
  }
  const compared = new Set(['warnings', 'links', 'pads', ...Object.keys(verdict)])
  return Object.fromEntries(Object.entries(all).filter(([key]) => compared.has(key)))
}

function expected(vector: TorrentVector) {
  const verdict = vector.verdict as Extract<Verdict, { paths: unknown }>
  const id = verdict.paths.some(path => path.includes('<')) ? torrentIdOf(parse(vector).info.hashes) : ''
  return {
    warnings: [],
    links: {},
    pads: [],
    ...verdict,
    paths: verdict.paths.map(path => path.replace('<info-hash>', id)),
  }
}
