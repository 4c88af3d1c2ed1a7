import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Address, formatAddress } from '../../../src/core/address.ts'
import { GatewayMapper } from '../../../src/portmap/gateway-mapper.ts'
import { PORTMAP_DEFAULTS } from '../../../src/portmap/options.ts'
import { FakeGateway } from '../../support/fake-gateway.ts'

const LOCAL = '192.168.7.20'
const MINUTE = 60_000

/** A mapper and its router, with a clock of their own. */
class Bench {
  readonly gateway = new FakeGateway()
  now = 1_000_000
  /** How many of the next datagrams get lost, each way. */
  lostRequests = 0
  lostAnswers = 0
  readonly sentAt: number[] = []
  readonly mapper: GatewayMapper

  constructor() {
    let drawn = 0
    this.mapper = new GatewayMapper({
      gateway: '192.168.7.1',
      local: LOCAL,
      ports: [6881],
      secrets: { bytes: length => new Uint8Array(length).fill(++drawn) },
      dice: { below: () => 0, fraction: () => 0.5 },
      send: (datagram, to) => this.#send(datagram.slice(), to),
    })
  }

  /** Lets time go by, deadline by deadline. */
  pass(duration: number): void {
    const end = this.now + duration
    for (let looks = 0; this.mapper.deadline() <= end; looks++) {
      assert.ok(looks < 10_000, 'it wants to be looked at without end')
      this.now = Math.max(this.now, this.mapper.deadline())
      this.mapper.tick(this.now)
    }
    this.now = end
  }

  get given(): string[] {
    return this.mapper.mappings.map(
      ({ method, transport, internalPort, externalHost, externalPort }) =>
        `${method} ${transport} ${internalPort} ${externalHost}:${externalPort}`,
    )
  }

  #send(datagram: Uint8Array, to: Address): void {
    assert.equal(formatAddress(to), '192.168.7.1:5351')
    this.sentAt.push(this.now)
    if (this.lostRequests-- > 0) return
    const answer = this.gateway.answer(datagram, LOCAL, this.now)
    if (answer === null || this.lostAnswers-- > 0) return
    this.#answers.push(answer)
  }

  readonly #answers: Uint8Array[] = []

  /** What is on its way arrives. */
  deliver(): void {
    for (let answer = this.#answers.shift(); answer; answer = this.#answers.shift())
      this.mapper.received(answer, this.now)
  }

  begin(): this {
    this.mapper.begin(this.now)
    this.deliver()
    return this
  }

  /** Lets time go by, and all arrive at once. */
  live(duration: number): void {
    const end = this.now + duration
    while (this.mapper.deadline() <= end) {
      this.pass(Math.max(0, this.mapper.deadline() - this.now))
      this.deliver()
    }
    this.now = end
  }
}

const PCP_GIVEN = ['pcp tcp 6881 81.2.69.142:6881', 'pcp udp 6881 81.2.69.142:6881']
const NAT_PMP_GIVEN = PCP_GIVEN.map(text => text.replace('pcp', 'nat-pmp'))

suite('a router that speaks PCP', () => {
  test('maps TCP and UDP at once, and says where', () => {
    const bench = new Bench().begin()
    assert.deepEqual(bench.given, PCP_GIVEN)
    assert.ok(bench.mapper.isMapped)
    assert.equal(bench.mapper.refusal, null)
    assert.equal(bench.gateway.mappings.size, 2)
  })

  test('may give other ports than those wished for', () => {
    const bench = new Bench()
    bench.gateway.portFor = () => 50_001
    assert.deepEqual(
      bench.begin().given,
      PCP_GIVEN.map(text => text.replace(':6881', ':50001')),
    )
  })

  test('is asked again after 3 s, twice that and so on, up to 1024 s, while it is silent', () => {
    const bench = new Bench()
    bench.gateway.speaksPcp = false
    bench.gateway.speaksNatPmp = false
    bench.begin()
    const from = bench.now
    bench.sentAt.length = 0
    bench.pass(100 * MINUTE)
    const times = [...new Set(bench.sentAt.map(at => (at - from) / 1000))]
    const natPmp = [0.25, 0.75, 1.75, 3.75, 7.75, 15.75, 31.75, 63.75]
    const pcp = [3, 9, 21, 45, 93, 189, 381, 765, 1533, 2557, 3581, 4605, 5629]
    assert.deepEqual(
      times,
      [...natPmp, ...pcp].sort((a, b) => a - b),
    )
    assert.deepEqual(bench.given, [])
    assert.ok(!bench.mapper.isMapped)
  })

  test('is renewed halfway, and stays the same', () => {
    const bench = new Bench().begin()
    bench.gateway.asked.length = 0
    bench.live(PORTMAP_DEFAULTS.lifetimeSeconds * 500 - 1)
    assert.ok(bench.gateway.asked.every(what => what === 'pcp announce'))
    bench.live(1)
    assert.deepEqual(
      bench.gateway.asked.filter(what => what !== 'pcp announce'),
      ['pcp tcp map', 'pcp udp map'],
    )
    bench.live(24 * 60 * MINUTE)
    assert.deepEqual(bench.given, PCP_GIVEN)
  })

  test('is asked for a renewal again and again, and for all anew when the time is up', () => {
    const bench = new Bench()
    bench.gateway.lifetime = 64
    bench.begin()
    bench.lostRequests = Number.POSITIVE_INFINITY
    const from = bench.now
    bench.sentAt.length = 0
    bench.pass(63_999)
    assert.deepEqual([...new Set(bench.sentAt.map(at => at - from))], [32_000, 48_000, 56_000, 60_000])
    assert.deepEqual(bench.given, PCP_GIVEN)
    bench.pass(1)
    assert.deepEqual(bench.given, [])
    bench.lostRequests = 0
    bench.live(4000)
    assert.deepEqual(bench.given, PCP_GIVEN)
  })

  test('that began anew is noticed within five minutes, and asked for the same ports', () => {
    const bench = new Bench()
    bench.gateway.portFor = wished => (wished === 6881 ? 50_001 : wished)
    bench.begin()
    bench.live(20 * MINUTE)
    bench.gateway.reboot(bench.now)
    bench.gateway.externalHost = '81.2.69.200'
    assert.equal(bench.gateway.mappings.size, 0)
    bench.live(5 * MINUTE + 1)
    assert.deepEqual([...bench.gateway.mappings.keys()], ['tcp 50001', 'udp 50001'])
    assert.deepEqual(bench.given[0], 'pcp tcp 6881 81.2.69.200:50001')
  })

  test('that refuses is asked again after the time it names, and no sooner than 30 s', () => {
    const bench = new Bench()
    bench.gateway.refusal = 2
    bench.begin()
    assert.deepEqual(bench.mapper.refusal, {
      method: 'pcp',
      gateway: '192.168.7.1',
      reason: 'it does not allow it',
    })
    bench.gateway.refusal = 0
    bench.live(59_999)
    assert.deepEqual(bench.given, [])
    bench.live(1)
    assert.deepEqual(bench.given, PCP_GIVEN)
    assert.equal(bench.mapper.refusal, null)
  })

  test('that gives nothing but port 0 has given nothing', () => {
    const bench = new Bench()
    bench.gateway.portFor = () => 0
    assert.deepEqual(bench.begin().given, [])
  })

  test('has its mappings back at the end', () => {
    const bench = new Bench().begin()
    bench.mapper.release(bench.now)
    assert.ok(bench.mapper.isReleasing)
    assert.deepEqual(bench.given, [])
    bench.deliver()
    assert.ok(!bench.mapper.isReleasing)
    assert.equal(bench.gateway.mappings.size, 0)
    assert.equal(bench.mapper.deadline(), Number.POSITIVE_INFINITY)
  })

  test('is told of the end again where that got lost, for two seconds', () => {
    const bench = new Bench().begin()
    bench.lostRequests = 2
    bench.mapper.release(bench.now)
    bench.live(300)
    assert.equal(bench.gateway.mappings.size, 0)
    assert.ok(!bench.mapper.isReleasing)

    const deaf = new Bench().begin()
    deaf.lostRequests = Number.POSITIVE_INFINITY
    deaf.mapper.release(deaf.now)
    deaf.live(PORTMAP_DEFAULTS.removePatience - 1)
    assert.ok(deaf.mapper.isReleasing)
    deaf.live(1)
    assert.ok(!deaf.mapper.isReleasing)
  })

  test('is not heard by one that rests', () => {
    const bench = new Bench()
    bench.mapper.begin(bench.now)
    bench.mapper.release(bench.now)
    bench.deliver()
    assert.deepEqual(bench.given, [])
    assert.equal(bench.mapper.deadline(), Number.POSITIVE_INFINITY)
  })
})

suite('a router that speaks NAT-PMP alone', () => {
  const natPmp = (): Bench => {
    const bench = new Bench()
    bench.gateway.speaksPcp = false
    return bench
  }

  test('is spoken to in it when it refuses PCP', () => {
    const bench = natPmp().begin()
    bench.deliver()
    assert.deepEqual(bench.given, NAT_PMP_GIVEN)
  })

  test('is spoken to in it when it is silent to PCP', () => {
    const bench = natPmp()
    const { gateway } = bench
    const answer = gateway.answer.bind(gateway)
    gateway.answer = (datagram, from, now) => (datagram[0] === 2 ? null : answer(datagram, from, now))
    bench.begin()
    assert.deepEqual(bench.given, [])
    bench.live(PORTMAP_DEFAULTS.pcpPatience)
    assert.deepEqual(bench.given, NAT_PMP_GIVEN)
  })

  test('is asked again after 250 ms, twice that and so on, nine times, and after a quarter of an hour', () => {
    const bench = natPmp().begin()
    bench.lostRequests = Number.POSITIVE_INFINITY
    bench.mapper.begin(bench.now)
    bench.mapper.received(Uint8Array.of(0, 129, 0, 1, 0, 0, 0, 9), bench.now)
    const from = bench.now
    bench.sentAt.length = 0
    bench.pass(14 * MINUTE)
    const times = [...new Set(bench.sentAt.map(at => (at - from) / 1000))].filter(at => at % 300 !== 0)
    assert.deepEqual(times, [0.25, 0.75, 1.75, 3.75, 7.75, 15.75, 31.75, 63.75])
    bench.lostRequests = 0
    bench.live(4 * MINUTE)
    assert.deepEqual(bench.given, NAT_PMP_GIVEN)
  })

  test('is renewed, watched, and noticed when it began anew', () => {
    const bench = natPmp().begin()
    bench.deliver()
    bench.live(30 * MINUTE)
    bench.gateway.externalHost = '81.2.69.200'
    bench.live(5 * MINUTE)
    assert.equal(bench.given[0], 'nat-pmp tcp 6881 81.2.69.200:6881')
    bench.gateway.reboot(bench.now)
    bench.live(5 * MINUTE + 1)
    assert.equal(bench.gateway.mappings.size, 2)
    bench.live(24 * 60 * MINUTE)
    assert.equal(bench.given.length, 2)
  })

  test('that has no way out says no address', () => {
    const bench = natPmp()
    bench.gateway.externalHost = '0.0.0.0'
    bench.begin()
    bench.deliver()
    assert.equal(bench.given[0], 'nat-pmp tcp 6881 null:6881')
  })

  for (const refusal of [2, 3, 4, 5]) {
    test(`that refuses with ${refusal} is asked again after half an hour`, () => {
      const bench = natPmp()
      bench.gateway.refusal = refusal
      bench.begin()
      bench.live(1000)
      assert.equal(bench.mapper.refusal?.method, 'nat-pmp')
      bench.gateway.refusal = 0
      bench.live(29 * MINUTE)
      assert.deepEqual(bench.given, [])
      bench.live(MINUTE)
      assert.deepEqual(bench.given, NAT_PMP_GIVEN)
    })
  }

  test('has its mappings back at the end', () => {
    const bench = natPmp().begin()
    bench.deliver()
    bench.mapper.release(bench.now)
    bench.deliver()
    assert.equal(bench.gateway.mappings.size, 0)
    assert.ok(!bench.mapper.isReleasing)
  })
})
