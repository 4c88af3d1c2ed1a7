import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatHex, parseHex } from '../../../src/core/bytes.ts'
import { hostBytes, hostFromBytes, isHost } from '../../../src/core/ip.ts'

describe('IPv4 text', () => {
  it('is four decimal numbers', () => {
    assert.equal(formatHex(hostBytes('192.0.2.255')), 'c00002ff')
    assert.equal(hostFromBytes(parseHex('c00002ff')), '192.0.2.255')
  })

  it('has no other spelling', () => {
    for (const text of [
      '',
      '1.2.3',
      '1.2.3.4.5',
      '256.0.0.1',
      '01.2.3.4',
      '0x7f.0.0.1',
      '0177.1',
      '2130706433',
    ]) {
      assert.ok(!isHost(text), text)
    }
    for (const text of [
      '1.2.3.4.',
      ' 1.2.3.4',
      '1.2.3.4 ',
      '1..3.4',
      '1.2.3.-4',
      '1.2.3.1e1',
      '127。0。0。1',
      '１.2.3.4',
    ]) {
      assert.ok(!isHost(text), text)
    }
  })
})

describe('IPv6 text', () => {
  const canonical = new Map([
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8::00FF', '2001:db8::ff'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['0:0:0:0:0:FFFF:102:304', '1.2.3.4'],
  ])
  for (const [text, expected] of canonical) {
    it(`${text} is ${expected}`, () => assert.equal(hostFromBytes(hostBytes(text)), expected))
  }

  it('is refused where it is not whole', () => {
    const texts = [
      ':',
      ':::',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      '12345::',
      'g::',
      ':1::',
      '1::2:',
    ]
    texts.push(
      '::1%eth0',
      '::1%25lo',
      '[::1]',
      '1:2:3:4:5:6:7:1.2.3.4',
      '::1.2.3',
      '1.2.3.4::',
      '::1.2.3.4:5',
      ' ::1',
    )
    texts.push('::01.2.3.4', '1:2:3:4::5:6:7:8', `${'0'.repeat(50)}::`)
    for (const text of texts) assert.ok(!isHost(text), text)
  })
})

describe('hostBytes', () => {
  it('throws for what is no address', () => {
    assert.throws(() => hostBytes('localhost'), { name: 'FormatError', code: 'address-invalid' })
  })
})

describe('hostFromBytes', () => {
  it('throws for any length but 4 and 16', () => {
    for (const length of [0, 3, 5, 15, 17]) {
      assert.throws(() => hostFromBytes(new Uint8Array(length)), { code: 'address-invalid' })
    }
  })
})
