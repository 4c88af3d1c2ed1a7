import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { asDict } from '../../../src/bencode/bencode.ts'
import { decodeBencode } from '../../../src/bencode/decode.ts'
import { type Encodable, encodeBencode } from '../../../src/bencode/encode.ts'
import { readSample } from '../../../src/dht/sample.ts'

function read(fields: Record<string, Encodable>) {
  return readSample(asDict(decodeBencode(encodeBencode(fields)))!)
}

suite('a sample of info-hashes', () => {
  it('is read', () => {
    const samples = new Uint8Array(40).fill(1, 20)
    assert.deepEqual(read({ samples, num: 100, interval: 60 }), {
      hashes: [new Uint8Array(20), new Uint8Array(20).fill(1)],
      num: 100,
      intervalSeconds: 60,
    })
  })

  it('may be empty, and its numbers missing or mad', () => {
    assert.deepEqual(read({ samples: '' }), { hashes: [], num: 0, intervalSeconds: 0 })
    const mad = read({ samples: new Uint8Array(20), num: -5, interval: 1e9 })
    assert.deepEqual([mad?.num, mad?.intervalSeconds], [1, 21_600])
  })

  it('is none from a node that does not speak of samples', () => {
    assert.equal(read({}), null)
    assert.equal(read({ samples: 5 }), null)
    assert.equal(read({ samples: new Uint8Array(21) }), null)
  })
})
