import assert from 'node:assert/strict'
import test from 'node:test'
import { address } from '../../../src/core/address.ts'
import { ProtocolError, TrackerError } from '../../../src/core/errors.ts'
import { alertEvent, alertNews } from '../../../src/cli/alert-text.ts'
import { status } from './statuses.ts'

const torrent = status().id

test('people hear of trouble and what becomes of it', () => {
  const news = alertNews({
    type: 'tracker-failed',
    torrent,
    tracker: 'http://t.example/announce',
    error: new TrackerError('tracker-unreachable', 'http://t.example/announce cannot be reached'),
    retryInSeconds: 60,
  })
  assert.deepEqual(news, {
    tone: 'warning',
    text: 'http://t.example/announce cannot be reached; asked again in 1 min 00 s',
  })
})

test('people do not hear of every piece and peer', () => {
  assert.equal(alertNews({ type: 'piece-verified', torrent, piece: 3 }), null)
  assert.equal(
    alertNews({ type: 'peer-connected', torrent, address: address('192.0.2.1', 1), client: 'x' }),
    null,
  )
})

test('what a stranger says does not steer the terminal', () => {
  const news = alertNews({
    type: 'tracker-answered',
    torrent,
    tracker: 'http://t.example/announce',
    event: null,
    peers: 0,
    seeds: null,
    leeches: null,
    warning: 'hi\u001b[2J',
  })
  assert.equal(news?.text, 'http://t.example/announce says: hi\\u{1b}[2J')
})

test('programs get every field, addresses and errors as plain values', () => {
  assert.deepEqual(
    alertEvent({
      type: 'peer-connected',
      torrent,
      address: address('2001:db8::1', 6881),
      client: 'shoal 0.1',
    }),
    { type: 'alert', alert: 'peer-connected', torrent, address: '[2001:db8::1]:6881', client: 'shoal 0.1' },
  )
  assert.deepEqual(
    alertEvent({
      type: 'torrent-error',
      torrent,
      error: new TrackerError('some-code', 'a message'),
      isWaiting: false,
    }),
    {
      type: 'alert',
      alert: 'torrent-error',
      torrent,
      error: { code: 'some-code', message: 'a message' },
      isWaiting: false,
    },
  )
})

test('people hear at which port the router lets others in, and of a second router', () => {
  const mapped = {
    type: 'port-mapped',
    transport: 'tcp',
    localHost: '192.168.7.20',
    internalPort: 6881,
    externalPort: 50_001,
    externalHost: '81.2.69.142',
    method: 'pcp',
    gateway: '192.168.7.1',
  } as const
  const text = 'The router 192.168.7.1 forwards 81.2.69.142:50001 to here.'
  assert.deepEqual(alertNews(mapped), { tone: 'plain', text })
  assert.equal(alertNews({ ...mapped, transport: 'udp' }), null, 'once is enough')
  assert.match(alertNews({ ...mapped, externalHost: null })!.text, /forwards its port 50001/)
  const behindAnother = alertNews({ ...mapped, externalHost: '100.64.0.9' })
  assert.equal(behindAnother?.tone, 'warning')
  assert.match(behindAnother!.text, /another router stands before it/)
})

test('people hear of a router that refuses, and not of one that is not there', () => {
  const failed = (code: string) =>
    alertNews({
      type: 'port-mapping-failed',
      localHost: '192.168.7.20',
      error: new ProtocolError(code, 'the router refuses\u001b[2J'),
    })
  assert.deepEqual(failed('port-map-refused'), { tone: 'warning', text: 'the router refuses\\u{1b}[2J' })
  assert.equal(failed('port-map-unanswered'), null)
})
