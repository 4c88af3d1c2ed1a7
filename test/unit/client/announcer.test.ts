import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AlertStream } from '../../../src/client/alert-stream.ts'
import type { AlertOf } from '../../../src/client/alerts.ts'
import { Announcer } from '../../../src/client/announcer.ts'
import type { TrackerClient } from '../../../src/client/session-ports.ts'
import { parseAddress } from '../../../src/core/address.ts'
import { TrackerError } from '../../../src/core/errors.ts'
import type { TorrentId } from '../../../src/core/ids.ts'
import type { AnnounceRequest, AnnounceResponse } from '../../../src/tracker/announce.ts'
import { AnnounceSchedule } from '../../../src/tracker/announce-schedule.ts'
import { manualTurns, settled } from '../../support/manual-turns.ts'
import { seededDice } from '../../support/seeded-dice.ts'

const TRACKER = 'http://tracker.example/announce'

const ANSWER: AnnounceResponse = {
  intervalSeconds: 1800,
  minIntervalSeconds: 60,
  complete: 3,
  incomplete: 5,
  downloaded: null,
  peers: [{ address: parseAddress('10.0.0.1:6881') }, { address: parseAddress('10.0.0.2:6882') }],
  warning: null,
  externalHost: null,
  trackerId: null,
}

/** Trackers that answer when the test says so. */
class ManualTrackers implements Pick<TrackerClient, 'announce'> {
  readonly requests: { url: string; request: AnnounceRequest }[] = []
  readonly #waiting: PromiseWithResolvers<AnnounceResponse>[] = []

  announce(
    url: string,
    request: AnnounceRequest,
    { signal }: { signal: AbortSignal },
  ): Promise<AnnounceResponse> {
    this.requests.push({ url, request })
    const answer = Promise.withResolvers<AnnounceResponse>()
    this.#waiting.push(answer)
    signal.addEventListener('abort', () => answer.reject(signal.reason), { once: true })
    if (signal.aborted) answer.reject(signal.reason)
    return answer.promise
  }

  /** The events of all announces so far. */
  get events(): (string | null)[] {
    return this.requests.map(({ request }) => request.event)
  }

  async answers(answer: Partial<AnnounceResponse> = {}): Promise<void> {
    this.#waiting.shift()?.resolve({ ...ANSWER, ...answer })
    await settled()
  }

  async refuses(error: unknown): Promise<void> {
    this.#waiting.shift()?.reject(error)
    await settled()
  }
}

function bench(options: { tiers?: string[][] } = {}) {
  const { time, turns } = manualTurns()
  const trackers = new ManualTrackers()
  const alerts = new AlertStream()
  const heard: (AlertOf<'tracker-answered'> | AlertOf<'tracker-failed'>)[] = []
  alerts.on('tracker-answered', alert => heard.push(alert))
  alerts.on('tracker-failed', alert => heard.push(alert))
  const found: number[] = []
  const changes: string[] = []
  const errors: unknown[] = []
  const facts = { port: 6881, uploaded: 1, downloaded: 2, left: 3, numWant: 50 }
  const announcer = new Announcer({
    torrent: 'a torrent' as TorrentId,
    infoHash: new Uint8Array(20).fill(1),
    peerId: new Uint8Array(20).fill(2),
    key: '0badcafe',
    schedule: new AnnounceSchedule({ tiers: options.tiers ?? [[TRACKER]], dice: seededDice() }),
    client: trackers,
    turns,
    alerts,
    facts: () => facts,
    foundPeers: peers => found.push([...peers].length),
    changed: () => void changes.push('changed'),
    fail: error => errors.push(error),
  })
  const start = (isComplete = false): void => turns.enter(announcer, now => announcer.start(now, isComplete))
  return { time, turns, trackers, alerts, heard, found, changes, errors, facts, announcer, start }
}

describe('an announce', () => {
  it('is told of when it begins, and when its answer or its failure comes', async () => {
    const { trackers, changes, start, announcer, time } = bench()
    start()
    assert.equal(changes.length, 1)
    await trackers.refuses(new Error('nobody there'))
    assert.equal(changes.length, 2)
    time.pass(3_600_000)
    assert.equal(changes.length, 3)
    assert.equal(announcer.states(time.now)[0]?.state, 'announcing')
  })

  it('says who and where we are and how far', () => {
    const { trackers, start } = bench()
    start()
    assert.deepEqual(trackers.requests, [
      {
        url: TRACKER,
        request: {
          infoHash: new Uint8Array(20).fill(1),
          peerId: new Uint8Array(20).fill(2),
          key: '0badcafe',
          port: 6881,
          uploaded: 1,
          downloaded: 2,
          left: 3,
          event: 'started',
          numWant: 50,
          isCompact: true,
          noPeerId: true,
        },
      },
    ])
  })

  it('hands on the peers that the tracker names, and what it counts', async () => {
    const { trackers, heard, found, announcer, time, start } = bench()
    start()
    assert.equal(announcer.states(time.now)[0]?.state, 'announcing')
    await trackers.answers({ warning: 'soon over' })
    assert.deepEqual(found, [2])
    assert.deepEqual(heard, [
      {
        type: 'tracker-answered',
        torrent: 'a torrent',
        tracker: TRACKER,
        event: 'started',
        peers: 2,
        seeds: 3,
        leeches: 5,
        warning: 'soon over',
      },
    ])
    const [{ nextInSeconds, ...state }] = announcer.states(time.now) as [
      ReturnType<typeof announcer.states>[number],
    ]
    assert.deepEqual(state, { url: TRACKER, state: 'working', message: 'soon over', seeds: 3, leeches: 5 })
    assert.ok(nextInSeconds! >= 1800)
  })

  it('is repeated at the interval, with the counters of that moment and the tracker id', async () => {
    const { time, trackers, facts, start } = bench()
    start()
    await trackers.answers({ trackerId: 'abc' })
    time.pass(1_799_000)
    assert.equal(trackers.requests.length, 1)
    facts.downloaded = 99
    time.pass(400_000)
    assert.deepEqual(trackers.events, ['started', null])
    assert.equal(trackers.requests[1]?.request.downloaded, 99)
    assert.equal(trackers.requests[1]?.request.trackerId, 'abc')
  })

  it('is made earlier where peers are short, as far as the tracker allows', async () => {
    const { time, turns, trackers, announcer, start } = bench()
    start()
    await trackers.answers()
    turns.enter(announcer, now => announcer.wantPeers(now))
    time.pass(59_000)
    assert.equal(trackers.requests.length, 1)
    time.pass(2_000)
    assert.equal(trackers.requests.length, 2)
  })

  it('that fails is told with its reason, and made again later', async () => {
    const { time, trackers, heard, announcer, start } = bench()
    start()
    await trackers.refuses(new TrackerError('tracker-refused', 'not registered'))
    const [alert] = heard
    assert.ok(alert?.type === 'tracker-failed')
    assert.equal(alert.error.code, 'tracker-refused')
    assert.ok(alert.retryInSeconds > 0)
    assert.equal(announcer.states(time.now)[0]?.state, 'failed')
    time.pass(alert.retryInSeconds * 1000 + 1000)
    assert.deepEqual(trackers.events, ['started', 'started'])
  })

  it('that fails for a reason without a code is a tracker that could not be asked', async () => {
    const { trackers, heard, errors, start } = bench()
    start()
    await trackers.refuses(new TypeError('something else'))
    assert.ok(heard[0]?.type === 'tracker-failed')
    assert.equal(heard[0].error.code, 'tracker-unreachable')
    assert.deepEqual(errors, [])
  })

  it('goes to the next tracker at once where one fails', async () => {
    const { time, trackers, start } = bench({ tiers: [['http://one/'], ['http://two/']] })
    start()
    await trackers.refuses(new TrackerError('tracker-refused', 'no'))
    time.pass(1)
    assert.deepEqual(
      trackers.requests.map(({ url }) => url),
      ['http://one/', 'http://two/'],
    )
  })
})

describe('completion', () => {
  it('is announced once, by who was told of the start', async () => {
    const { turns, trackers, announcer, start } = bench()
    start()
    await trackers.answers()
    turns.enter(announcer, now => announcer.complete(now))
    turns.enter(announcer, now => announcer.complete(now))
    await trackers.answers()
    assert.deepEqual(trackers.events, ['started', 'completed'])
  })

  it('is not announced where everything was there from the start', async () => {
    const { turns, trackers, announcer, start } = bench()
    start(true)
    await trackers.answers()
    turns.enter(announcer, now => announcer.complete(now))
    assert.deepEqual(trackers.events, ['started'])
  })
})

describe('leaving', () => {
  it('is told to the tracker, which is waited for, and finds no peers', async () => {
    const { time, trackers, found, announcer, start } = bench()
    start()
    await trackers.answers()
    let hasLeft = false
    const leaving = announcer.stop(time.now, new AbortController().signal).then(() => {
      hasLeft = true
    })
    await settled()
    assert.deepEqual(trackers.events, ['started', 'stopped'])
    assert.equal(trackers.requests[1]?.request.numWant, 0)
    assert.equal(hasLeft, false)
    await trackers.answers()
    await leaving
    assert.deepEqual(found, [2])
    time.pass(10_000_000)
    assert.equal(trackers.requests.length, 2)
  })

  it('is told right after an announce that is under way', async () => {
    const { time, trackers, announcer, start } = bench()
    start()
    const leaving = announcer.stop(time.now, new AbortController().signal)
    await trackers.answers()
    assert.deepEqual(trackers.events, ['started', 'stopped'])
    await trackers.answers()
    await leaving
    assert.equal(announcer.deadline(), Number.POSITIVE_INFINITY)
  })

  it('needs nobody where nobody was told of the start', async () => {
    const { time, trackers, announcer, start } = bench()
    start()
    await trackers.refuses(new TrackerError('tracker-refused', 'no'))
    await announcer.stop(time.now, new AbortController().signal)
    assert.deepEqual(trackers.events, ['started'])
  })

  it('does not wait longer than the signal says', async () => {
    for (const isAnswered of [true, false]) {
      const { time, trackers, announcer, start } = bench()
      start()
      if (isAnswered) await trackers.answers()
      const patience = new AbortController()
      const leaving = announcer.stop(time.now, patience.signal)
      patience.abort(new Error('enough'))
      await leaving
      await announcer.stop(time.now, patience.signal)
      assert.deepEqual(trackers.events, ['started', 'stopped'])
    }
  })
})
