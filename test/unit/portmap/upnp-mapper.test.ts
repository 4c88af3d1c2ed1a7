import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Address, address, formatAddress } from '../../../src/core/address.ts'
import { latin1Text } from '../../../src/core/bytes.ts'
import { PORTMAP_LIMITS } from '../../../src/portmap/limits.ts'
import { PORTMAP_DEFAULTS } from '../../../src/portmap/options.ts'
import { type DeviceAnswer, type DeviceRequest, UpnpMapper } from '../../../src/portmap/upnp-mapper.ts'
import { FakeUpnpRouter } from '../../support/fake-upnp-router.ts'
import { description, service, WAN_IP, WAN_PPP } from '../../support/upnp-documents.ts'

const LOCAL = '192.168.7.20'
const MINUTE = 60_000
const ANOTHER = { client: '192.168.7.99', port: '6881', lease: '0', label: '' }

class Bench {
  readonly router = new FakeUpnpRouter()
  now = 1_000_000
  readonly searchedAt: number[] = []
  changes = 0
  readonly #asks: [DeviceRequest, (answer: DeviceAnswer | null, now: number) => void][] = []
  readonly mapper = new UpnpMapper({
    local: LOCAL,
    gateway: null,
    ports: [6881],
    dice: { below: () => 848, fraction: () => 0 },
    send: (datagram, to) => this.#search(datagram, to),
    ask: (request, told) => this.#asks.push([request, told]),
    changed: () => this.changes++,
  })

  begin(): this {
    this.mapper.begin(this.now)
    this.find()
    return this
  }

  find(router = this.router): void {
    this.mapper.received(router.found, address(router.host, 1900))
    this.deliver()
  }

  /** Everything that is asked is answered. */
  deliver(): void {
    for (let looks = 0; this.#asks.length > 0; looks++) {
      assert.ok(looks < 100, 'it asks without end')
      const [request, told] = this.#asks.shift()!
      assert.ok(
        this.#asks.length === 0 || this.mapper.isReleasing || request.method === 'GET',
        'one at a time',
      )
      told(this.router.answer(request), this.now)
    }
  }

  get unanswered(): DeviceRequest[] {
    return this.#asks.map(([request]) => request)
  }

  live(duration: number): void {
    const end = this.now + duration
    for (let looks = 0; this.mapper.deadline() <= end; looks++) {
      assert.ok(looks < 1000, 'it wants to be looked at without end')
      this.now = Math.max(this.now, this.mapper.deadline())
      this.mapper.tick(this.now)
      this.deliver()
    }
    this.now = end
  }

  get given(): string[] {
    return this.mapper.mappings.map(
      ({ method, transport, internalPort, externalHost, externalPort, gateway }) =>
        `${method} ${gateway} ${transport} ${internalPort} ${externalHost}:${externalPort}`,
    )
  }

  #search(datagram: Uint8Array, to: Address): void {
    assert.equal(formatAddress(to), '239.255.255.250:1900')
    assert.match(latin1Text(datagram), /^M-SEARCH /)
    this.searchedAt.push(this.now)
  }
}

const given = (port: number, host: string | null = '81.2.69.142'): string[] =>
  ['tcp', 'udp'].map(transport => `upnp 192.168.7.1 ${transport} 6881 ${host}:${port}`)

suite('a router that speaks UPnP', () => {
  test('is searched for three times, four ways each', () => {
    const bench = new Bench()
    bench.mapper.begin(bench.now)
    bench.live(60 * MINUTE)
    const times = bench.searchedAt.map(at => at - 1_000_000)
    assert.deepEqual(times, [0, 0, 0, 0, 2000, 2000, 2000, 2000, 4000, 4000, 4000, 4000])
  })

  test('maps TCP and UDP, and says where', () => {
    const bench = new Bench().begin()
    assert.deepEqual(bench.given, given(6881))
    assert.ok(bench.mapper.isMapped)
    assert.equal(bench.mapper.refusal, null)
    assert.ok(bench.changes > 0)
    assert.deepEqual(Object.fromEntries(bench.router.entries), {
      'TCP 6881': { client: LOCAL, port: '6881', lease: '7200', label: 'shoal' },
      'UDP 6881': { client: LOCAL, port: '6881', lease: '7200', label: 'shoal' },
    })
  })

  test('that knows no leases is asked for ever', () => {
    const bench = new Bench()
    bench.router.isOnlyForEver = true
    bench.begin()
    assert.deepEqual(bench.given, given(6881))
    assert.deepEqual(
      [...bench.router.entries.values()].map(({ lease }) => lease),
      ['0', '0'],
    )
    // Once is enough to learn it.
    assert.equal(bench.router.asked.filter(action => action.startsWith('Add')).length, 3)
  })

  test('that does not understand leases is asked for ever', () => {
    const bench = new Bench()
    const answer = bench.router.answer.bind(bench.router)
    bench.router.answer = request => {
      const isLeased = latin1Text(request.body ?? new Uint8Array(0)).includes('<NewLeaseDuration>7200<')
      bench.router.faults.set('AddPortMapping', 402)
      if (!isLeased) bench.router.faults.clear()
      return answer(request)
    }
    assert.deepEqual(bench.begin().given, given(6881))
  })

  test('whose port another has gives another one, for UDP too', () => {
    const bench = new Bench()
    bench.router.entries.set('TCP 6881', ANOTHER)
    assert.deepEqual(bench.begin().given, given(50_000))
    assert.equal(bench.router.entries.get('TCP 6881'), ANOTHER)
  })

  test('of version 2 chooses that port itself', () => {
    const bench = new Bench()
    bench.router.serviceType = WAN_IP.replace(/1$/, '2')
    bench.router.entries.set('TCP 6881', ANOTHER)
    assert.deepEqual(bench.begin().given, given(40_000))
  })

  test('that has no port free is asked for a few, and no more', () => {
    const bench = new Bench()
    bench.router.faults.set('AddPortMapping', 718)
    bench.begin()
    const asked = bench.router.asked.filter(action => action.startsWith('AddPortMapping TCP'))
    assert.equal(asked.length, 1 + PORTMAP_LIMITS.conflicts)
    assert.match(bench.mapper.refusal!.reason, /718: error 718/)
    assert.deepEqual(bench.given, [])
  })

  test('that wants the same port on both sides gets it', () => {
    const bench = new Bench()
    bench.router.entries.set('TCP 6881', ANOTHER)
    bench.router.faults.set('AddPortMapping TCP 50000', 724)
    bench.begin()
    assert.deepEqual(bench.given.length, 1, 'UDP alone')
  })

  for (const code of [401, 403, 501, 606, 728, 732, 733]) {
    test(`that refuses with ${code} is done with`, () => {
      const bench = new Bench()
      bench.router.faults.set('AddPortMapping', code)
      bench.begin()
      assert.deepEqual(bench.given, [])
      assert.match(bench.mapper.refusal!.reason, new RegExp(`${code}`))
      assert.equal(bench.router.asked.length, 3)
    })
  }

  test('that forwards TCP alone has done something', () => {
    const bench = new Bench()
    bench.router.faults.set('AddPortMapping UDP 6881', 501)
    assert.deepEqual(bench.begin().given, given(6881).slice(0, 1))
    assert.ok(bench.mapper.isMapped)
  })

  test('without a way out is passed over for one that has one', () => {
    const bench = new Bench()
    bench.router.document = description([service(WAN_PPP, '/ppp'), service(WAN_IP, '/ip')])
    const answer = bench.router.answer.bind(bench.router)
    bench.router.answer = request => {
      bench.router.externalHost = request.url.path === '/ip' ? '0.0.0.0' : '81.2.69.7'
      return answer(request)
    }
    assert.deepEqual(bench.begin().given, given(6881, '81.2.69.7'))
  })

  test('that has none at all forwards nothing', () => {
    for (const host of ['0.0.0.0', '', 'x', '127.0.0.1', '::1']) {
      const bench = new Bench()
      bench.router.externalHost = host
      assert.deepEqual(bench.begin().given, [])
      assert.equal(bench.mapper.refusal?.reason, 'it has no way out at the moment', host)
    }
  })

  test('that does not tell its address may forward all the same', () => {
    const bench = new Bench()
    bench.router.faults.set('GetExternalIPAddress', 401)
    assert.deepEqual(bench.begin().given, given(6881, null))
  })

  test('is looked after: what it forgot is ordered again', () => {
    const bench = new Bench().begin()
    bench.live(20 * MINUTE)
    bench.router.entries.clear()
    bench.router.externalHost = '81.2.69.200'
    bench.live(PORTMAP_DEFAULTS.watch)
    assert.equal(bench.router.entries.size, 2)
    bench.live(PORTMAP_DEFAULTS.watch)
    assert.deepEqual(bench.given, given(6881, '81.2.69.200'))
  })

  test('that gave the port to another is asked for another port', () => {
    const bench = new Bench().begin()
    bench.router.entries.set('TCP 6881', ANOTHER)
    bench.live(PORTMAP_DEFAULTS.watch)
    assert.equal(bench.given[0], given(50_000)[0])
  })

  test('has its leases renewed halfway, and loses nothing meanwhile', () => {
    const bench = new Bench().begin()
    bench.router.asked.length = 0
    bench.live(59 * MINUTE)
    assert.ok(!bench.router.asked.some(action => action.startsWith('Add')))
    bench.live(MINUTE)
    assert.deepEqual(bench.router.asked.slice(-2), ['AddPortMapping TCP 6881', 'AddPortMapping UDP 6881'])
    bench.live(24 * 60 * MINUTE)
    assert.deepEqual(bench.given, given(6881))
  })

  test('that is gone is searched for again', () => {
    const bench = new Bench().begin()
    bench.router.isDeaf = true
    bench.searchedAt.length = 0
    bench.live(PORTMAP_DEFAULTS.watch)
    assert.deepEqual(bench.given, [])
    assert.ok(bench.searchedAt.length > 0)
    bench.router.isDeaf = false
    bench.find()
    assert.deepEqual(bench.given, given(6881))
  })

  test('has its mappings back at the end', () => {
    const bench = new Bench().begin()
    bench.mapper.release(bench.now)
    assert.ok(bench.mapper.isReleasing)
    assert.equal(bench.unanswered.length, 2)
    bench.deliver()
    assert.ok(!bench.mapper.isReleasing)
    assert.equal(bench.router.entries.size, 0)
    assert.equal(bench.mapper.deadline(), Number.POSITIVE_INFINITY)
  })

  test('has back what it may have given without having said so', () => {
    const bench = new Bench()
    bench.mapper.begin(bench.now)
    bench.mapper.received(bench.router.found, address('192.168.7.1', 1900))
    const { router } = bench
    const answer = router.answer.bind(router)
    router.answer = request => {
      const reply = answer(request)
      if (router.asked.at(-1)?.startsWith('Add')) bench.mapper.release(bench.now)
      return reply
    }
    bench.deliver()
    assert.ok(router.asked.includes('DeletePortMapping TCP 6881'))
    assert.equal(router.entries.size, 0)
    assert.deepEqual(bench.given, [])
  })

  test('is not waited for longer than two seconds at the end', () => {
    const bench = new Bench().begin()
    bench.router.isDeaf = true
    bench.mapper.release(bench.now)
    const end = bench.mapper.deadline()
    assert.equal(end, bench.now + PORTMAP_DEFAULTS.removePatience)
    bench.mapper.tick(end)
    assert.ok(!bench.mapper.isReleasing)
  })
})

suite('what answers a search and is no router', () => {
  test('is asked once, and not after so many others', () => {
    const bench = new Bench()
    bench.mapper.begin(bench.now)
    for (let i = 0; i < 200; i++) {
      const router = new FakeUpnpRouter(`192.168.7.${(i % 100) + 100}`)
      assert.ok(bench.mapper.received(router.found, address(router.host, 1900)))
    }
    assert.equal(bench.unanswered.length, PORTMAP_LIMITS.devices)
    assert.equal(new Set(bench.unanswered.map(({ url }) => url.host)).size, PORTMAP_LIMITS.devices)
  })

  test('leaves the way to one that is', () => {
    const bench = new Bench()
    bench.router.document = '<root><device><friendlyName>A lamp</friendlyName></device></root>'
    bench.begin()
    assert.deepEqual(bench.given, [])
    bench.router.document = null
    bench.find(new FakeUpnpRouter('192.168.7.3'))
    assert.equal(bench.given.length, 2)
  })

  test('is not heard from other addresses, nor with other words', () => {
    const bench = new Bench()
    bench.mapper.begin(bench.now)
    assert.ok(!bench.mapper.received(bench.router.found, address('192.168.7.2', 1900)))
    assert.ok(!bench.mapper.received(bench.router.found.subarray(1), address('192.168.7.1', 1900)))
    assert.deepEqual(bench.unanswered, [])
  })

  test('that sends rubbish where orders are taken is passed over', () => {
    const bench = new Bench()
    const answer = bench.router.answer.bind(bench.router)
    bench.router.answer = request =>
      request.method === 'GET' ? answer(request) : { status: 200, bytes: new Uint8Array(100).fill(0x3c) }
    bench.begin()
    assert.equal(bench.mapper.refusal?.reason, 'it does not answer')
  })
})
