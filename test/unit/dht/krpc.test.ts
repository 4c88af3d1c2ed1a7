import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asBytes } from '../../../src/bencode/bencode.ts'
import { encodeBencode } from '../../../src/bencode/encode.ts'
import { address } from '../../../src/core/address.ts'
import { latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import {
  compactAddress,
  decodeKrpc,
  encodeError,
  encodeQuery,
  encodeResponse,
} from '../../../src/dht/krpc.ts'
import { DHT_LIMITS } from '../../../src/dht/limits.ts'

const ID = latin1Bytes('abcdefghij0123456789')
const T = latin1Bytes('aa')

const decode = (text: string) => decodeKrpc(latin1Bytes(text))

describe('messages of the DHT', () => {
  it('are written as in the examples of BEP 5', () => {
    assert.equal(
      latin1Text(encodeQuery({ transaction: T, method: 'ping', args: { id: ID } })),
      'd1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe',
    )
    assert.equal(
      latin1Text(encodeError({ transaction: T, code: 201, text: 'A Generic Error Ocurred' })),
      'd1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee',
    )
  })

  it('tell who asks where he is seen, and mark who answers nobody', () => {
    const to = address('192.0.2.1', 6881)
    assert.equal(
      latin1Text(encodeResponse({ transaction: T, values: { id: ID }, to })),
      'd2:ip6:\xc0\x00\x02\x01\x1a\xe11:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re',
    )
    const query = encodeQuery({ transaction: T, method: 'ping', args: { id: ID }, isReadOnly: true })
    assert.match(latin1Text(query), /2:roi1e/)
  })

  it('are read', () => {
    const query = decode('d1:ad2:id20:abcdefghij01234567896:target1:xe1:q9:find_node2:roi1e1:t2:aa1:y1:qe')
    assert.ok(query?.type === 'query')
    assert.deepEqual([query.method, query.isReadOnly, query.id], ['find_node', true, ID])
    assert.deepEqual(asBytes(query.args.get('target')), latin1Bytes('x'))
    const response = decode('d2:ip6:\xc0\x00\x02\x01\x1a\xe11:rd2:id20:abcdefghij0123456789e1:t0:1:y1:re')
    assert.ok(response?.type === 'response')
    assert.deepEqual([response.seenAt, response.transaction.length], [address('192.0.2.1', 6881), 0])
    const error = decode('d1:eli203e4:no\n!e1:t2:aa1:y1:ee')
    assert.ok(error?.type === 'error')
    assert.equal(error.code, 203)
  })

  it('that lack what a question needs can only be refused', () => {
    for (const text of [
      'd1:ade1:q4:ping1:t2:aa1:y1:qe',
      'd1:ad2:id19:abcdefghij012345678e1:q4:ping1:t2:aa1:y1:qe',
      'd1:ad2:idi5ee1:q4:ping1:t2:aa1:y1:qe',
      'd1:ad2:id20:abcdefghij0123456789e1:qi1e1:t2:aa1:y1:qe',
      'd1:a1:x1:q4:ping1:t2:aa1:y1:qe',
    ])
      assert.equal(decode(text)?.type, 'broken', text)
  })

  it('that are none are none', () => {
    const long = 'x'.repeat(DHT_LIMITS.transactionLength + 1)
    for (const text of [
      '',
      'd',
      'le',
      'i1e',
      'd1:y1:qe',
      'd1:ti1e1:y1:qe',
      'd1:t2:aa1:y1:xe',
      'd1:t2:aae',
      'd1:t2:aa1:yi1ee',
      'd1:rde1:t2:aa1:y1:re',
      'd1:r2:ab1:t2:aa1:y1:re',
      `d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t${long.length}:${long}1:y1:qe`,
      `${'l'.repeat(100)}${'e'.repeat(100)}`,
    ])
      assert.equal(decode(text), null, text)
    const large = encodeBencode({ t: T, y: 'q', x: new Uint8Array(DHT_LIMITS.datagramLength) })
    assert.equal(decodeKrpc(large), null)
  })

  it('have errors of any shape', () => {
    for (const e of ['i1e', 'le', 'l2:noi1ee', `li201e${300}:${'x'.repeat(300)}e`]) {
      const error = decode(`d1:e${e}1:t2:aa1:y1:ee`)
      assert.ok(error?.type === 'error', e)
      assert.ok(error.text.length <= 200)
    }
  })
})

describe('an address in a message', () => {
  it('has 6 or 18 bytes, and a port', () => {
    assert.deepEqual(compactAddress(Uint8Array.of(192, 0, 2, 1, 0, 1)), address('192.0.2.1', 1))
    assert.equal(compactAddress(Uint8Array.of(192, 0, 2, 1, 0, 0)), null)
    assert.equal(compactAddress(new Uint8Array(7)), null)
    assert.equal(compactAddress(null), null)
  })
})
