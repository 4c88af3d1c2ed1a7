import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { BencodeDict } from '../../../src/bencode/bencode.ts'
import { address } from '../../../src/core/address.ts'
import { DHT_LIMITS } from '../../../src/dht/limits.ts'
import { DHT_DEFAULTS } from '../../../src/dht/options.ts'
import { Questions } from '../../../src/dht/questions.ts'
import { seededDice } from '../../support/seeded-dice.ts'

const A = address('203.0.113.1', 6881)
const B = address('203.0.113.2', 6881)

function newQuestions(): Questions {
  const dice = seededDice(1)
  return new Questions({ bytes: length => Uint8Array.from({ length }, () => dice.below(256)) })
}

function open(questions: Questions, to = A, now = 0) {
  const heard: string[] = []
  const transaction = questions.open(
    to,
    {
      answered: () => heard.push('answered'),
      silent: (_, code) => heard.push(code === undefined ? 'silent' : `refused ${code}`),
      slow: () => heard.push('slow'),
    },
    now,
  )
  return { heard, transaction: transaction! }
}

function response(transaction: Uint8Array) {
  const values = new BencodeDict(new Uint8Array(0))
  return { type: 'response', transaction, id: new Uint8Array(20), values, seenAt: null } as const
}

suite('a question', () => {
  it('is answered from where it went, with its transaction, and once', () => {
    const questions = newQuestions()
    const { heard, transaction } = open(questions)
    assert.equal(transaction.length, 4)
    assert.equal(questions.received(response(transaction), B, 1), false)
    assert.equal(questions.received(response(transaction), { ...A, port: 1 }, 1), false)
    assert.equal(questions.received(response(Uint8Array.of(1, 2, 3, 4)), A, 1), false)
    assert.deepEqual(heard, [])
    assert.equal(questions.received(response(transaction), A, 1), true)
    assert.equal(questions.received(response(transaction), A, 1), false)
    assert.deepEqual(heard, ['answered'])
    assert.equal(questions.deadline(), Number.POSITIVE_INFINITY)
  })

  it('may be refused', () => {
    const questions = newQuestions()
    const { heard, transaction } = open(questions)
    questions.received({ type: 'error', transaction, code: 203, text: 'no' }, A, 1)
    assert.deepEqual(heard, ['refused 203'])
  })

  it('is slow after a while, and given up after a longer one', () => {
    const questions = newQuestions()
    const { heard } = open(questions)
    assert.equal(questions.deadline(), DHT_DEFAULTS.slowAfter)
    questions.tick(DHT_DEFAULTS.slowAfter)
    assert.deepEqual(heard, ['slow'])
    assert.equal(questions.deadline(), DHT_DEFAULTS.answerTimeout)
    questions.tick(DHT_DEFAULTS.answerTimeout)
    assert.deepEqual(heard, ['slow', 'silent'])
  })

  it('may be answered late', () => {
    const questions = newQuestions()
    const { heard, transaction } = open(questions)
    questions.tick(DHT_DEFAULTS.slowAfter)
    questions.received(response(transaction), A, DHT_DEFAULTS.slowAfter)
    assert.deepEqual(heard, ['slow', 'answered'])
  })

  it('is not asked where too many are under way', () => {
    const questions = newQuestions()
    for (let i = 0; i < DHT_LIMITS.questionsUnderWay; i++) open(questions)
    assert.equal(open(questions).transaction, null)
  })
})
