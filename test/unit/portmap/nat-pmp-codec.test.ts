import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  decodeNatPmpAnswer,
  encodeAddressRequest,
  encodeNatPmpMap,
  GATEWAY_PORT,
  natPmpReason,
} from '../../../src/portmap/nat-pmp-codec.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const ADDRESS = bytes(0, 128, 0, 0, 1, 2, 3, 4, 81, 2, 69, 142)
const MAPPED = bytes(0, 130, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x1a, 0xe1, 0xc0, 0x01, 0, 0, 0x1c, 0x20)

suite('NAT-PMP requests', () => {
  test('go to port 5351', () => assert.equal(GATEWAY_PORT, 5351))

  test('ask for the address with two zeros', () => {
    assert.deepEqual(encodeAddressRequest(), bytes(0, 0))
  })

  test('ask for a mapping with every field in its place', () => {
    const order = { internalPort: 6881, externalPort: 0xc001, lifetimeSeconds: 7200 }
    const rest = [0, 0, 0x1a, 0xe1, 0xc0, 0x01, 0, 0, 0x1c, 0x20]
    assert.deepEqual(encodeNatPmpMap({ ...order, transport: 'udp' }), bytes(0, 1, ...rest))
    assert.deepEqual(encodeNatPmpMap({ ...order, transport: 'tcp' }), bytes(0, 2, ...rest))
  })
})

suite('NAT-PMP answers', () => {
  test('tell the address', () => {
    assert.deepEqual(decodeNatPmpAnswer(ADDRESS), {
      kind: 'address',
      epoch: 0x01020304,
      externalHost: '81.2.69.142',
    })
  })

  test('tell of a mapping, all numbers unsigned', () => {
    assert.deepEqual(decodeNatPmpAnswer(MAPPED), {
      kind: 'mapped',
      epoch: 0xffffffff,
      transport: 'tcp',
      internalPort: 6881,
      externalPort: 0xc001,
      lifetimeSeconds: 7200,
    })
    const udp = MAPPED.with(1, 129)
    assert.equal((decodeNatPmpAnswer(udp) as { transport: string }).transport, 'udp')
  })

  for (let result = 1; result <= 6; result++) {
    test(`with result ${result} are refusals`, () => {
      assert.deepEqual(decodeNatPmpAnswer(MAPPED.with(3, result)), {
        kind: 'refused',
        epoch: 0xffffffff,
        what: 'tcp',
        result,
        internalPort: 6881,
      })
      assert.deepEqual(decodeNatPmpAnswer(ADDRESS.with(3, result)), {
        kind: 'refused',
        epoch: 0x01020304,
        what: 'address',
        result,
        internalPort: null,
      })
      assert.notEqual(natPmpReason(result), '')
    })
  }

  test('of other versions than our own are refused in eight bytes', () => {
    assert.deepEqual(decodeNatPmpAnswer(bytes(0, 129, 0, 1, 0, 0, 0, 9)), {
      kind: 'refused',
      epoch: 9,
      what: 'udp',
      result: 1,
      internalPort: null,
    })
    const unknown = decodeNatPmpAnswer(bytes(0, 255, 0, 5, 0, 0, 0, 9))
    assert.deepEqual(unknown, { kind: 'refused', epoch: 9, what: null, result: 5, internalPort: null })
  })

  test('are read where more follows', () => {
    const longer = new Uint8Array(40)
    longer.set(MAPPED)
    assert.equal(decodeNatPmpAnswer(longer)?.kind, 'mapped')
  })

  test('that are cut short are none', () => {
    for (let length = 0; length < ADDRESS.length; length++)
      assert.equal(decodeNatPmpAnswer(ADDRESS.subarray(0, length)), null, `${length}`)
    for (let length = 0; length < MAPPED.length; length++)
      assert.equal(decodeNatPmpAnswer(MAPPED.subarray(0, length)), null, `${length}`)
  })

  test('of another version, requests and unknown opcodes are none', () => {
    for (const version of [1, 2, 255]) assert.equal(decodeNatPmpAnswer(MAPPED.with(0, version)), null)
    for (const opcode of [0, 1, 2, 127, 131, 255])
      assert.equal(decodeNatPmpAnswer(MAPPED.with(1, opcode)), null, `${opcode}`)
  })
})
