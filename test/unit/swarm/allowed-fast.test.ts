import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeDigest } from '../../../src/net/node-digest.ts'
import { allowedFastSet } from '../../../src/swarm/allowed-fast.ts'

const INFO_HASH = new Uint8Array(20).fill(0xaa)

function setOf(host: string, count: number, pieceCount = 1313): number[] {
  return [...allowedFastSet({ count, pieceCount, infoHash: INFO_HASH, host, digest: nodeDigest })]
}

test('the examples of BEP 6', () => {
  assert.deepEqual(setOf('80.4.4.200', 7), [1059, 431, 808, 1217, 287, 376, 1188])
  assert.deepEqual(setOf('80.4.4.200', 9), [1059, 431, 808, 1217, 287, 376, 1188, 353, 508])
})

test('is one for a whole /24', () => {
  assert.deepEqual(setOf('80.4.4.7', 10), setOf('80.4.4.200', 10))
  assert.notDeepEqual(setOf('80.4.5.200', 10), setOf('80.4.4.200', 10))
})

test('is every piece of a torrent that has no more', () => {
  assert.deepEqual(
    setOf('80.4.4.200', 10, 4).toSorted((a, b) => a - b),
    [0, 1, 2, 3],
  )
})

test('is empty for IPv6', () => {
  assert.deepEqual(setOf('2001:db8::1', 10), [])
})
