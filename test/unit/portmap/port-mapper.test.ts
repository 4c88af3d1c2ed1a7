import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Address, address } from '../../../src/core/address.ts'
import { PORTMAP_DEFAULTS } from '../../../src/portmap/options.ts'
import { PortMapper } from '../../../src/portmap/port-mapper.ts'
import type { DeviceAnswer, DeviceRequest } from '../../../src/portmap/upnp-mapper.ts'
import { FakeGateway } from '../../support/fake-gateway.ts'
import { FakeUpnpRouter } from '../../support/fake-upnp-router.ts'

const LOCAL = '192.168.7.20'
const MINUTE = 60_000

/** A router that can do everything, as far as it is told to. */
class Bench {
  readonly gateway = new FakeGateway()
  readonly router = new FakeUpnpRouter()
  now = 1_000_000
  hasGateway = true
  hasUpnp = true
  readonly sentTo = new Set<string>()
  readonly mapper: PortMapper
  readonly #news: (() => void)[] = []

  constructor(gateway: string | null = '192.168.7.1') {
    this.mapper = new PortMapper({
      local: LOCAL,
      gateway,
      ports: [6881],
      secrets: { bytes: length => new Uint8Array(length) },
      dice: { below: () => 0, fraction: () => 0.5 },
      send: (datagram, to) => this.#send(datagram.slice(), to),
      ask: (request, told) => this.#ask(request, told),
    })
  }

  begin(): this {
    this.mapper.begin(this.now)
    this.deliver()
    return this
  }

  deliver(): void {
    for (let looks = 0; this.#news.length > 0; looks++) {
      assert.ok(looks < 1000, 'they talk without end')
      this.#news.shift()!()
    }
  }

  live(duration: number): void {
    const end = this.now + duration
    for (let looks = 0; this.mapper.deadline() <= end; looks++) {
      assert.ok(looks < 10_000, 'it wants to be looked at without end')
      this.now = Math.max(this.now, this.mapper.deadline())
      this.mapper.tick(this.now)
      this.deliver()
    }
    this.now = end
  }

  get methods(): string[] {
    return this.mapper.mappings.map(({ method }) => method)
  }

  #send(datagram: Uint8Array, to: Address): void {
    this.sentTo.add(to.host)
    const isSearch = to.port === 1900
    if (isSearch && this.hasUpnp) {
      const from = address(this.router.host, 1900)
      this.#news.push(() => this.mapper.received(this.router.found, from, this.now))
    }
    const answer = isSearch || !this.hasGateway ? null : this.gateway.answer(datagram, LOCAL, this.now)
    if (answer && to.host === '192.168.7.1') this.#news.push(() => this.mapper.received(answer, to, this.now))
  }

  #ask(request: DeviceRequest, told: (answer: DeviceAnswer | null, now: number) => void): void {
    this.#news.push(() => told(this.hasUpnp ? this.router.answer(request) : null, this.now))
  }
}

suite('PortMapper', () => {
  test('lets the first that maps do it, and the others rest', () => {
    const bench = new Bench().begin()
    assert.deepEqual(bench.methods, ['pcp', 'pcp'])
    assert.equal(bench.mapper.state, 'mapped')
    assert.equal(bench.router.entries.size, 0)
    bench.live(24 * 60 * MINUTE)
    assert.deepEqual(bench.methods, ['pcp', 'pcp'])
    assert.equal(bench.router.entries.size, 0)
  })

  test('asks by UPnP where the router refuses otherwise', () => {
    const bench = new Bench()
    bench.gateway.refusal = 2
    bench.begin()
    assert.deepEqual(bench.methods, ['upnp', 'upnp'])
    assert.equal(bench.mapper.refusal, null)
  })

  test('says after ten seconds that nobody answers, and looks again after a quarter of an hour', () => {
    const bench = new Bench()
    bench.hasGateway = false
    bench.hasUpnp = false
    bench.begin()
    bench.live(PORTMAP_DEFAULTS.silence - 1)
    assert.equal(bench.mapper.state, 'searching')
    bench.live(1)
    assert.equal(bench.mapper.state, 'none')
    bench.hasUpnp = true
    bench.live(PORTMAP_DEFAULTS.lookAgain - PORTMAP_DEFAULTS.silence)
    assert.deepEqual(bench.methods, ['upnp', 'upnp'])
  })

  test('says why it is refused', () => {
    const bench = new Bench()
    bench.hasUpnp = false
    bench.gateway.refusal = 2
    bench.begin()
    bench.live(PORTMAP_DEFAULTS.silence)
    assert.equal(bench.mapper.state, 'refused')
    assert.deepEqual(bench.mapper.refusal, {
      method: 'pcp',
      gateway: '192.168.7.1',
      reason: 'it does not allow it',
    })
  })

  test('begins anew in all ways when what was had is lost', () => {
    const bench = new Bench()
    bench.gateway.lifetime = 120
    bench.begin()
    bench.hasGateway = false
    bench.live(121_000)
    assert.deepEqual(bench.methods, ['upnp', 'upnp'])
  })

  test('asks where all routers listen when it knows none, and whoever answers as one', () => {
    const bench = new Bench(null)
    bench.router.document = '<root></root>'
    bench.begin()
    assert.deepEqual([...bench.sentTo], ['192.0.0.9', '239.255.255.250', '192.168.7.1'])
    assert.deepEqual(bench.methods, ['pcp', 'pcp'])
  })

  test('asks nobody else where it knows the router', () => {
    const bench = new Bench()
    bench.begin()
    assert.deepEqual([...bench.sentTo], ['192.168.7.1', '239.255.255.250'])
  })

  test('hears the router at its port alone', () => {
    const bench = new Bench()
    bench.hasUpnp = false
    bench.hasGateway = false
    bench.begin()
    bench.mapper.received(Uint8Array.of(0, 129, 0, 1, 0, 0, 0, 9), address('192.168.7.2', 5351), bench.now)
    bench.mapper.received(Uint8Array.of(0, 129, 0, 1, 0, 0, 0, 9), address('192.168.7.1', 5350), bench.now)
    bench.hasGateway = true
    bench.gateway.speaksPcp = false
    bench.live(1)
    assert.deepEqual(bench.gateway.asked, [])
  })

  for (const method of ['pcp', 'upnp'] as const) {
    test(`gives everything back at the end (${method})`, () => {
      const bench = new Bench()
      bench.hasGateway = method === 'pcp'
      bench.begin()
      assert.deepEqual(bench.methods, [method, method])
      bench.mapper.end(bench.now)
      assert.ok(bench.mapper.isReleasing)
      bench.deliver()
      assert.ok(!bench.mapper.isReleasing)
      assert.equal(bench.gateway.mappings.size + bench.router.entries.size, 0)
      assert.deepEqual(bench.methods, [])
      assert.equal(bench.mapper.deadline(), Number.POSITIVE_INFINITY)
    })
  }
})
