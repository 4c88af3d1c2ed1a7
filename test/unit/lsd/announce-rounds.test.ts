import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AnnounceRounds } from '../../../src/lsd/announce-rounds.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

function roundsOf(count: number, now = 0): AnnounceRounds {
  const rounds = new AnnounceRounds({ most: 24 })
  for (let i = 0; i < count; i++) rounds.add(String(i), now)
  return rounds
}

/** The datagrams that are sent until then: when, and whom they announce. */
function play(rounds: AnnounceRounds, from: number, until: number) {
  const sent: { at: number; keys: number[] }[] = []
  for (let now = from; now <= until; now = Math.max(now, rounds.deadline())) {
    const keys = rounds.next(now)
    if (keys) sent.push({ at: now, keys: keys.map(Number) })
  }
  return sent
}

describe('whom to announce', () => {
  it('is a torrent after a second, and again every five minutes', () => {
    const sent = play(roundsOf(1), 0, 16 * MINUTE)
    assert.deepEqual(
      sent.map(({ at }) => at),
      [SECOND, 5 * MINUTE + SECOND, 10 * MINUTE + SECOND, 15 * MINUTE + SECOND],
    )
  })

  it('is each of five alone, and many in one datagram', () => {
    assert.deepEqual(
      play(roundsOf(5), 0, MINUTE).map(({ keys }) => keys),
      [[0], [1], [2], [3], [4]],
    )
    const [first, ...rest] = play(roundsOf(6), 0, MINUTE)
    assert.deepEqual([first!.keys, rest], [[0, 1, 2, 3, 4, 5], []])
  })

  it('is nobody where there is none, and nobody who left', () => {
    const rounds = roundsOf(2)
    rounds.remove('0')
    assert.deepEqual(
      play(rounds, 0, MINUTE).map(({ keys }) => keys),
      [[1]],
    )
    rounds.remove('1')
    assert.equal(rounds.deadline(), Number.POSITIVE_INFINITY)
    assert.deepEqual([rounds.size, rounds.next(60 * MINUTE)], [0, null])
  })

  it('is not the same one again because it is named again', () => {
    const rounds = roundsOf(1)
    play(rounds, 0, 2 * SECOND)
    rounds.add('0', 3 * SECOND)
    assert.deepEqual(play(rounds, 3 * SECOND, 4 * MINUTE), [])
  })

  it('of thousands is one datagram a minute, after the first five, and never anybody twice within five minutes', () => {
    const rounds = roundsOf(10_000)
    const sent = play(rounds, 0, 60 * MINUTE)
    assert.equal(sent.filter(({ at }) => at <= 2 * SECOND).length, 5)
    assert.ok(sent.length <= 65, String(sent.length))
    assert.ok(sent.every(({ keys }) => keys.length <= 24))
    const all = sent.flatMap(({ keys }) => keys)
    assert.equal(new Set(all).size, all.length)
    const last = play(rounds, 60 * MINUTE, 8 * 60 * MINUTE).flatMap(({ keys }) => keys)
    assert.equal(new Set([...all, ...last]).size, 10_000, 'each has its turn')
  })

  it('is who is new before who was told of before', () => {
    const rounds = roundsOf(200)
    play(rounds, 0, 10 * MINUTE)
    rounds.add('999', 10 * MINUTE)
    const [next] = play(rounds, 10 * MINUTE, 12 * MINUTE)
    assert.equal(next!.keys[0], 999)
  })
})
