import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { type Encodable, encodeBencode } from '../../../src/bencode/encode.ts'
import { formatHex, latin1Text, parseHex } from '../../../src/core/bytes.ts'
import { readPieceLayers } from '../../../src/metainfo/piece-layers.ts'
import { Warnings } from '../../../src/metainfo/warning.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { makeTorrent } from '../../support/torrents.ts'

const { info, torrent } = makeTorrent({ a: 100_000, b: 200_000, small: 5 }, { format: 'v2' })
const [rootA, rootB] = info.files.map(file => formatHex(file.piecesRoot!)) as [string, string]

function read(layers: Encodable | undefined) {
  const warnings = new Warnings()
  const value = layers === undefined ? undefined : decodeBencode(encodeBencode(layers))
  return {
    layers: readPieceLayers(value, info, testDigest, warnings),
    warnings: warnings.list().map(({ code }) => code),
  }
}

function withLayers(...roots: string[]): Map<string, Uint8Array> {
  return new Map(roots.map(root => [latin1Text(parseHex(root)), torrent.layers.get(root)!]))
}

describe('piece layers', () => {
  test('are kept by the hex of their root', () => {
    const { layers, warnings } = read(withLayers(rootA, rootB))
    assert.deepEqual([layers, warnings], [torrent.layers, []])
  })

  test('may be missing, with a warning', () => {
    assert.deepEqual(read(undefined), { layers: new Map(), warnings: ['piece-layers-missing'] })
    assert.deepEqual([...read(withLayers(rootB)).layers.keys()], [rootB])
    assert.deepEqual(read(withLayers(rootB)).warnings, ['piece-layers-missing'])
  })

  test('of another file are refused', () => {
    const swapped = new Map([[latin1Text(parseHex(rootA)), torrent.layers.get(rootA)!.slice().reverse()]])
    assert.throws(() => read(swapped), { code: 'piece-layer-mismatch' })
  })

  test('in v1 mean nothing', () => {
    const { info: v1 } = makeTorrent({ a: 100_000 }, { format: 'v1' })
    assert.equal(readPieceLayers(5, v1, testDigest, new Warnings()).size, 0)
  })
})
