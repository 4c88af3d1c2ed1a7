import assert from 'node:assert/strict'
import { it } from 'node:test'
import { FormatError } from '../../../src/core/errors.ts'
import { IpFilter } from '../../../src/ip-filter/ip-filter.ts'
import { RangeTable } from '../../../src/ip-filter/range-table.ts'

it('a filter asks the table of the family', () => {
  const filter = new IpFilter({
    ipv4: new RangeTable(1, [0x0102_0304], [0x0102_0304]),
    ipv6: new RangeTable(4, [0, 0, 0, 9], [0, 0, 0, 9]),
  })
  assert.equal(filter.size, 2)
  assert.deepEqual(
    ['1.2.3.4', '1.2.3.5', '::ffff:1.2.3.4', '0:0::9', '::8'].map(host => filter.blocks(host)),
    [true, false, true, true, false],
  )
  assert.throws(() => filter.blocks('example.org'), FormatError)
})
