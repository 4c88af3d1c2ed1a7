import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { isFailure } from '../../../src/tracker/announce.ts'

suite('isFailure', () => {
  test('tells a failure from an answer', () => {
    assert.equal(isFailure({ failure: 'not today' }), true)
    assert.equal(isFailure({ intervalSeconds: 1800 }), false)
  })
})
