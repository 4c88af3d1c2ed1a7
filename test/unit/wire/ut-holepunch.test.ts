import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { address } from '../../../src/core/address.ts'
import { formatHex, parseHex } from '../../../src/core/bytes.ts'
import { decodeHolepunchMessage, encodeHolepunchMessage } from '../../../src/wire/ut-holepunch.ts'

const V4 = address('192.0.2.7', 6881)
const V6 = address('2001:db8::7', 6881)
const V4_BYTES = 'c0000207' + '1ae1'
const V6_BYTES = '20010db8000000000000000000000007' + '1ae1'

const decode = (hex: string) => decodeHolepunchMessage(parseHex(hex))

suite('holepunch messages', () => {
  it('are written as BEP 55 lays them out', () => {
    const written = [
      encodeHolepunchMessage({ type: 'rendezvous', peer: V4 }),
      encodeHolepunchMessage({ type: 'connect', peer: V6 }),
      encodeHolepunchMessage({ type: 'error', peer: V4, reason: 'no-support' }),
      encodeHolepunchMessage({ type: 'error', peer: V4, reason: null }),
    ]
    assert.deepEqual(written.map(formatHex), [
      `0000${V4_BYTES}00000000`,
      `0101${V6_BYTES}00000000`,
      `0200${V4_BYTES}00000003`,
      `0200${V4_BYTES}00000000`,
    ])
  })

  it('are read back, of both families', () => {
    for (const peer of [V4, V6]) {
      for (const type of ['rendezvous', 'connect'] as const)
        assert.deepEqual(decodeHolepunchMessage(encodeHolepunchMessage({ type, peer })), { type, peer })
      for (const reason of ['no-such-peer', 'not-connected', 'no-support', 'no-self'] as const) {
        const message = { type: 'error', peer, reason } as const
        assert.deepEqual(decodeHolepunchMessage(encodeHolepunchMessage(message)), message)
      }
    }
  })

  it('may come without an error code where there is no error, and with more behind', () => {
    assert.deepEqual(decode(`0000${V4_BYTES}`), { type: 'rendezvous', peer: V4 })
    assert.deepEqual(decode(`0101${V6_BYTES}00000000ffff`), { type: 'connect', peer: V6 })
  })

  it('with an error that BEP 55 does not know have no reason', () => {
    for (const code of ['00000000', '00000005', 'ffffffff'])
      assert.deepEqual(decode(`0200${V4_BYTES}${code}`), { type: 'error', peer: V4, reason: null })
  })

  it('that are cut at any byte, of another kind or family, or of port 0 are none', () => {
    const whole = `0200${V4_BYTES}00000001`
    for (let length = 0; length < whole.length; length += 2)
      assert.equal(decode(whole.slice(0, length)), null, `${length / 2} bytes`)
    for (const bytes of [`0300${V4_BYTES}`, `0002${V4_BYTES}`, `0001${V4_BYTES}`, '0000c00002070000'])
      assert.equal(decode(bytes), null, bytes)
  })
})
