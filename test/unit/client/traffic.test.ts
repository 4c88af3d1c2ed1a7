import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SessionLimits } from '../../../src/client/session-options.ts'
import { type Address, address } from '../../../src/core/address.ts'
import { type CreditUser, Traffic } from '../../../src/client/traffic.ts'
import { BandwidthScheduler } from '../../../src/swarm/bandwidth.ts'
import { manualTurns, Owner } from '../../support/manual-turns.ts'

const BLOCK = 16_384

function bench(limits: SessionLimits = {}) {
  const { time, turns } = manualTurns()
  const errors: unknown[] = []
  const traffic = new Traffic({
    scheduler: new BandwidthScheduler(),
    turns,
    limits,
    fail: error => errors.push(error),
  })
  return { time, turns, traffic, errors }
}

type Bench = ReturnType<typeof bench>

/** A connection that downloads all it may, block by block. */
class Greedy extends Owner implements CreditUser {
  readonly address: Address
  readonly accounts: ReturnType<Traffic['open']>
  moved = 0
  isBroken = false
  readonly #bench: Bench

  constructor(of: Bench, host = '192.0.2.1') {
    super()
    this.address = address(host, 6881)
    this.#bench = of
    this.accounts = of.traffic.open(this, of.traffic.channels({ download: Infinity, upload: Infinity }))
  }

  creditCame(now: number): void {
    if (this.isBroken) throw new Error('broken')
    for (let i = 0; i < 100; i++) {
      const granted = this.accounts.download.take(BLOCK, now)
      if (granted === 0) return
      this.moved += granted
    }
  }

  begin(): void {
    this.#bench.turns.enter(this, now => this.creditCame(now))
  }
}

describe('Traffic', () => {
  it('wakes who was refused credit when there is some, and shares it', () => {
    const of = bench({ downloadLimit: 10 * BLOCK })
    const users = [new Greedy(of), new Greedy(of), new Greedy(of)]
    for (const user of users) user.begin()
    assert.ok(Number.isFinite(of.time.alarmAt))
    of.time.pass(60_000)
    for (const { moved } of users) assert.ok(Math.abs(moved / (200 * BLOCK) - 1) < 0.05, `${moved}`)
  })

  it('wakes nobody where nothing is limited', () => {
    const of = bench()
    const user = new Greedy(of)
    user.begin()
    assert.equal(user.moved, 100 * BLOCK)
    assert.equal(of.time.alarmAt, Number.POSITIVE_INFINITY)
  })

  it('keeps the directions apart', () => {
    const of = bench({ downloadLimit: BLOCK })
    const user = new Greedy(of)
    user.begin()
    assert.equal(user.accounts.upload.take(50 * BLOCK, of.time.now), 50 * BLOCK)
  })

  it('gives the share of who left to those who stay', () => {
    const of = bench({ downloadLimit: 10 * BLOCK })
    const [stays, leaves] = [new Greedy(of), new Greedy(of)]
    for (const user of [stays, leaves]) user.begin()
    of.time.pass(10_000)
    const before = stays.moved
    const end = leaves.moved
    of.traffic.close(leaves.accounts)
    of.time.pass(10_000)
    assert.equal(leaves.moved, end)
    assert.ok((stays.moved - before) / (100 * BLOCK) > 0.95)
  })

  it('makes a fault that one meets its own, and wakes the others', () => {
    const of = bench({ downloadLimit: 10 * BLOCK })
    const [broken, well] = [new Greedy(of), new Greedy(of)]
    for (const user of [broken, well]) user.begin()
    broken.isBroken = true
    const before = well.moved
    of.time.pass(5_000)
    assert.equal(broken.errors[0], 'broken')
    assert.ok(well.moved > before)
    assert.deepEqual(of.errors, [])
  })
})
