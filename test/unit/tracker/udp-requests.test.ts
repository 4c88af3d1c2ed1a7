import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { address, formatAddress } from '../../../src/core/address.ts'
import { TrackerError } from '../../../src/core/errors.ts'
import {
  type AnnounceRequest,
  type AnnounceResponse,
  NUM_WANT_DEFAULT,
  type ScrapeEntry,
} from '../../../src/tracker/announce.ts'
import { TRACKER_LIMITS } from '../../../src/tracker/limits.ts'
import { UdpRequests } from '../../../src/tracker/udp-requests.ts'
import { seededDice } from '../../support/seeded-dice.ts'
import {
  announceAnswer,
  connectAnswer,
  errorAnswer,
  readAnnounce,
  readConnect,
  readScrape,
  scrapeAnswer,
} from '../../support/udp-tracker-datagrams.ts'

const TRACKER = address('192.0.2.1', 6969)
const OTHER = address('192.0.2.2', 6969)
const CONNECTION = 0x1122334455667788n
const SAID = { interval: 1800, leechers: 1, seeders: 2, peers: [[192, 0, 2, 9, 0x1a, 0xe1]] }

function requestOf(torrent: number): AnnounceRequest {
  return {
    infoHash: new Uint8Array(20).fill(torrent),
    peerId: new Uint8Array(20),
    port: 6881,
    uploaded: 0,
    downloaded: 0,
    left: 0,
    event: null,
    numWant: NUM_WANT_DEFAULT,
    key: null,
    isCompact: true,
    noPeerId: true,
  }
}

/** Requests at a clock of their own, and all that was sent. */
class Bench {
  now = 0
  readonly sent: { readonly at: number; readonly to: string; readonly datagram: Uint8Array }[] = []
  readonly requests: UdpRequests
  #lastConnect = 0

  constructor() {
    const dice = seededDice(1)
    this.requests = new UdpRequests({
      secrets: { bytes: length => Uint8Array.from({ length }, () => dice.below(256)) },
      send: (datagram, to) => {
        this.sent.push({ at: this.now, to: formatAddress(to), datagram })
        this.#lastConnect = readConnect(datagram) ?? this.#lastConnect
      },
    })
  }

  ask(torrent = 1, to = TRACKER): { outcome: AnnounceResponse | TrackerError | null; takeBack: () => void } {
    const asked: { outcome: AnnounceResponse | TrackerError | null; takeBack: () => void } = {
      outcome: null,
      takeBack: () => undefined,
    }
    const told = (outcome: AnnounceResponse | TrackerError): void => {
      assert.equal(asked.outcome, null, 'told once')
      asked.outcome = outcome
    }
    asked.takeBack = this.requests.announce(
      { to, request: requestOf(torrent), urlData: '/a', told },
      this.now,
    )
    return asked
  }

  scrape(torrents: readonly number[]) {
    const outcomes: (ScrapeEntry[] | TrackerError)[] = []
    const infoHashes = torrents.map(torrent => new Uint8Array(20).fill(torrent))
    this.requests.scrape({ to: TRACKER, infoHashes, told: outcome => outcomes.push(outcome) }, this.now)
    return { infoHashes, outcomes }
  }

  /** Every deadline on the way is heeded. */
  passTo(at: number): void {
    for (let next = this.requests.deadline(); next <= at; next = this.requests.deadline()) {
      this.now = next
      this.requests.tick(next)
    }
    this.now = at
  }

  /** What was sent since the last call, as `<seconds> connect` and `<seconds> announce <torrent>`. */
  said(): string[] {
    return this.sent.splice(0).map(({ at, datagram }) => {
      const announce = readAnnounce(datagram)
      assert.ok(announce || readConnect(datagram) !== null)
      return `${at / 1000} ${announce ? `announce ${announce.infoHash[0]}` : 'connect'}`
    })
  }

  /** Answers the last connect. */
  connect(connectionId = CONNECTION): boolean {
    this.said()
    return this.receive(connectAnswer(this.#lastConnect, connectionId))
  }

  receive(datagram: Uint8Array, from = TRACKER): boolean {
    return this.requests.received(datagram, from, this.now)
  }

  announces() {
    return this.sent.flatMap(({ datagram }) => readAnnounce(datagram) ?? [])
  }
}

suite('a UDP tracker', () => {
  test('is asked for a connection first, and told then', () => {
    const bench = new Bench()
    const asked = bench.ask()
    bench.now = 1000
    assert.ok(bench.connect())
    const [announce, ...more] = bench.announces()
    assert.deepEqual([announce?.connectionId, more], [CONNECTION, []])
    assert.deepEqual([...announce!.options], [2, 2, ...Buffer.from('/a')])
    assert.ok(bench.receive(announceAnswer(announce!.transactionId, SAID)))
    assert.ok(asked.outcome && !(asked.outcome instanceof TrackerError))
    assert.deepEqual([asked.outcome.complete, asked.outcome.peers.length], [2, 1])
    assert.equal(bench.requests.deadline(), Number.POSITIVE_INFINITY)
  })

  test('is connected to once for all that wait, and again when a minute is over', () => {
    const bench = new Bench()
    for (const torrent of [1, 2, 3]) bench.ask(torrent)
    assert.equal(bench.sent.length, 1)
    bench.connect()
    assert.deepEqual(bench.said(), ['0 announce 1', '0 announce 2', '0 announce 3'])
    bench.now = 59_999
    bench.ask(4)
    assert.deepEqual(bench.said(), ['59.999 announce 4'])
    bench.now = 60_000
    bench.ask(5)
    assert.deepEqual(bench.said(), ['60 connect'])
  })

  test('that does not answer a connect is asked again after 15 s, and given up after 45 s', () => {
    const bench = new Bench()
    const asked = bench.ask()
    bench.passTo(100_000)
    assert.deepEqual(bench.said(), ['0 connect', '15 connect'])
    assert.ok(asked.outcome instanceof TrackerError)
    assert.equal(asked.outcome.code, 'tracker-unreachable')
    assert.match(asked.outcome.message, /192\.0\.2\.1:6969/)
    assert.equal(bench.requests.deadline(), Number.POSITIVE_INFINITY)
  })

  test('is not asked more often because more ask: the waits go on doubling as long as anybody waits, 8 times', () => {
    const bench = new Bench()
    bench.ask()
    for (let at = 40_000; at < 20_000_000; at += 40_000) {
      bench.passTo(at)
      bench.ask()
    }
    const times = bench.said().map(said => Number(said.split(' ')[0]))
    const waits = times.map((at, index) => at - (times[index - 1] ?? 0)).slice(1)
    assert.deepEqual(waits, [15, 30, 60, 120, 240, 480, 960, 1920, 3840, 3840, 3840, 3840])
  })

  test('that does not answer an announce is told again, and connected to anew when it was given up', () => {
    const bench = new Bench()
    const asked = bench.ask()
    bench.connect()
    bench.passTo(44_999)
    assert.deepEqual(bench.said(), ['0 announce 1', '15 announce 1'])
    bench.passTo(45_000)
    assert.ok(asked.outcome instanceof TrackerError)
    bench.ask(2)
    assert.deepEqual(bench.said(), ['45 connect'])
  })

  test('whose connection ran out meanwhile is connected to before it is told again', () => {
    const bench = new Bench()
    bench.ask(1)
    bench.connect()
    bench.receive(announceAnswer(bench.announces()[0]!.transactionId, SAID))
    bench.passTo(50_000)
    bench.ask(2)
    bench.said()
    bench.passTo(65_000)
    assert.deepEqual(bench.said(), ['65 connect'])
    bench.connect(1n)
    assert.deepEqual(
      bench.announces().map(({ connectionId, infoHash }) => [connectionId, infoHash[0]]),
      [[1n, 2]],
    )
  })

  test('that refuses is heard', () => {
    const bench = new Bench()
    const asked = bench.ask()
    bench.connect()
    bench.receive(errorAnswer(bench.announces()[0]!.transactionId, 'not registered'))
    assert.ok(asked.outcome instanceof TrackerError)
    assert.deepEqual([asked.outcome.code, asked.outcome.wireText], ['tracker-refused', 'not registered'])
  })

  test('that refuses a connect refuses all that wait for it', () => {
    const bench = new Bench()
    const asked = [bench.ask(1), bench.ask(2)]
    bench.receive(errorAnswer(readConnect(bench.sent[0]!.datagram)!, 'go away'))
    for (const { outcome } of asked)
      assert.ok(outcome instanceof TrackerError && outcome.wireText === 'go away')
    bench.passTo(100_000)
    assert.deepEqual(bench.said(), ['0 connect'])
  })

  test('that does not know a connection any more is connected to once again', () => {
    const bench = new Bench()
    const asked = bench.ask()
    bench.connect()
    const refuse = (): void => {
      bench.receive(errorAnswer(bench.announces()[0]!.transactionId, 'Connection ID missmatch.'))
    }
    refuse()
    assert.equal(asked.outcome, null)
    assert.deepEqual(bench.said(), ['0 announce 1', '0 connect'])
    bench.connect(2n)
    assert.equal(bench.announces()[0]!.connectionId, 2n)
    refuse()
    assert.match(String(asked.outcome), /refuses: Connection ID missmatch/)
  })

  test('is believed only where it was asked, from where it was asked, and once', () => {
    const bench = new Bench()
    const asked = bench.ask()
    const connectId = readConnect(bench.sent[0]!.datagram)!
    assert.ok(!bench.receive(connectAnswer(connectId + 1, CONNECTION)))
    assert.ok(!bench.receive(connectAnswer(connectId, CONNECTION), OTHER))
    assert.ok(!bench.receive(connectAnswer(connectId, CONNECTION), address('192.0.2.1', 6970)))
    bench.said()
    assert.ok(bench.receive(connectAnswer(connectId, CONNECTION)))
    assert.ok(!bench.receive(connectAnswer(connectId, CONNECTION)))
    const { transactionId } = bench.announces()[0]!
    assert.ok(bench.receive(connectAnswer(transactionId, 7n)), 'of the wrong kind: heard, and of no use')
    assert.equal(asked.outcome, null)
    assert.ok(bench.receive(announceAnswer(transactionId, SAID)))
    assert.ok(!bench.receive(announceAnswer(transactionId, SAID)))
    assert.ok(!bench.receive(new Uint8Array(3)))
  })

  test('has a few announces under way at a time, and the others in line', () => {
    const bench = new Bench()
    const { udpAsksAtOnce } = TRACKER_LIMITS
    const asked = Array.from({ length: udpAsksAtOnce + 2 }, (_, torrent) => bench.ask(torrent))
    bench.connect()
    const [first, second, ...others] = bench.announces()
    assert.equal(others.length, udpAsksAtOnce - 2)
    bench.said()
    bench.receive(announceAnswer(first!.transactionId, SAID))
    assert.deepEqual(bench.said(), [`0 announce ${udpAsksAtOnce}`])
    asked.at(-1)!.takeBack()
    bench.receive(announceAnswer(second!.transactionId, SAID))
    assert.deepEqual(bench.said(), [])
  })

  test('is not asked for what was taken back', () => {
    const bench = new Bench()
    bench.ask().takeBack()
    bench.connect()
    assert.deepEqual(bench.announces(), [])
    bench.passTo(100_000)
    assert.equal(bench.requests.deadline(), Number.POSITIVE_INFINITY)
    assert.deepEqual(bench.said(), [])
  })

  test('is remembered among as many as there may be', () => {
    const bench = new Bench()
    bench.ask()
    bench.connect()
    bench.receive(announceAnswer(bench.announces()[0]!.transactionId, SAID))
    for (let i = 0; i < TRACKER_LIMITS.udpTrackers; i++)
      bench.ask(1, address(`10.0.${i >> 8}.${i & 255}`, 1)).takeBack()
    bench.said()
    bench.ask(2)
    assert.deepEqual(bench.said(), ['0 connect'], 'the connection of the first was forgotten')
  })
})

suite('a scrape over UDP', () => {
  test('waits for the connection that announces use too, and names each swarm of the answer', () => {
    const bench = new Bench()
    bench.ask(1)
    const { infoHashes, outcomes } = bench.scrape([7, 8, 9])
    assert.deepEqual(bench.sent.length, 1, 'one connect for both')
    bench.connect()
    const scrape = bench.sent.flatMap(({ datagram }) => readScrape(datagram) ?? [])[0]!
    assert.deepEqual([scrape.connectionId, scrape.infoHashes], [CONNECTION, infoHashes])
    const answer = scrapeAnswer(scrape.transactionId, [
      [1, 2, 3],
      [4, 5, 6],
    ])
    assert.ok(bench.receive(answer))
    assert.deepEqual(outcomes, [
      [
        { infoHash: infoHashes[0], complete: 1, downloaded: 2, incomplete: 3, downloaders: null },
        { infoHash: infoHashes[1], complete: 4, downloaded: 5, incomplete: 6, downloaders: null },
      ],
    ])
    assert.equal(bench.receive(answer), false, 'it was answered')
  })

  test('is not answered by an announce, and an announce not by a scrape', () => {
    const bench = new Bench()
    const asked = bench.ask(1)
    const { outcomes } = bench.scrape([7])
    bench.connect()
    const scrape = bench.sent.flatMap(({ datagram }) => readScrape(datagram) ?? [])[0]!
    bench.receive(announceAnswer(scrape.transactionId, SAID))
    bench.receive(scrapeAnswer(bench.announces()[0]!.transactionId, [[1, 2, 3]]))
    assert.deepEqual([asked.outcome, outcomes], [null, []])
  })

  test('that is refused or not answered is told so', () => {
    const bench = new Bench()
    const { outcomes } = bench.scrape([7])
    bench.connect()
    const scrape = bench.sent.flatMap(({ datagram }) => readScrape(datagram) ?? [])[0]!
    bench.receive(errorAnswer(scrape.transactionId, 'no'))
    const late = bench.scrape([7])
    bench.passTo(bench.now + 45_000)
    const codes = [...outcomes, ...late.outcomes].map(outcome => 'code' in outcome && outcome.code)
    assert.deepEqual(codes, ['tracker-refused', 'tracker-unreachable'])
  })
})
