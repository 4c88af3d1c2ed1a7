import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Account, BandwidthScheduler, type Channel } from '../../../src/swarm/bandwidth.ts'

const UNLIMITED = Number.POSITIVE_INFINITY
const KIB = 1024
const MIB = 1024 * KIB

/** Someone who moves blocks whenever there is credit, `appetite` bytes at a time. */
interface User {
  readonly account: Account
  readonly appetite: number
  moved: number
}

/** A virtual clock and those who spend. Timers are late by up to `lateness`, as they are. */
class World {
  readonly scheduler = new BandwidthScheduler()
  readonly users: User[] = []
  now = 0
  readonly #lateness: number

  constructor(options: { lateness?: number } = {}) {
    this.#lateness = options.lateness ?? 0
  }

  user(channels: readonly Channel[], appetite = 8 * MIB): User {
    const user = { account: this.scheduler.account(channels, 'up'), appetite, moved: 0 }
    this.users.push(user)
    return user
  }

  /** Everyone goes on until they are refused, and again when they are named. */
  run(duration: number): void {
    const end = this.now + duration
    for (const user of this.users) this.#drain(user)
    while (true) {
      const at = Math.max(this.now, this.scheduler.deadline()) + this.#lateness
      if (!(at <= end)) break
      this.now = at
      for (const account of this.scheduler.ready(at)) {
        this.#drain(this.users.find(user => user.account === account)!)
      }
    }
    this.now = end
  }

  #drain(user: User): void {
    for (let turns = 0; turns < 100; turns++) {
      const granted = user.account.take(user.appetite, this.now)
      if (granted === 0) return
      user.moved += granted
    }
  }
}

function assertRate(moved: number, expected: number, what: string): void {
  const error = moved / expected - 1
  assert.ok(Math.abs(error) < 0.03, `${what}: ${(100 * error).toFixed(2)} % off`)
}

/** Jain's index: 1 where all have the same. */
function fairness(users: readonly User[]): number {
  const sum = users.reduce((total, user) => total + user.moved, 0)
  const squares = users.reduce((total, user) => total + user.moved ** 2, 0)
  return sum ** 2 / (users.length * squares)
}

describe('a limit', () => {
  for (const lateness of [0, 1, 15, 60, 400, 800]) {
    for (const limit of [20 * KIB, 300 * KIB, 5 * MIB, 200 * MIB]) {
      it(`of ${limit / KIB} KiB/s is kept within 3 % with timers ${lateness} ms late`, () => {
        const world = new World({ lateness })
        const session = world.scheduler.channel('session', limit)
        for (let i = 0; i < 3; i++) world.user([session])
        world.run(60_000)
        const moved = world.users.reduce((total, user) => total + user.moved, 0)
        assertRate(moved, 60 * limit, 'total')
      })
    }
  }

  it('is kept by one who wants a block at a time', () => {
    const world = new World({ lateness: 2 })
    const user = world.user([world.scheduler.channel('session', 2 * MIB)], 16 * KIB)
    world.run(20_000)
    assertRate(user.moved, 40 * MIB, 'total')
  })

  it('lower than a block a second lets one through at once and the next when that is paid', () => {
    const world = new World()
    const user = world.user([world.scheduler.channel('session', KIB)])
    world.run(100)
    assert.ok(user.moved >= 16 * KIB)
    world.run(160_000 - 100)
    assertRate(user.moved, 160 * KIB + 16 * KIB, 'total')
  })

  it('can be changed while others wait', () => {
    const world = new World()
    const session = world.scheduler.channel('session', 10 * KIB)
    const user = world.user([session])
    world.run(10_000)
    session.setLimit(10 * MIB)
    const before = user.moved
    world.run(10_000)
    assertRate(user.moved - before, 100 * MIB, 'after')
    session.setLimit(UNLIMITED)
    assert.equal(user.account.take(10 ** 12, world.now), 10 ** 12)
    assert.equal(world.scheduler.deadline(), UNLIMITED)
  })

  it('of zero lets nothing through', () => {
    const world = new World()
    const user = world.user([world.scheduler.channel('session', 0)])
    world.run(1000)
    assert.equal(user.moved, 0)
    assert.equal(world.scheduler.deadline(), UNLIMITED)
  })

  it('counts overhead that went without asking', () => {
    const world = new World()
    const session = world.scheduler.channel('session', MIB)
    const user = world.user([session])
    for (let second = 0; second < 20; second++) {
      user.account.spend(256 * KIB, world.now)
      world.run(1000)
    }
    assertRate(user.moved, 20 * 768 * KIB, 'payload')
  })

  it('gets back what was taken and not used', () => {
    const world = new World()
    const session = world.scheduler.channel('session', MIB)
    const user = world.user([session])
    world.run(100)
    const granted = user.account.take(16 * KIB, world.now)
    user.account.giveBack(granted)
    const before = session.available(world.now)
    assert.equal(session.available(world.now), before)
    world.run(9900)
    assertRate(user.moved, 10 * MIB, 'total')
  })
})

describe('without a limit', () => {
  it('everything is granted at once, and nobody waits', () => {
    const { scheduler } = new World()
    const account = scheduler.account([scheduler.channel('session', UNLIMITED)], 'down')
    assert.equal(account.take(123_456_789, 0), 123_456_789)
    assert.deepEqual(scheduler.ready(0), [])
    assert.equal(scheduler.deadline(), UNLIMITED)
    assert.equal(scheduler.account([], 'down').take(5, 0), 5)
  })
})

describe('those who share a limit', () => {
  for (const count of [2, 7, 50]) {
    it(`get equal parts, all ${count} of them`, () => {
      const world = new World({ lateness: 3 })
      const session = world.scheduler.channel('session', 4 * MIB)
      for (let i = 0; i < count; i++) world.user([session], i % 2 === 0 ? 256 * KIB : 8 * MIB)
      world.run(30_000)
      assert.ok(fairness(world.users) > 0.99, `${fairness(world.users)}`)
    })
  }

  it('get what another does not need', () => {
    const world = new World()
    const session = world.scheduler.channel('session', MIB)
    const slow = world.user([session, world.scheduler.channel('slow', 64 * KIB)])
    const fast = world.user([session])
    world.run(20_000)
    assertRate(slow.moved, 20 * 64 * KIB, 'the slow one')
    assertRate(fast.moved, 20 * 960 * KIB, 'the other')
  })

  it('share it though one of them came first, and one late', () => {
    const world = new World()
    const session = world.scheduler.channel('session', MIB)
    const first = world.user([session])
    world.run(10_000)
    const before = first.moved
    const late = world.user([session])
    world.run(20_000)
    assertRate(late.moved, 10 * MIB, 'the late one')
    assertRate(first.moved - before, 10 * MIB, 'the first one')
  })

  it('do not wait for one whose own limit keeps it from its turn', () => {
    const world = new World()
    const session = world.scheduler.channel('session', MIB)
    world.user([session, world.scheduler.channel('shut', 0)])
    const other = world.user([session])
    world.run(10_000)
    assertRate(other.moved, 10 * MIB, 'the other')
  })

  it('inherit from one that closes while it waits, or with credit untouched', () => {
    const { scheduler } = new World()
    const session = scheduler.channel('session', MIB)
    const [ann, ben] = [scheduler.account([session], 'up'), scheduler.account([session], 'up')]
    ann.take(8 * MIB, 0)
    ben.take(8 * MIB, 0)
    assert.deepEqual(scheduler.ready(100), [ann, ben])
    assert.ok(ann.credit > 0)
    ann.close()
    ben.close()
    assert.equal(session.waiters, 0)
    const cem = scheduler.account([session], 'up')
    assert.ok(cem.take(MIB, 100) >= 96 * KIB)
    cem.close()
    assert.deepEqual(scheduler.ready(200), [])
  })
})

describe('an account', () => {
  it('gets no credit under a limit for what it took when there was none', () => {
    const scheduler = new BandwidthScheduler()
    const channel = scheduler.channel('session', Infinity)
    const [one, two] = [scheduler.account([channel], 'down'), scheduler.account([channel], 'down')]
    assert.equal(one.take(8 << 20, 0), 8 << 20)
    channel.setLimit(65_536)
    one.giveBack(8 << 20)
    assert.ok(two.take(8 << 20, 1000) <= 131_072)
  })

  it('is granted whole blocks, or all that it wanted', () => {
    const world = new World()
    const account = world.scheduler.account([world.scheduler.channel('session', 100_000)], 'up')
    assert.equal(account.take(100, 0), 100)
    assert.equal(account.take(50_000, 0), 16_384)
    assert.equal(account.take(50_000, 0), 0)
  })

  it('has to pass all of its channels', () => {
    const world = new World()
    const session = world.scheduler.channel('session', MIB)
    const torrent = world.scheduler.channel('torrent', 512 * KIB)
    const user = world.user([session, torrent, world.scheduler.channel('peer', 128 * KIB)])
    const other = world.user([session, torrent])
    world.run(20_000)
    assertRate(user.moved, 20 * 128 * KIB, 'limited by its own')
    assertRate(user.moved + other.moved, 20 * 512 * KIB, "limited by the torrent's")
  })

  it('loses credit that it left untouched when the next turn comes', () => {
    const { scheduler } = new World()
    const session = scheduler.channel('session', MIB)
    const account = scheduler.account([session], 'up')
    account.take(8 * MIB, 0)
    assert.deepEqual(scheduler.ready(100), [account])
    const available = session.available(100) + account.credit
    assert.deepEqual(scheduler.ready(100), [])
    assert.equal(account.credit, 0)
    assert.equal(session.available(100), available)
  })

  it('that rests is not woken', () => {
    const { scheduler } = new World()
    const session = scheduler.channel('session', MIB)
    const account = scheduler.account([session], 'down')
    account.take(8 * MIB, 0)
    account.stepOut()
    assert.equal(scheduler.deadline(), UNLIMITED)
    assert.equal(session.waiters, 0)
  })

  it('draws on other channels when told to, also while it waits', () => {
    const { scheduler } = new World()
    const [narrow, wide] = [scheduler.channel('narrow', 1), scheduler.channel('wide', UNLIMITED)]
    const account = scheduler.account([narrow], 'down')
    account.take(8 * MIB, 0)
    account.drawOn([wide])
    assert.equal(narrow.waiters, 0)
    assert.deepEqual(scheduler.ready(0), [account])
    assert.equal(account.take(8 * MIB - 16 * KIB, 0), 8 * MIB - 16 * KIB)
  })

  it('heeds a limit that comes where there was none', () => {
    const { scheduler } = new World()
    const session = scheduler.channel('session', UNLIMITED)
    const account = scheduler.account([session], 'down')
    assert.equal(account.take(MIB, 0), MIB)
    assert.equal(account.isLimited, false)
    session.setLimit(KIB)
    assert.equal(account.isLimited, true)
    assert.equal(account.take(MIB, 0), 16 * KIB)
  })

  it('tells what a shared limit leaves for one who waits beside another', () => {
    const { scheduler } = new World()
    const [session, torrent] = [scheduler.channel('session', MIB), scheduler.channel('torrent', UNLIMITED)]
    const own = scheduler.channel('own', KIB)
    const served = scheduler.account([session, torrent], 'up')
    const choked = scheduler.account([session, torrent], 'up')
    const narrow = scheduler.account([session, own], 'up')
    const apart = scheduler.account([own], 'up')
    session.available(0)
    own.available(0)
    assert.equal(choked.hasSpareBeside(served, 1000), true)
    assert.equal(apart.hasSpareBeside(served, 20_000), false, 'they share no limit')
    assert.equal(narrow.hasSpareBeside(served, 20_000), true)
    own.spend(KIB)
    assert.equal(narrow.hasSpareBeside(served, 20_000), false, 'its own limit holds it back')
    served.take(8 * MIB, 20_000)
    assert.equal(choked.hasSpareBeside(served, 20_100), false)
    session.setLimit(UNLIMITED)
    assert.equal(choked.hasSpareBeside(served, 30_000), false, 'nothing is known without a limit')
  })
})
