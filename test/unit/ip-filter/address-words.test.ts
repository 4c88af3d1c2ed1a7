import assert from 'node:assert/strict'
import { it } from 'node:test'
import { hostBytes } from '../../../src/core/address.ts'
import { compareWords, wordsOf } from '../../../src/ip-filter/address-words.ts'

it('an address is one word or four, compared from the first on', () => {
  assert.deepEqual(wordsOf(hostBytes('255.0.0.1')), [0xff00_0001])
  assert.deepEqual(wordsOf(hostBytes('2001:db8::1')), [0x2001_0db8, 0, 0, 1])
  const two = [1, 2, 1, 3]
  assert.ok(compareWords(two, 0, two, 1, 2) < 0 && compareWords(two, 1, two, 0, 2) > 0)
  assert.equal(compareWords(two, 1, two, 1, 2), 0)
})
