import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatHex } from '../../../src/core/bytes.ts'
import { parseInfoHash, sameTorrent, swarmKeys, torrentIdOf } from '../../../src/core/ids.ts'

const v1 = new Uint8Array(20).fill(0x11)
const otherV1 = new Uint8Array(20).fill(0x12)
const v2 = new Uint8Array(32).fill(0x22)
const otherV2 = new Uint8Array(32).fill(0x23)

describe('swarmKeys', () => {
  it('are the v1 hash, then the v2 hash cut to 20 bytes', () => {
    const texts = (keys: Uint8Array[]) => keys.map(formatHex)
    assert.deepEqual(texts(swarmKeys({ v1 })), ['11'.repeat(20)])
    assert.deepEqual(texts(swarmKeys({ v2 })), ['22'.repeat(20)])
    assert.deepEqual(texts(swarmKeys({ v1, v2 })), ['11'.repeat(20), '22'.repeat(20)])
  })
})

describe('torrentIdOf', () => {
  it('is the v1 hash where there is one, else the whole v2 hash', () => {
    assert.equal(torrentIdOf({ v1, v2 }), '11'.repeat(20))
    assert.equal(torrentIdOf({ v2 }), '22'.repeat(32))
    assert.throws(() => torrentIdOf({}), { code: 'info-hash-missing' })
  })
})

describe('sameTorrent', () => {
  it('asks for one hash in common and none in conflict', () => {
    assert.ok(sameTorrent({ v1 }, { v1, v2 }))
    assert.ok(sameTorrent({ v2 }, { v1, v2 }))
    assert.ok(!sameTorrent({ v1 }, { v2 }))
    assert.ok(!sameTorrent({ v1, v2 }, { v1: otherV1, v2 }))
    assert.ok(!sameTorrent({ v1, v2 }, { v1, v2: otherV2 }))
  })
})

describe('parseInfoHash', () => {
  it('reads 40 or 64 hex digits of either case', () => {
    assert.equal(formatHex(parseInfoHash('AB'.repeat(20))), 'ab'.repeat(20))
    assert.equal(parseInfoHash('ab'.repeat(32)).length, 32)
  })

  it('refuses everything else', () => {
    for (const text of ['', 'ab', 'ab'.repeat(19), 'ab'.repeat(21), 'xy'.repeat(20), ` ${'ab'.repeat(20)}`]) {
      assert.throws(() => parseInfoHash(text), { name: 'FormatError', code: 'info-hash-invalid' })
    }
    assert.throws(() => parseInfoHash(`${'ab'.repeat(20)}\n`), { code: 'info-hash-invalid' })
  })
})
