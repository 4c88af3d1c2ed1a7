import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Dice } from '../../../src/core/ports.ts'
import { AnnounceSchedule, type AnnounceScheduleOptions } from '../../../src/tracker/announce-schedule.ts'
import { TRACKER_LIMITS } from '../../../src/tracker/limits.ts'
import { seededDice } from '../../support/seeded-dice.ts'

/** Never jitters, and leaves what it shuffles as it is. */
const STEADY: Dice = { fraction: () => 0, below: below => below - 1 }
const MINUTE = 60_000
const HALF_AN_HOUR = { intervalSeconds: 1800, minIntervalSeconds: 300 }
const BROKEN = { message: 'cannot be reached' }

function schedule(
  tiers: AnnounceScheduleOptions['tiers'],
  options: Partial<AnnounceScheduleOptions> = {},
): AnnounceSchedule {
  return new AnnounceSchedule({ tiers, dice: STEADY, ...options })
}

/** What is due, as `tracker event`. */
function due(s: AnnounceSchedule, now: number): string[] {
  return s.due(now).map(({ tracker, event }) => (event === null ? tracker : `${tracker} ${event}`))
}

/** A schedule with one tracker `a` that was told `started` at time 0. */
function started(tiers: AnnounceScheduleOptions['tiers'] = [['a']]): AnnounceSchedule {
  const s = schedule(tiers)
  s.start(0)
  assert.deepEqual(due(s, 0), ['a started'])
  s.succeeded('a', HALF_AN_HOUR, 0)
  return s
}

suite('AnnounceSchedule: one tracker', () => {
  test('does nothing before it is started', () => {
    const s = schedule([['a']])
    assert.deepEqual(due(s, 0), [])
    assert.equal(s.deadline(), Infinity)
    assert.equal(s.isStopped, true)
  })

  test('announces the start, and then at the interval', () => {
    const s = started()
    assert.equal(s.deadline(), 30 * MINUTE)
    assert.deepEqual(due(s, 30 * MINUTE - 1), [])
    assert.deepEqual(due(s, 30 * MINUTE), ['a'])
    assert.deepEqual(due(s, 31 * MINUTE), [], 'one at a time')
    assert.equal(s.deadline(), Infinity, 'while it is under way')
    s.succeeded('a', { intervalSeconds: 600, minIntervalSeconds: null }, 31 * MINUTE)
    assert.deepEqual(due(s, 41 * MINUTE), ['a'])
  })

  test('says started again until somebody heard it', () => {
    const s = schedule([['a']])
    s.start(0)
    assert.deepEqual(due(s, 0), ['a started'])
    assert.equal(s.failed('a', BROKEN, 1000), 16_000)
    assert.deepEqual(due(s, 2000), [])
    assert.equal(s.deadline(), 16_000)
    assert.deepEqual(due(s, 16_000), ['a started'])
  })

  test('waits longer after each failure, half an hour at most', () => {
    const s = schedule([['a']])
    s.start(0)
    const waits: number[] = []
    let now = 0
    for (let i = 0; i < 9; i++) {
      assert.deepEqual(due(s, now), ['a started'])
      s.failed('a', BROKEN, now)
      due(s, now)
      waits.push((s.deadline() - now) / 1000)
      now = s.deadline()
    }
    assert.deepEqual(waits, [15, 30, 60, 120, 240, 480, 960, 1800, 1800])
  })

  test('heeds when a tracker wants to be asked again, and never asks one that said never', () => {
    const s = schedule([['a']])
    s.start(0)
    due(s, 0)
    s.failed('a', { message: 'busy', retryInSeconds: 600 }, 0)
    assert.deepEqual(due(s, 10 * MINUTE - 1), [])
    assert.deepEqual(due(s, 10 * MINUTE), ['a started'])
    s.failed('a', { message: 'gone', retryInSeconds: Infinity }, 10 * MINUTE)
    assert.deepEqual(due(s, 1000 * MINUTE), [])
    assert.equal(s.deadline(), Infinity)
  })

  test('takes intervals that make no sense for the nearest that do', () => {
    const s = started()
    const next = (intervalSeconds: number | null) => {
      const now = s.deadline()
      due(s, now)
      s.succeeded('a', { intervalSeconds, minIntervalSeconds: null }, now)
      return (s.deadline() - now) / 1000
    }
    assert.equal(next(0), TRACKER_LIMITS.shortestIntervalSeconds)
    assert.equal(next(1e9), TRACKER_LIMITS.longestIntervalSeconds)
    assert.equal(next(null), 1800)
    assert.equal(next(90), 90)
  })

  test('is never earlier than the minimum that a tracker names', () => {
    const s = schedule([['a']])
    s.start(0)
    due(s, 0)
    s.succeeded('a', { intervalSeconds: 600, minIntervalSeconds: 900 }, 0)
    assert.equal(s.deadline(), 15 * MINUTE)
  })

  test('comes a little later by chance, never earlier', () => {
    for (let seed = 0; seed < 20; seed++) {
      const s = schedule([['a']], { dice: seededDice(seed) })
      s.start(0)
      due(s, 0)
      s.succeeded('a', HALF_AN_HOUR, 0)
      assert.ok(s.deadline() >= 30 * MINUTE && s.deadline() <= 30.6 * MINUTE)
    }
  })

  test('asks earlier where peers are wanted, as early as the minimum allows', () => {
    const s = started()
    s.wantPeers(MINUTE)
    assert.equal(s.deadline(), 5 * MINUTE)
    assert.deepEqual(due(s, 5 * MINUTE), ['a'])
    s.succeeded('a', { intervalSeconds: 1800, minIntervalSeconds: null }, 5 * MINUTE)
    s.wantPeers(6 * MINUTE)
    assert.equal(s.deadline(), 7 * MINUTE, 'two minutes where no minimum is named')
    s.wantPeers(20 * MINUTE)
    assert.equal(s.deadline(), 7 * MINUTE, 'never later')
  })

  test('may be given shorter intervals', () => {
    const s = schedule([['a']], { shortestIntervalSeconds: 1 })
    s.start(0)
    due(s, 0)
    s.succeeded('a', { intervalSeconds: 2, minIntervalSeconds: 1 }, 0)
    assert.equal(s.deadline(), 2000)
  })
})

suite('AnnounceSchedule: completed and stopped', () => {
  test('announces the completion at once, and once', () => {
    const s = started()
    s.complete(MINUTE)
    s.complete(MINUTE)
    assert.ok(s.deadline() <= MINUTE)
    assert.deepEqual(due(s, MINUTE), ['a completed'])
    s.succeeded('a', HALF_AN_HOUR, MINUTE)
    assert.deepEqual(due(s, 31 * MINUTE), ['a'])
  })

  test('announces the completion again until it is heard', () => {
    const s = started()
    s.complete(MINUTE)
    assert.deepEqual(due(s, MINUTE), ['a completed'])
    const again = s.failed('a', BROKEN, MINUTE)
    assert.deepEqual(due(s, again - 1), [])
    assert.deepEqual(due(s, again), ['a completed'])
  })

  test('does not announce a completion where everything was there at the start', () => {
    const s = schedule([['a']])
    s.start(0, true)
    s.complete(0)
    assert.deepEqual(due(s, 0), ['a started'])
    s.succeeded('a', HALF_AN_HOUR, 0)
    s.complete(1)
    assert.deepEqual(due(s, MINUTE), [])
  })

  test('announces a completion that came while the start was under way', () => {
    const s = schedule([['a']])
    s.start(0)
    due(s, 0)
    s.complete(1)
    assert.deepEqual(due(s, 2), [])
    s.succeeded('a', HALF_AN_HOUR, 3)
    assert.deepEqual(due(s, 3), ['a completed'])
  })

  test('does not tell a tracker of a completion whose first announce came after it', () => {
    const s = schedule([['a']])
    s.start(0)
    due(s, 0)
    s.failed('a', BROKEN, 0)
    s.complete(1)
    assert.deepEqual(due(s, MINUTE), ['a started'])
    s.succeeded('a', HALF_AN_HOUR, MINUTE)
    assert.deepEqual(due(s, 2 * MINUTE), [])
  })

  test('announces the end once, to who heard the start', () => {
    const s = started([['a'], ['b']])
    s.stop(MINUTE)
    assert.equal(s.isStopped, false)
    assert.ok(s.deadline() <= MINUTE)
    assert.deepEqual(due(s, MINUTE), ['a stopped'])
    s.succeeded('a', HALF_AN_HOUR, MINUTE)
    assert.equal(s.isStopped, true)
    assert.deepEqual(due(s, 100 * MINUTE), [])
    assert.equal(s.deadline(), Infinity)
  })

  test('leaves it at one try to announce the end', () => {
    const s = started()
    s.stop(MINUTE)
    due(s, MINUTE)
    s.failed('a', BROKEN, MINUTE)
    assert.equal(s.isStopped, true)
  })

  test('announces the end after a start that is under way, whether it is heard or cut short', () => {
    for (const isHeard of [true, false]) {
      const s = schedule([['a']])
      s.start(0)
      due(s, 0)
      s.stop(1)
      assert.deepEqual(due(s, 1), [])
      assert.equal(s.isStopped, false)
      if (isHeard) s.succeeded('a', HALF_AN_HOUR, 2)
      else s.failed('a', BROKEN, 2)
      assert.deepEqual(due(s, 2), ['a stopped'])
    }
  })

  test('is stopped at once where nobody heard the start', () => {
    const s = schedule([['a']])
    s.start(0)
    due(s, 0)
    s.failed('a', BROKEN, 0)
    s.stop(1)
    assert.equal(s.isStopped, true)
  })

  test('can be started again', () => {
    const s = started()
    s.stop(1)
    due(s, 1)
    s.succeeded('a', HALF_AN_HOUR, 1)
    s.start(MINUTE)
    assert.deepEqual(due(s, MINUTE), ['a started'])
  })
})

suite('AnnounceSchedule: tiers (BEP 12)', () => {
  test('is content with the first tracker that answers', () => {
    const s = started([['a', 'b'], ['c']])
    assert.deepEqual(due(s, MINUTE), [])
  })

  test('goes through a tier and then to the next at once, and begins at the front each time', () => {
    const s = schedule([['a', 'b'], ['c']])
    s.start(0)
    assert.deepEqual(due(s, 0), ['a started'])
    s.failed('a', BROKEN, 1)
    assert.deepEqual(due(s, 1), ['b started'])
    s.failed('b', BROKEN, 2)
    assert.deepEqual(due(s, 2), ['c started'])
    s.succeeded('c', HALF_AN_HOUR, 3)
    assert.deepEqual(due(s, 3), [])
    assert.deepEqual(due(s, 31 * MINUTE), ['a started'])
  })

  test('moves who answers to the front of its tier', () => {
    const s = schedule([['a', 'b'], ['c']])
    s.start(0)
    due(s, 0)
    s.failed('a', BROKEN, 0)
    due(s, 0)
    s.succeeded('b', HALF_AN_HOUR, 0)
    assert.deepEqual(
      s.states().map(state => state.tracker),
      ['b', 'a', 'c'],
    )
    assert.deepEqual(due(s, 31 * MINUTE), ['b'])
  })

  test('waits for the first back-off to end when nobody answers', () => {
    const s = schedule([['a'], ['b']])
    s.start(0)
    due(s, 0)
    s.failed('a', BROKEN, 0)
    due(s, 0)
    s.failed('b', { message: 'busy', retryInSeconds: 60 }, 0)
    assert.deepEqual(due(s, 0), [])
    assert.equal(s.deadline(), 15_000)
    assert.deepEqual(due(s, 15_000), ['a started'])
    s.failed('a', BROKEN, 15_000)
    assert.deepEqual(due(s, 15_000), [], 'b is not asked before its time')
  })

  test('shuffles each tier', () => {
    const orders = new Set<string>()
    for (let seed = 0; seed < 50; seed++) {
      const s = schedule([['a', 'b', 'c'], ['d']], { dice: seededDice(seed) })
      const order = s.states().map(state => state.tracker)
      assert.equal(order[3], 'd')
      orders.add(order.join(''))
    }
    assert.equal(orders.size, 6)
  })

  test('tells the end to every tracker that heard a start', () => {
    const s = started([['a'], ['b']])
    assert.deepEqual(due(s, 30 * MINUTE), ['a'])
    s.failed('a', BROKEN, 30 * MINUTE)
    assert.deepEqual(due(s, 30 * MINUTE), ['b started'])
    s.succeeded('b', HALF_AN_HOUR, 30 * MINUTE)
    s.complete(31 * MINUTE)
    assert.deepEqual(due(s, 31 * MINUTE).sort(), ['a completed', 'b completed'])
    s.succeeded('a', HALF_AN_HOUR, 31 * MINUTE)
    s.succeeded('b', HALF_AN_HOUR, 31 * MINUTE)
    s.stop(32 * MINUTE)
    assert.deepEqual(due(s, 32 * MINUTE).sort(), ['a stopped', 'b stopped'])
  })

  test('announces to one of every tier where it is told to', () => {
    const s = schedule([['a', 'b'], ['c']], { breadth: 'every-tier' })
    s.start(0)
    assert.deepEqual(due(s, 0), ['a started', 'c started'])
    s.failed('a', BROKEN, 0)
    assert.deepEqual(due(s, 0), ['b started'])
    s.succeeded('c', { intervalSeconds: 600, minIntervalSeconds: null }, 0)
    assert.equal(s.deadline(), 10 * MINUTE)
  })

  test('announces to every tracker where it is told to, each with its own times', () => {
    const s = schedule([['a', 'b'], ['c']], { breadth: 'every-tracker' })
    s.start(0)
    assert.deepEqual(due(s, 0), ['a started', 'b started', 'c started'])
    s.failed('a', BROKEN, 0)
    s.succeeded('b', HALF_AN_HOUR, 0)
    s.succeeded('c', { intervalSeconds: 600, minIntervalSeconds: null }, 0)
    assert.deepEqual(due(s, 5 * MINUTE), ['a started'])
    s.succeeded('a', HALF_AN_HOUR, 5 * MINUTE)
    assert.deepEqual(due(s, 10 * MINUTE), ['c'])
    assert.deepEqual(
      s.states().map(({ tracker, tier }) => `${tracker} ${tier}`),
      ['a 0', 'b 0', 'c 1'],
    )
    s.stop(11 * MINUTE)
    assert.deepEqual(due(s, 11 * MINUTE), ['a stopped', 'b stopped'])
    s.succeeded('c', HALF_AN_HOUR, 11 * MINUTE)
    assert.deepEqual(due(s, 11 * MINUTE), ['c stopped'])
  })

  test('takes no tracker twice and not too many', () => {
    const tiers = [['a', 'a'], ['a'], Array.from({ length: 300 }, (_, i) => `t${i}`)]
    assert.equal(schedule(tiers).states().length, TRACKER_LIMITS.trackers)
  })

  test('takes trackers that are found later', () => {
    const s = schedule([])
    s.start(0)
    assert.deepEqual(due(s, 0), [])
    s.addTier(['a'])
    assert.deepEqual(due(s, 0), ['a started'])
  })
})

suite('AnnounceSchedule: what people see', () => {
  test('has a state for each tracker', () => {
    const s = schedule([['a'], ['b'], ['c']])
    s.start(0)
    due(s, 0)
    s.failed('a', BROKEN, 0)
    due(s, 0)
    s.succeeded('b', { ...HALF_AN_HOUR, warning: 'slow down' }, 0)
    assert.deepEqual(
      s
        .states()
        .map(({ tracker, tier, state, message, nextAt, failures }) => [
          tracker,
          tier,
          state,
          message,
          nextAt,
          failures,
        ]),
      [
        ['a', 0, 'failed', 'cannot be reached', 15_000, 1],
        ['b', 1, 'working', 'slow down', 30 * MINUTE, 0],
        ['c', 2, 'idle', null, Infinity, 0],
      ],
    )
    due(s, 30 * MINUTE)
    assert.equal(s.states()[0]?.state, 'announcing')
  })

  test('sends a tracker its id back', () => {
    const s = schedule([['a']])
    s.start(0)
    due(s, 0)
    assert.equal(s.trackerId('a'), undefined)
    s.succeeded('a', { ...HALF_AN_HOUR, trackerId: 'x' }, 0)
    due(s, 30 * MINUTE)
    s.succeeded('a', { ...HALF_AN_HOUR, trackerId: null }, 30 * MINUTE)
    assert.equal(s.trackerId('a'), 'x')
  })

  test('takes no notice of a report that it did not ask for', () => {
    const s = started()
    s.succeeded('a', { intervalSeconds: 60, minIntervalSeconds: null }, 1)
    s.failed('a', BROKEN, 1)
    s.failed('nobody', BROKEN, 1)
    assert.equal(s.deadline(), 30 * MINUTE)
    assert.equal(s.states()[0]?.state, 'working')
  })
})
