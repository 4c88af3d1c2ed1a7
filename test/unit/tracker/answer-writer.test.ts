import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { latin1Text } from '../../../src/core/bytes.ts'
import { AnswerWriter } from '../../../src/tracker/answer-writer.ts'

suite('AnswerWriter', () => {
  test('puts texts and bytes one after the other', () => {
    const writer = new AnswerWriter()
    writer
      .text('3:')
      .bytes(Uint8Array.of(1, 0xff, 3))
      .text('e')
    assert.equal(latin1Text(writer.written), '3:\u0001\u00ff\u0003e')
  })

  test('takes a part of longer bytes', () => {
    const writer = new AnswerWriter()
    assert.deepEqual([...writer.bytes(Uint8Array.of(1, 2, 3, 4), 2).written], [1, 2])
    assert.deepEqual([...writer.clear().bytes(Uint8Array.of(1, 2), 0).written], [])
  })

  test('grows with what is written, and starts again', () => {
    const writer = new AnswerWriter()
    for (let i = 0; i < 1000; i++) writer.text('0123456789')
    assert.equal(latin1Text(writer.written), '0123456789'.repeat(1000))
    assert.equal(latin1Text(writer.clear().text('x').written), 'x')
  })
})
