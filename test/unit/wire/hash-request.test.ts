import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { concatBytes } from '../../../src/core/bytes.ts'
import {
  HASH_REQUEST_LENGTH,
  hashesLength,
  isSameHashRequest,
  readHashRequest,
  writeHashRequest,
} from '../../../src/wire/hash-request.ts'
import { counted, u32 } from './wire-bytes.ts'

const REQUEST = { piecesRoot: counted(32), baseLayer: 6, index: 512, length: 256, proofLayers: 9 }

suite('a hash request', () => {
  it('is written as BEP 52 says', () => {
    const bytes = new Uint8Array(HASH_REQUEST_LENGTH + 2)
    writeHashRequest(bytes, 1, REQUEST)
    assert.deepEqual(
      bytes,
      concatBytes([new Uint8Array(1), counted(32), u32(6, 512, 256, 9), new Uint8Array(1)]),
    )
    assert.deepEqual(readHashRequest(bytes, 1), REQUEST)
  })

  it('is read into memory of its own', () => {
    const bytes = new Uint8Array(HASH_REQUEST_LENGTH)
    writeHashRequest(bytes, 0, REQUEST)
    const request = readHashRequest(bytes, 0)
    bytes.fill(0)
    assert.deepEqual(request, REQUEST)
  })

  it('is the same where every field is', () => {
    assert.ok(isSameHashRequest(REQUEST, { ...REQUEST, piecesRoot: counted(32) }))
    assert.ok(!isSameHashRequest(REQUEST, { ...REQUEST, piecesRoot: new Uint8Array(32) }))
    for (const field of ['baseLayer', 'index', 'length', 'proofLayers'] as const) {
      assert.ok(!isSameHashRequest(REQUEST, { ...REQUEST, [field]: 1 }), field)
    }
  })
})

suite('hashesLength', () => {
  it('counts the base layer and the uncles that do not follow from it', () => {
    const hashes = (length: number, proofLayers: number) =>
      hashesLength({ ...REQUEST, length, proofLayers }) / 32
    assert.equal(hashes(2, 0), 2)
    assert.equal(hashes(2, 3), 5)
    assert.equal(hashes(4, 1), 4)
    assert.equal(hashes(4, 3), 6)
    assert.equal(hashes(512, 0), 512)
    assert.equal(hashes(512, 8), 512)
    assert.equal(hashes(512, 10), 514)
  })

  it('makes no sense of a senseless request, and does not fail', () => {
    assert.equal(hashesLength({ ...REQUEST, length: 0, proofLayers: 0 }), 0)
    assert.ok(hashesLength({ ...REQUEST, length: 0xffffffff, proofLayers: 0xffffffff }) > 1e11)
  })
})
