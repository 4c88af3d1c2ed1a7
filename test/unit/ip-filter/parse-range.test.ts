import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseRange } from '../../../src/ip-filter/parse-range.ts'

function text(line: string): string {
  const found = parseRange(line)
  if (found === null || found === 'allowed') return String(found)
  const words = (all: readonly number[]) => all.map(word => word.toString(16).padStart(8, '0')).join('')
  return `${words(found.start)}-${words(found.end)}`
}

const IPV4 = '01020300-010203ff'
const IPV6 = `20010db8${'0'.repeat(24)}-20010db8${'f'.repeat(24)}`

describe('a line of a list of addresses', () => {
  for (const [line, range] of Object.entries({
    '001.002.003.000 - 001.002.003.255 , 100 , name, and more': IPV4,
    '1.2.3.0-1.2.3.255,0,': IPV4,
    '1.2.3.0 - 1.2.3.255 , 126 , last that is blocked': IPV4,
    '1.2.3.0 - 1.2.3.255 , 127 , first that is not': 'allowed',
    '1.2.3.0 - 1.2.3.255 , 255 , friends': 'allowed',
    '2001:db8:: - 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff , 0 , six': IPV6,
    'Some Organisation:1.2.3.0-1.2.3.255': IPV4,
    'A: name, with: all-sorts #1 of; things:1.2.3.0-1.2.3.255\r': IPV4,
    ':1.2.3.0-1.2.3.255': IPV4,
    'name:2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff': IPV6,
    '1.2.3.0-1.2.3.255': IPV4,
    '1.2.3.0/24': IPV4,
    ' 1.2.3.77/24 ; SBL1234': IPV4,
    '1.2.3.0/24 # a comment': IPV4,
    '2001:db8::/32': IPV6,
    '2001:db8::1:0/96': `20010db8${'0'.repeat(24)}-20010db8${'0'.repeat(16)}ffffffff`,
    '1.2.3.4': '01020304-01020304',
    '::1': `${'0'.repeat(31)}1-${'0'.repeat(31)}1`,
    '::ffff:1.2.3.4': '01020304-01020304',
    '255.255.255.255/32': 'ffffffff-ffffffff',
    '1.2.3.4/0': '00000000-ffffffff',
    '200.0.0.0/1': '80000000-ffffffff',
    '': 'allowed',
    '   \t\r': 'allowed',
    '# comment': 'allowed',
    '// comment': 'allowed',
    '; comment': 'allowed',
  })) {
    it(`is read: ${JSON.stringify(line)}`, () => assert.equal(text(line), range))
  }

  for (const line of [
    'nonsense',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.0001',
    '1..3.4',
    '.1.2.3.4',
    '1.2.3.4.',
    '-1.2.3.4',
    '1.2.3.4/33',
    '2001:db8::/129',
    '1.2.3.4/',
    '1.2.3.4/x',
    '1.2.3.9-1.2.3.4',
    '1.2.3.4-2001:db8::',
    '1.2.3.0 - 1.2.3.255 , high , name',
    '1.2.3.0 - , 100 , name',
    'name:1.2.3.4',
    'name:1.2.3.9-1.2.3.4',
    '0x1.2.3.4',
    '1.2.3.4-',
    '::g',
  ]) {
    it(`cannot be read: ${line}`, () => assert.equal(parseRange(line), null))
  }
})
