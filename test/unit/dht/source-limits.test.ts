import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { address } from '../../../src/core/address.ts'
import { DHT_LIMITS } from '../../../src/dht/limits.ts'
import { SourceLimits } from '../../../src/dht/source-limits.ts'

const A = address('203.0.113.1', 6881)
const B = address('203.0.113.2', 6881)

suite('questions of one source', () => {
  it('are answered in a burst, and then so many a second', () => {
    const limits = new SourceLimits()
    for (let i = 0; i < DHT_LIMITS.questionBurst; i++) assert.ok(limits.mayAsk(A, 0))
    assert.ok(limits.mayAsk(A, 1000 / DHT_LIMITS.questionsPerSource))
  })

  it('are not answered for a while when they were too many, whatever its port; others are', () => {
    const limits = new SourceLimits()
    for (let i = 0; i < DHT_LIMITS.questionBurst; i++) limits.mayAsk(A, 0)
    assert.equal(limits.mayAsk({ ...A, port: 7 }, 0), false)
    assert.ok(limits.mayAsk(B, 0))
    assert.equal(limits.mayAsk(A, DHT_LIMITS.sourceSilence - 1), false)
    assert.ok(limits.mayAsk(A, DHT_LIMITS.sourceSilence))
  })
})

suite('answers', () => {
  it('are so many bytes in all, and more with time', () => {
    const limits = new SourceLimits()
    assert.ok(limits.mayAnswer(DHT_LIMITS.answerBurst, 0))
    assert.equal(limits.mayAnswer(300, 0), false)
    assert.equal(limits.mayAnswer(DHT_LIMITS.answerBytes + 1, 1000), false)
    assert.ok(limits.mayAnswer(DHT_LIMITS.answerBytes, 1000))
  })
})
