import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8Bytes } from '../../../src/core/bytes.ts'
import { IpFilterReader } from '../../../src/ip-filter/ip-filter-reader.ts'

describe('lists of addresses', () => {
  it('are read line by line, whatever ends them; what cannot be read is counted, and the first named', () => {
    const reader = new IpFilterReader()
    const list =
      '\u{feff}# ein Köpf\r\n1.2.3.0/24\r\nwhat is this?\n\nname:5.6.7.8-5.6.7.9\n9.9.9.9,1\n2001:db8::/32'
    assert.deepEqual(reader.read(utf8Bytes(list)), { ranges: 3, badLines: 2, firstBadLine: 3 })
    const filter = reader.filter()
    assert.equal(filter.size, 3)
    assert.ok(['1.2.3.4', '5.6.7.9', '2001:db8::9', '::ffff:1.2.3.4'].every(host => filter.blocks(host)))
    assert.ok(['1.2.4.0', '5.6.7.10', '9.9.9.9', '2001:db9::', '::1'].every(host => !filter.blocks(host)))
  })

  it('add up', () => {
    const reader = new IpFilterReader()
    assert.deepEqual(reader.read(utf8Bytes('1.2.3.4\n')), { ranges: 1, badLines: 0, firstBadLine: null })
    assert.deepEqual(reader.read(utf8Bytes('x\n5.6.7.8')), { ranges: 1, badLines: 1, firstBadLine: 1 })
    assert.ok(reader.filter().blocks('1.2.3.4') && reader.filter().blocks('5.6.7.8'))
  })

  it('may be empty, or bytes that mean nothing', () => {
    assert.deepEqual(new IpFilterReader().read(new Uint8Array(0)), {
      ranges: 0,
      badLines: 0,
      firstBadLine: null,
    })
    const noise = new IpFilterReader().read(Uint8Array.from({ length: 1000 }, (_, i) => (i * 37) & 0xff))
    assert.equal(noise.ranges, 0)
    assert.ok(noise.badLines > 0)
  })

  for (const [length, badLines] of [
    [1999, 0],
    [2000, 0],
    [2001, 1],
  ] as const) {
    it(`with a line of ${length} have ${badLines} that cannot be read`, () => {
      const line = `${'n'.repeat(length - 16)}:1.2.3.0-1.2.3.9`
      assert.equal(line.length, length)
      assert.equal(new IpFilterReader().read(utf8Bytes(`${line}\n1.1.1.1`)).badLines, badLines)
    })
  }
})
