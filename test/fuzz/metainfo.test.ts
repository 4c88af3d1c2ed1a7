/**
 * Random and damaged bytes: parsed, or a FormatError, never anything else. Seconds in CI; longer by hand:
 * SHOAL_FUZZ_SECONDS=600, and SHOAL_FUZZ_SEED to see a failure again.
 */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeBencodeWhole } from '../../src/bencode/decode.ts'
import { encodeBencode } from '../../src/bencode/encode.ts'
import { formatHex, latin1Text, utf8Bytes } from '../../src/core/bytes.ts'
import { FormatError } from '../../src/core/errors.ts'
import { formatMagnet, parseMagnet } from '../../src/metainfo/magnet.ts'
import { parseInfo } from '../../src/metainfo/info.ts'
import {
  encodeTorrentFile,
  partsOfTorrentFile,
  parseTorrentFile,
  type TorrentFile,
} from '../../src/metainfo/torrent-file.ts'
import { testDigest } from '../support/hash-plan.ts'
import { makeTorrent } from '../support/torrents.ts'
import { LOADED_TORRENTS } from '../vectors/torrents/loaded-torrents.ts'

const SECONDS = Number(process.env['SHOAL_FUZZ_SECONDS'] ?? 2)
const SEED = Number(process.env['SHOAL_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** Bencode's own words, and numbers that are dear to no parser. */
const DICTIONARY = [
  'd',
  'l',
  'e',
  'i',
  ':',
  '0:',
  'i-1e',
  'i0e',
  'i9007199254740993e',
  'i18446744073709551615e',
  '4:path',
  '6:length',
  '4:attr',
  '1:p',
  '1:l',
  '12:symlink path',
  '11:pieces root',
  '9:file tree',
  '12:meta version',
  '2:..',
  '1:/',
  '3:\xc0\xae\xc0',
  '99999999:',
].map(text => Buffer.from(text, 'latin1'))

class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Mulberry32: a seed gives the same run again. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }
}

/** Runs `attempt` for its share of time; a failure names the seed and shows the input. */
function fuzz(
  name: string,
  inputOf: (chance: Chance) => Uint8Array,
  attempt: (input: Uint8Array) => void,
): void {
  test(`${name} (seed ${SEED})`, () => {
    const end = performance.now() + (SECONDS * 1000) / 5
    const chance = new Chance(SEED)
    let runs = 0
    do {
      const input = inputOf(chance)
      runs++
      try {
        attempt(input)
      } catch (error) {
        if (error instanceof FormatError && error.message !== '') continue
        throw new Error(`seed ${SEED}, run ${runs}, input ${formatHex(input)}`, { cause: error })
      }
    } while (performance.now() < end)
    assert.ok(runs > 20, `only ${runs} runs`)
  })
}

function randomBytes(chance: Chance): Uint8Array {
  return Uint8Array.from({ length: chance.below(64) }, () => chance.below(256))
}

function randomWords(chance: Chance): Uint8Array {
  return Buffer.concat(Array.from({ length: chance.below(40) }, () => chance.pick(DICTIONARY)))
}

const SEEDS: readonly Uint8Array[] = [
  ...LOADED_TORRENTS.map(({ make }) => make()).filter(bytes => bytes.length < 5000),
  ...(['v1', 'v2', 'hybrid'] as const).map(
    format => makeTorrent({ a: 100_000, 'b/c': 5, 'b/d': 40_000 }, { format }).bytes,
  ),
]

/** A good torrent with a few bytes changed, cut out, put in or taken from another. */
function damaged(chance: Chance): Uint8Array {
  let bytes = Buffer.from(chance.pick(SEEDS))
  for (let times = 1 + chance.below(4); times > 0; times--) {
    const at = chance.below(bytes.length + 1)
    const cut = chance.below(2) === 0 ? 0 : chance.below(Math.min(32, bytes.length - at + 1))
    const other = chance.pick(SEEDS)
    const from = chance.below(other.length)
    const filling = [
      Buffer.from([chance.below(256)]),
      Buffer.alloc(0),
      chance.pick(DICTIONARY),
      Buffer.from(other.subarray(from, from + chance.below(64))),
    ]
    bytes = Buffer.concat([bytes.subarray(0, at), chance.pick(filling), bytes.subarray(at + cut)])
  }
  return bytes
}

function checkTorrent(bytes: Uint8Array): void {
  const torrent = parseTorrentFile(bytes, testDigest)
  const { info } = torrent
  const seen = new Set<string>()
  for (const { path, isPad, symlink } of info.files) {
    for (const element of [info.name, ...path, ...(symlink ?? [])]) {
      assert.ok(element !== '' && element !== '.' && element !== '..' && !/[/\\\0:]/.test(element), element)
    }
    const text = path.join('/').toLowerCase()
    assert.ok(isPad || !seen.has(text), text)
    if (!isPad) seen.add(text)
  }
  const { geometry } = info
  assert.ok(
    geometry.pieceCount > 0 && geometry.contentLength > 0 && Number.isSafeInteger(geometry.totalLength),
  )
  checkSameAgain(torrent)
}

function checkSameAgain(torrent: TorrentFile): void {
  const again = parseTorrentFile(encodeTorrentFile(partsOfTorrentFile(torrent)), testDigest)
  assert.deepEqual(again.info.hashes, torrent.info.hashes)
  assert.deepEqual(again.info.files, torrent.info.files)
  assert.deepEqual(
    [again.trackers, again.webSeeds, again.layers],
    [torrent.trackers, torrent.webSeeds, torrent.layers],
  )
}

describe('metainfo under fuzz', () => {
  fuzz('random bytes as bencode', randomBytes, bytes => decodeBencodeWhole(bytes))

  fuzz('words of bencode as bencode, which encode again', randomWords, bytes => {
    const { value, oddities, length } = decodeBencodeWhole(bytes)
    if (oddities.length === 0)
      assert.deepEqual(Buffer.from(encodeBencode(value)), Buffer.from(bytes.subarray(0, length)))
  })

  fuzz('damaged torrent files', damaged, checkTorrent)

  fuzz('damaged info dictionaries', damaged, bytes => {
    const at = Buffer.from(bytes).indexOf('4:info')
    parseInfo(bytes.subarray(at === -1 ? 0 : at + 6, -1), testDigest)
  })

  const magnet = formatMagnet({
    hashes: { v1: new Uint8Array(20).fill(1), v2: new Uint8Array(32).fill(2) },
    name: 'a',
    trackers: ['http://a.example/x?y=z'],
    peers: [{ host: '::1', port: 5 }],
    selectOnly: [{ first: 0, last: 3 }],
  })
  const damagedMagnet = (chance: Chance): Uint8Array => {
    const bytes = Buffer.from(utf8Bytes(magnet))
    for (let times = chance.below(4); times >= 0; times--)
      bytes[chance.below(bytes.length)] = chance.below(256)
    return bytes
  }
  fuzz('damaged magnet links', damagedMagnet, bytes => {
    const parsed = parseMagnet(latin1Text(bytes))
    assert.deepEqual(parseMagnet(formatMagnet(parsed)).hashes, parsed.hashes)
  })
})
