import assert from 'node:assert/strict'
import { it } from 'node:test'
import { MESSAGE_ID } from '../../../src/wire/messages.ts'

it('messages have the ids of BEP 4', () => {
  assert.deepEqual(MESSAGE_ID, {
    CHOKE: 0x00,
    UNCHOKE: 0x01,
    INTERESTED: 0x02,
    NOT_INTERESTED: 0x03,
    HAVE: 0x04,
    BITFIELD: 0x05,
    REQUEST: 0x06,
    PIECE: 0x07,
    CANCEL: 0x08,
    PORT: 0x09,
    SUGGEST: 0x0d,
    HAVE_ALL: 0x0e,
    HAVE_NONE: 0x0f,
    REJECT: 0x10,
    ALLOWED_FAST: 0x11,
    EXTENDED: 0x14,
    HASH_REQUEST: 0x15,
    HASHES: 0x16,
    HASH_REJECT: 0x17,
  })
})
