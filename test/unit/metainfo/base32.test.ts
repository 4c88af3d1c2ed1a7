import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeBase32 } from '../../../src/metainfo/base32.ts'

describe('base32', () => {
  // RFC 4648, section 10, without padding
  const vectors: [text: string, decoded: string][] = [
    ['', ''],
    ['MY', 'f'],
    ['MZXQ', 'fo'],
    ['MZXW6', 'foo'],
    ['MZXW6YQ', 'foob'],
    ['MZXW6YTB', 'fooba'],
    ['mzxw6ytboi', 'foobar'],
  ]
  for (const [text, decoded] of vectors) {
    test(`reads "${text}"`, () => assert.equal(new TextDecoder().decode(decodeBase32(text)!), decoded))
  }

  for (const text of ['1', 'A0', 'MZ=', 'M Y', 'MZ', 'ſ']) {
    test(`refuses "${text}"`, () => assert.equal(decodeBase32(text), null))
  }
})
