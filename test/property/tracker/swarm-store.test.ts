import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { TRACKER_LIMITS } from '../../../src/tracker/limits.ts'
import { TICK } from '../../../src/tracker/peer-mark.ts'
import { SharedSwarmStore } from '../../../src/tracker/shared-swarm-store.ts'
import { NaiveSwarmStore } from '../../support/naive-swarm-store.ts'
import { seededDice } from '../../support/seeded-dice.ts'
import { announceOf, infoHashOf, peersOf } from '../../support/swarm-announces.ts'

const LIFETIME_SECONDS = 1800
const PEERS_PER_HOST = 4

const HOSTS = [
  ...Array.from({ length: 60 }, (_, i) => `198.51.100.${i}`),
  ...Array.from({ length: 20 }, (_, i) => `10.0.0.${i}`),
  ...Array.from({ length: 60 }, (_, i) => `2001:db8:0:${i.toString(16)}::1`),
  ...Array.from({ length: 5 }, (_, i) => `2001:db8::${i}`),
  '127.0.0.1',
  '::1',
  'fe80::1',
]

const oneAnnounce = fc.record({
  type: fc.constant('announce' as const),
  swarm: fc.nat(2),
  host: fc.constantFrom(...HOSTS),
  port: fc.integer({ min: 1, max: 6 }),
  kind: fc.constantFrom(
    'leech',
    'seed',
    'seed',
    'partial',
    'starting seed',
    'completed',
    'stopped',
    'stopped seed',
  ),
  numWant: fc.constantFrom(0, 1, 3, 10, 50, TRACKER_LIMITS.numWantMax),
})
/** So many peers at once that lists split, or that they merge again. */
const crowd = fc.record({
  type: fc.constant('crowd' as const),
  swarm: fc.nat(2),
  from: fc.nat(HOSTS.length - 1),
  count: fc.integer({ min: 20, max: HOSTS.length }),
  kind: fc.constantFrom('leech', 'seed', 'stopped'),
  port: fc.integer({ min: 1, max: 6 }),
})
const pause = fc.record({ type: fc.constant('pause' as const), minutes: fc.integer({ min: 0, max: 40 }) })
const sweep = fc.record({ type: fc.constant('sweep' as const) })
const commands = fc.array(
  fc.oneof(
    { arbitrary: oneAnnounce, weight: 10 },
    { arbitrary: crowd, weight: 4 },
    { arbitrary: pause, weight: 2 },
    { arbitrary: sweep, weight: 2 },
  ),
  { maxLength: 60 },
)

interface Told {
  readonly swarm: number
  readonly host: string
  readonly port: number
  readonly kind: string
  readonly numWant: number
}

function announceFor({ swarm, host, port, kind, numWant }: Told) {
  return announceOf({
    infoHash: infoHashOf(swarm),
    host,
    port,
    peer: HOSTS.indexOf(host) * 10 + port,
    isSeed: kind.endsWith('seed') || kind === 'completed',
    isPartialSeed: kind === 'partial',
    hasStarted: kind === 'starting seed',
    hasCompleted: kind === 'completed',
    hasStopped: kind.startsWith('stopped'),
    numWant,
  })
}

suite('the swarm store and its model', () => {
  test('agree on who is there, whatever happens', () => {
    fc.assert(
      fc.property(commands, fc.nat(), fc.boolean(), (steps, seed, keepsPeerIds) => {
        const options = { lifetimeSeconds: LIFETIME_SECONDS, peersPerHost: PEERS_PER_HOST }
        const parts = { dice: seededDice(seed), seed, keepsPeerIds, memoryLimit: 2 ** 22 }
        const real = new SharedSwarmStore({ ...options, ...parts })
        const model = new NaiveSwarmStore({ ...options, tick: TICK })
        let now = 0
        const tell = (told: Told) => compare(real, model, announceFor(told), now)
        for (const step of steps) {
          if (step.type === 'announce') tell(step)
          else if (step.type === 'crowd') {
            for (let i = 0; i < step.count; i++) {
              tell({ ...step, host: HOSTS[(step.from + i) % HOSTS.length]!, numWant: 5 })
            }
          } else if (step.type === 'pause') now += step.minutes * 60_000
          else {
            real.sweep(now, 1)
            model.sweep(now)
            compareStats(real, model)
          }
        }
        compareStats(real, model)
      }),
      { numRuns: 150 },
    )
  })
})

function compare(
  real: SharedSwarmStore,
  model: NaiveSwarmStore,
  announce: ReturnType<typeof announceOf>,
  now: number,
): void {
  const answer = real.announce(announce, now)
  const everyone = model.announce({ ...announce, numWant: Infinity }, now)
  for (const key of ['complete', 'incomplete', 'downloaded', 'downloaders', 'isRemembered'] as const) {
    assert.equal(answer[key], everyone[key], key)
  }
  const told = peersOf(answer)
  const allowed = peersOf(everyone)
  assert.equal(new Set(told).size, told.length, 'nobody is told of twice')
  assert.ok(told.length <= announce.numWant, 'not more than wanted')
  assert.deepEqual(
    told.filter(peer => !allowed.includes(peer)),
    [],
    'nobody who must not be told of',
  )
  if (announce.isSeed) {
    const leeches = peersOf(model.announce({ ...announce, hasStarted: false, numWant: Infinity }, now))
    const leechesTold = told.filter(peer => leeches.includes(peer)).length
    if (told.length > leechesTold && announce.numWant >= 2 * leeches.length) {
      assert.equal(leechesTold, leeches.length, 'no seed in the place of a leech')
    }
  }
  if (announce.numWant >= 2 * allowed.length) assert.deepEqual(told, allowed, 'everybody, where that fits')
}

function compareStats(real: SharedSwarmStore, model: NaiveSwarmStore): void {
  const mine = real.stats()
  const theirs = model.stats()
  assert.equal(mine.swarms, theirs.swarms)
  assert.equal(mine.seeds, theirs.seeds)
  assert.equal(mine.leeches, theirs.leeches)
  for (const swarm of [0, 1, 2]) {
    const counts = real.scrape(infoHashOf(swarm))
    assert.deepEqual(counts === null ? null : { ...counts }, model.scrape(infoHashOf(swarm)))
  }
}
