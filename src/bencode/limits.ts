import { defineLimits } from '../core/limits.ts'

/** What one bencoded value may ask of us, unless the caller sets tighter bounds. */
export const BENCODE_LIMITS = defineLimits('bencode', {
  depth: [100, 'levels', 'lists and dictionaries inside one another; keeps the decoder off the stack’s end'],
  tokens: [3_000_000, 'entries', 'integers, strings, lists, dictionaries and keys in one value'],
  integerDigits: [20, 'entries', 'enough for any 64-bit integer with its sign; longer ones mean nothing'],
})
