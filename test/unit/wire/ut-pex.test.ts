import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { type Address, parseAddress } from '../../../src/core/address.ts'
import { latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import { ProtocolError } from '../../../src/core/errors.ts'
import { decodePex, encodePex, type PexContact } from '../../../src/wire/ut-pex.ts'

const NOTHING_ELSE = {
  prefersEncryption: false,
  isSeed: false,
  hasUtp: false,
  hasHolepunch: false,
  isReachable: false,
}

function contact(text: string, about: Partial<PexContact> = {}): PexContact {
  return { address: parseAddress(text), ...NOTHING_ELSE, ...about }
}

function decode(text: string) {
  return decodePex(latin1Bytes(text))
}

suite('messages about peers', () => {
  it('are written as in BEP 11, and only with what there is to say', () => {
    const added = [contact('1.2.3.4:26985', { isSeed: true, isReachable: true }), contact('5.6.7.8:26986')]
    assert.equal(
      latin1Text(encodePex({ added, dropped: [] })),
      'd5:added12:\x01\x02\x03\x04ii\x05\x06\x07\x08ij7:added.f2:\x12\x00e',
    )
    assert.equal(
      latin1Text(encodePex({ added: [], dropped: [parseAddress('9.8.7.6:80')] })),
      'd7:dropped6:\x09\x08\x07\x06\x00\x50e',
    )
    const six = parseAddress('[2001:db8::1]:80')
    const bytes = ' \x01\r\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\0P'
    assert.equal(
      latin1Text(encodePex({ added: [contact('[2001:db8::1]:80', { hasUtp: true })], dropped: [six] })),
      `d6:added618:${bytes}8:added6.f1:\x048:dropped618:${bytes}e`,
    )
    assert.equal(latin1Text(encodePex({ added: [], dropped: [] })), 'de')
  })

  it('are read back, each flag by itself', () => {
    for (const flag of Object.keys(NOTHING_ELSE)) {
      const added = [contact('1.2.3.4:1', { [flag]: true }), contact('[2001:db8::2]:2', { [flag]: true })]
      const dropped: Address[] = [parseAddress('1.2.3.5:1'), parseAddress('[2001:db8::3]:2')]
      assert.deepEqual(decodePex(encodePex({ added, dropped })), { added, dropped })
    }
  })

  it('may lack flags, have unknown ones, and end in half an address', () => {
    assert.deepEqual(decode('d5:added8:\x01\x02\x03\x04\x00\x50\x05\x06e').added, [contact('1.2.3.4:80')])
    assert.deepEqual(decode('d5:added6:\x01\x02\x03\x04\x00\x507:added.f1:\xe2e').added, [
      contact('1.2.3.4:80', { isSeed: true }),
    ])
    assert.deepEqual(
      decode('d5:added12:\x01\x02\x03\x04\x00\x50\x01\x02\x03\x05\x00\x507:added.f1:\x02e').added,
      [contact('1.2.3.4:80', { isSeed: true }), contact('1.2.3.5:80')],
    )
  })

  it('say nothing where a field is of another type', () => {
    assert.deepEqual(decode('d5:addedi7e6:added6le7:droppedd1:a1:be4:spam1:xe'), { added: [], dropped: [] })
  })

  it('have port 0 and mapped addresses as they were sent', () => {
    const mapped = '\0\0\0\0\0\0\0\0\0\0\xff\xff\x01\x02\x03\x04\0\0'
    assert.deepEqual(decode(`d6:added618:${mapped}e`).added, [contact('1.2.3.4:0')])
  })

  for (const [count, read] of [
    [199, 199],
    [200, 200],
    [201, 200],
  ] as const) {
    it(`of ${count} addresses ${read} are read`, () => {
      const bytes = '\x01\x02\x03\x04\x00\x50'.repeat(count)
      const message = decode(`d5:added${bytes.length}:${bytes}7:dropped${bytes.length}:${bytes}e`)
      assert.deepEqual([message.added.length, message.dropped.length], [read, read])
    })
  }

  for (const text of [
    '',
    'x',
    'le',
    'i1e',
    'd5:added',
    'd5:added6:abc',
    '5:added',
    'dede',
    `${'d1:a'.repeat(200)}`,
  ]) {
    it(`are refused where they are broken: ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.throws(
        () => decode(text),
        error => error instanceof ProtocolError && error.code === 'pex-message-invalid',
      )
    })
  }
})
