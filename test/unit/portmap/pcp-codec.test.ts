import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  decodePcpAnswer,
  encodePcpAnnounce,
  encodePcpMap,
  isSamePcpMap,
  type PcpOrder,
  pcpReason,
} from '../../../src/portmap/pcp-codec.ts'

const NONCE = Uint8Array.from({ length: 12 }, (_, i) => 0xf0 + i)
const ORDER: PcpOrder = {
  client: '192.168.7.20',
  nonce: NONCE,
  transport: 'tcp',
  internalPort: 6881,
  externalPort: 0xc001,
  externalHost: '81.2.69.142',
  lifetimeSeconds: 0x01020304,
}
const MAPPED_IPV4 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

/** Header, nonce, protocol, ports, address: as RFC 6887 draws them. */
const MAP_ANSWER = Uint8Array.from([
  ...[2, 0x81, 0, 0],
  ...[0, 0, 0x1c, 0x20],
  ...[0xff, 0, 0, 7],
  ...new Uint8Array(12),
  ...NONCE,
  ...[17, 0, 0, 0],
  ...[0x1a, 0xe1, 0xc0, 0x01],
  ...[...MAPPED_IPV4, 81, 2, 69, 142],
])

suite('PCP requests', () => {
  test('ask for a mapping with every field in its place', () => {
    assert.deepEqual(
      [...encodePcpMap(ORDER)],
      [
        ...[2, 1, 0, 0],
        ...[1, 2, 3, 4],
        ...[...MAPPED_IPV4, 192, 168, 7, 20],
        ...NONCE,
        ...[6, 0, 0, 0],
        ...[0x1a, 0xe1, 0xc0, 0x01],
        ...[...MAPPED_IPV4, 81, 2, 69, 142],
      ],
    )
    assert.equal(encodePcpMap({ ...ORDER, transport: 'udp' })[36], 17)
  })

  test('leave the address to the server as that of the family', () => {
    const ipv4 = encodePcpMap({ ...ORDER, externalHost: null })
    assert.deepEqual([...ipv4.subarray(44)], [...MAPPED_IPV4, 0, 0, 0, 0])
    const ipv6 = encodePcpMap({ ...ORDER, client: '2001:db8::1', externalHost: null })
    assert.deepEqual([...ipv6.subarray(8, 12)], [0x20, 0x01, 0x0d, 0xb8])
    assert.deepEqual([...ipv6.subarray(44)], [...new Uint8Array(16)])
  })

  test('ask whether the server is there with a header alone', () => {
    const announce = [...encodePcpAnnounce('192.168.7.20')]
    assert.deepEqual(announce, [2, 0, 0, 0, 0, 0, 0, 0, ...MAPPED_IPV4, 192, 168, 7, 20])
  })
})

suite('PCP answers', () => {
  test('tell of a mapping, all numbers unsigned', () => {
    assert.deepEqual(decodePcpAnswer(MAP_ANSWER), {
      result: 0,
      lifetimeSeconds: 7200,
      epoch: 0xff000007,
      map: {
        nonce: NONCE,
        transport: 'udp',
        internalPort: 6881,
        externalPort: 0xc001,
        externalHost: '81.2.69.142',
      },
    })
  })

  test('may name no address', () => {
    assert.equal(decodePcpAnswer(Uint8Array.from(MAP_ANSWER).fill(0, 56))?.map?.externalHost, null)
  })

  for (let result = 1; result <= 14; result++) {
    test(`with result ${result} are refusals of what was asked`, () => {
      const answer = decodePcpAnswer(MAP_ANSWER.with(3, result))
      assert.equal(answer?.result, result)
      assert.equal(answer.map?.internalPort, 6881)
      assert.notEqual(pcpReason(result), '')
    })
  }

  test('that refuse need not be whole', () => {
    const cut = MAP_ANSWER.with(3, 1).subarray(0, 24)
    assert.deepEqual(decodePcpAnswer(cut), { result: 1, lifetimeSeconds: 7200, epoch: 0xff000007, map: null })
  })

  test('to an announce have no mapping', () => {
    const announced = MAP_ANSWER.with(1, 0x80).subarray(0, 24)
    assert.equal(decodePcpAnswer(announced)?.map, null)
  })

  test('of a wrong length are none', () => {
    for (let length = 0; length < MAP_ANSWER.length; length++)
      assert.equal(decodePcpAnswer(MAP_ANSWER.subarray(0, length)), null, `${length}`)
    const longer = new Uint8Array(1104)
    longer.set(MAP_ANSWER)
    assert.notEqual(decodePcpAnswer(longer.subarray(0, 1100)), null)
    assert.equal(decodePcpAnswer(longer), null)
    assert.equal(decodePcpAnswer(longer.subarray(0, 62)), null)
  })

  test('of another version, requests, other opcodes and protocols are none', () => {
    for (const version of [0, 1, 3, 255]) assert.equal(decodePcpAnswer(MAP_ANSWER.with(0, version)), null)
    for (const opcode of [0, 1, 0x82, 0x83, 0xff])
      assert.equal(decodePcpAnswer(MAP_ANSWER.with(1, opcode)), null)
    for (const protocol of [0, 1, 132]) assert.equal(decodePcpAnswer(MAP_ANSWER.with(36, protocol)), null)
  })

  test('belong to the order of the same nonce, protocol and port', () => {
    const { map } = decodePcpAnswer(MAP_ANSWER)!
    const order = { nonce: NONCE, transport: 'udp', internalPort: 6881 } as const
    assert.ok(isSamePcpMap(map!, order))
    assert.ok(!isSamePcpMap(map!, { ...order, nonce: NONCE.with(11, 0) }))
    assert.ok(!isSamePcpMap(map!, { ...order, transport: 'tcp' }))
    assert.ok(!isSamePcpMap(map!, { ...order, internalPort: 6882 }))
  })
})
