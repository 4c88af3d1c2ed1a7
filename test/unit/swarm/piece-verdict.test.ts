import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judgePiece } from '../../../src/swarm/piece-verdict.ts'

const RIGHT = Uint8Array.of(1, 2, 3)
const WRONG = Uint8Array.of(3, 2, 1)

/** `+` a right hash, `-` a wrong one, `?` none. */
function verdict(v1: string, v2: string, hasCleanPad?: () => boolean): string {
  const found = (mark: string) => (mark === '+' ? RIGHT.slice() : mark === '-' ? WRONG : null)
  return judgePiece(
    7,
    { sha1: found(v1), merkleRoot: found(v2), leaves: null },
    { v1: piece => (piece === 7 ? RIGHT : null), v2: piece => (piece === 7 ? RIGHT : null) },
    hasCleanPad,
  )
}

describe('judgePiece', () => {
  it('goes by the hashes that can be compared', () => {
    assert.deepEqual([verdict('+', '?'), verdict('?', '+'), verdict('+', '+')], ['good', 'good', 'good'])
    assert.deepEqual([verdict('-', '?'), verdict('?', '-'), verdict('-', '-')], ['bad', 'bad', 'bad'])
  })

  it('does not believe what nothing can be compared with', () => {
    assert.equal(verdict('?', '?'), 'bad')
    const digest = { sha1: RIGHT, merkleRoot: RIGHT, leaves: null }
    assert.equal(judgePiece(0, digest, { v1: () => null, v2: () => null }), 'bad')
  })

  it('finds a hybrid contradictory whose hashes disagree', () => {
    assert.equal(verdict('+', '-'), 'contradictory')
    assert.equal(verdict('-', '+'), 'contradictory')
  })

  it('blames a pad that is not all zeros on who sent it, where only v1 covers it', () => {
    assert.equal(
      verdict('-', '+', () => false),
      'bad',
    )
    assert.equal(
      verdict('-', '+', () => true),
      'contradictory',
    )
    assert.equal(
      verdict('+', '-', () => false),
      'contradictory',
    )
  })
})
