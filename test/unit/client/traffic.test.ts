import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SessionLimits } from '../../../src/client/session-options.ts'
import { type Address, address } from '../../../src/core/address.ts'
import { type CreditUser, type TorrentChannels, Traffic } from '../../../src/client/traffic.ts'
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

  constructor(of: Bench, host = '192.0.2.1', torrent?: TorrentChannels) {
    super()
    this.address = address(host, 6881)
    this.#bench = of
    const unlimited = { download: Infinity, upload: Infinity }
    this.accounts = of.traffic.open(this, torrent ?? of.traffic.channels(unlimited))
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

  it('holds a limit that is set later, and lets go of one that is lifted', () => {
    const of = bench()
    const user = new Greedy(of)
    of.traffic.setLimits({ downloadLimit: 10 * BLOCK })
    user.begin()
    of.time.pass(10_000)
    assert.ok(Math.abs(user.moved / (100 * BLOCK) - 1) < 0.2, `${user.moved}`)
    of.traffic.setLimits({ downloadLimit: Infinity })
    const before = user.moved
    of.time.pass(1000)
    assert.ok(user.moved - before >= 100 * BLOCK)
  })

  it('changes what a torrent may, and each single peer of it', () => {
    const of = bench()
    const torrent = of.traffic.channels({ download: Infinity, upload: Infinity })
    const [one, two] = [new Greedy(of, '192.0.2.1', torrent), new Greedy(of, '192.0.2.2', torrent)]
    of.traffic.setTorrentLimits(torrent, { downloadLimit: 10 * BLOCK })
    for (const user of [one, two]) user.begin()
    of.time.pass(20_000)
    assert.ok(Math.abs((one.moved + two.moved) / (200 * BLOCK) - 1) < 0.1)
    of.traffic.setLimits({ peerDownloadLimit: BLOCK })
    const before = one.moved
    of.time.pass(20_000)
    assert.ok(one.moved - before <= 22 * BLOCK, `${one.moved - before}`)
    assert.ok(one.moved - before >= 18 * BLOCK, `${one.moved - before}`)
  })

  it('frees a class of the limit of the session, and takes it back, for connections that are there', () => {
    const of = bench({ downloadLimit: BLOCK })
    const [near, far] = [new Greedy(of, '10.0.0.1'), new Greedy(of, '192.0.2.1')]
    for (const user of [near, far]) user.begin()
    of.time.pass(1000)
    of.traffic.setLimits({
      peerClasses: { local: { isUnderSessionLimit: false, downloadLimit: 50 * BLOCK } },
    })
    let before = { near: near.moved, far: far.moved }
    of.time.pass(20_000)
    assert.ok(near.moved - before.near >= 900 * BLOCK, `${near.moved - before.near}`)
    assert.ok(far.moved - before.far <= 22 * BLOCK)
    of.traffic.setLimits({ peerClasses: { local: { isUnderSessionLimit: true } } })
    // What was had on credit is paid back first.
    of.time.pass(5000)
    before = { near: near.moved, far: far.moved }
    of.time.pass(20_000)
    assert.ok(near.moved + far.moved - before.near - before.far <= 22 * BLOCK)
  })

  it('charges a connection before it is known what it is about, and then its torrent too', () => {
    const of = bench({ downloadLimit: 10 * BLOCK })
    const torrent = of.traffic.channels({ download: 2 * BLOCK, upload: Infinity })
    const stranger = new Owner() as Owner & CreditUser
    Object.assign(stranger, { address: address('192.0.2.9', 6881), creditCame: () => undefined })
    const accounts = of.traffic.open(stranger)
    accounts.download.spend(20 * BLOCK, of.time.now)
    const user = new Greedy(of, '192.0.2.1', torrent)
    user.begin()
    of.time.pass(1800)
    assert.equal(user.moved, 0, 'what the stranger carried is paid first')
    of.time.pass(10_000)
    assert.ok(user.moved > 10 * BLOCK, `${user.moved}`)
    of.traffic.join(accounts, torrent)
    accounts.download.spend(20 * BLOCK, of.time.now)
    const before = user.moved
    of.time.pass(8000)
    assert.ok(user.moved - before <= BLOCK, `${user.moved - before}`)
    of.traffic.close(accounts)
  })

  describe('says what most connections of a torrent wait for', () => {
    const unlimited = { download: Infinity, upload: Infinity }

    it('be it the limit of each peer, which others may not reach', () => {
      const of = bench({ peerDownloadLimit: 2 * BLOCK, downloadLimit: 100 * BLOCK })
      const torrent = of.traffic.channels(unlimited)
      for (const host of ['192.0.2.1', '192.0.2.2']) new Greedy(of, host, torrent).begin()
      of.time.pass(3000)
      const limit = { whose: 'each peer', bytesPerSecond: 2 * BLOCK }
      assert.deepEqual(of.traffic.bottleneck(torrent, 'down'), limit)
      assert.equal(of.traffic.bottleneck(torrent, 'up'), null)
      of.traffic.setLimits({ downloadLimit: 3 * BLOCK })
      of.time.pass(3000)
      assert.equal(of.traffic.bottleneck(torrent, 'down')?.whose, 'the session')
      of.traffic.setTorrentLimits(torrent, { downloadLimit: BLOCK })
      of.time.pass(3000)
      assert.equal(of.traffic.bottleneck(torrent, 'down')?.whose, 'the torrent')
    })

    it('be it that of a class', () => {
      const of = bench({ peerClasses: { local: { downloadLimit: BLOCK } }, downloadLimit: 50 * BLOCK })
      const torrent = of.traffic.channels(unlimited)
      for (const host of ['10.0.0.1', '10.0.0.2']) new Greedy(of, host, torrent).begin()
      of.time.pass(3000)
      assert.equal(of.traffic.bottleneck(torrent, 'down')?.whose, 'the local peers')
    })

    it('and not what those of other torrents wait for', () => {
      const of = bench({ downloadLimit: BLOCK })
      const [busy, idle] = [of.traffic.channels(unlimited), of.traffic.channels(unlimited)]
      new Greedy(of, '192.0.2.1', busy).begin()
      new Greedy(of, '192.0.2.2', idle)
      of.time.pass(3000)
      assert.equal(of.traffic.bottleneck(busy, 'down')?.whose, 'the session')
      assert.equal(of.traffic.bottleneck(idle, 'down'), null)
    })
  })
})
