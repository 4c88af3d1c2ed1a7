import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { bitfieldSizeError, checkMessageSize, hashesSizeError } from '../../../src/wire/message-size.ts'
import { MESSAGE_ID } from '../../../src/wire/messages.ts'

/** The code for a message of this length (id and payload), or null where it may come. */
function codeFor(id: number, length: number, bitfieldLength = -1): string | null {
  try {
    checkMessageSize(id, length, bitfieldLength)
    return null
  } catch (error) {
    return (error as { code: string }).code
  }
}

suite('checkMessageSize', () => {
  it('takes one size only where BEP 3, 5, 6 and 52 give one', () => {
    const sizes: [keyof typeof MESSAGE_ID, number][] = [
      ['CHOKE', 1],
      ['UNCHOKE', 1],
      ['INTERESTED', 1],
      ['NOT_INTERESTED', 1],
      ['HAVE', 5],
      ['REQUEST', 13],
      ['CANCEL', 13],
      ['PORT', 3],
      ['SUGGEST', 5],
      ['HAVE_ALL', 1],
      ['HAVE_NONE', 1],
      ['REJECT', 13],
      ['ALLOWED_FAST', 5],
      ['HASH_REQUEST', 49],
      ['HASH_REJECT', 49],
    ]
    for (const [name, size] of sizes) {
      const code = `${name.toLowerCase().replaceAll('_', '-')}-size`
      assert.equal(codeFor(MESSAGE_ID[name], size), null, name)
      assert.equal(codeFor(MESSAGE_ID[name], size + 1), code)
      assert.equal(codeFor(MESSAGE_ID[name], 0xffffffff), code)
      if (size > 1) assert.equal(codeFor(MESSAGE_ID[name], size - 1), code)
    }
  })

  it('takes the one size of a bitfield when the number of pieces is known', () => {
    assert.equal(codeFor(MESSAGE_ID.BITFIELD, 1 + 5, 5), null)
    assert.equal(codeFor(MESSAGE_ID.BITFIELD, 1 + 4, 5), 'bitfield-size')
    assert.equal(codeFor(MESSAGE_ID.BITFIELD, 1 + 6, 5), 'bitfield-size')
    assert.equal(codeFor(MESSAGE_ID.BITFIELD, 1 + 1, 0), 'bitfield-size')
  })

  it('has bounds at limit - 1, limit and limit + 1', () => {
    const bounds: [id: number, most: number, code: string][] = [
      [MESSAGE_ID.PIECE, 9 + 16_384, 'piece-too-long'],
      [MESSAGE_ID.BITFIELD, 1 + 262_144, 'bitfield-size'],
      [MESSAGE_ID.EXTENDED, 65_536, 'extended-too-long'],
      [77, 16_384, 'unknown-message-too-long'],
    ]
    for (const [id, most, code] of bounds) {
      assert.equal(codeFor(id, most - 1), null)
      assert.equal(codeFor(id, most), null)
      assert.equal(codeFor(id, most + 1), code)
    }
    assert.equal(codeFor(MESSAGE_ID.HASHES, 49 + 32 * 8_768), null)
    assert.equal(codeFor(MESSAGE_ID.HASHES, 49 + 32 * 8_769), 'hashes-size')
    assert.equal(codeFor(77, 1_048_576), 'unknown-message-too-long')
    assert.equal(codeFor(77, 1_048_577), 'message-too-long')
  })
})

it('errors of sizes that are judged later have the same codes', () => {
  assert.equal(bitfieldSizeError(1, 2).code, 'bitfield-size')
  assert.equal(hashesSizeError(1).code, 'hashes-size')
})
