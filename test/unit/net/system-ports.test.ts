import assert from 'node:assert/strict'
import { it } from 'node:test'
import { formatHex, NO_BYTES } from '../../../src/core/bytes.ts'
import { nodeDigest } from '../../../src/net/node-digest.ts'
import { sharedExtentMemory } from '../../../src/net/shared-extent-memory.ts'
import { systemClock } from '../../../src/net/system-clock.ts'
import { systemSecrets } from '../../../src/net/system-secrets.ts'

it('systemClock does not go back, and knows the year', () => {
  const before = systemClock.monotonic()
  assert.ok(systemClock.monotonic() >= before)
  assert.ok(systemClock.wall() > Date.UTC(2024))
})

it('systemSecrets gives as many bytes as asked for, never the same', () => {
  assert.equal(systemSecrets.bytes(0).length, 0)
  assert.equal(systemSecrets.bytes(20).length, 20)
  assert.notDeepEqual(systemSecrets.bytes(20), systemSecrets.bytes(20))
  assert.equal(systemSecrets.bytes(20).constructor, Uint8Array)
})

it('nodeDigest knows the digests of nothing, and gives plain bytes', () => {
  assert.equal(formatHex(nodeDigest.sha1(NO_BYTES)), 'da39a3ee5e6b4b0d3255bfef95601890afd80709')
  const sha256 = nodeDigest.sha256(NO_BYTES)
  assert.equal(formatHex(sha256), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  assert.equal(sha256.constructor, Uint8Array)
  const shared = new Uint8Array(new SharedArrayBuffer(0))
  assert.deepEqual(nodeDigest.sha1(shared), nodeDigest.sha1(NO_BYTES))
})

it('sharedExtentMemory can be seen by workers', () => {
  const extent = sharedExtentMemory.allocate(16)
  assert.equal(extent.length, 16)
  assert.ok(extent.buffer instanceof SharedArrayBuffer)
})

it('sharedExtentMemory copies views of any memory to where they belong', () => {
  const extent = sharedExtentMemory.allocate(8)
  const read = Uint8Array.of(1, 2, 3, 4, 5)
  for (const [source, at] of [
    [read.subarray(1, 3), 0],
    [Uint8Array.of(8, 9), 2],
    [read.subarray(4), 7],
    [NO_BYTES, 8],
  ] as const) {
    sharedExtentMemory.copy?.(source, extent, at)
  }
  assert.deepEqual([...extent], [2, 3, 8, 9, 0, 0, 0, 5])
})
