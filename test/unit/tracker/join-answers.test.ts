import assert from 'node:assert/strict'
import { test } from 'node:test'
import { address } from '../../../src/core/address.ts'
import type { AnnounceResponse } from '../../../src/tracker/announce.ts'
import { joinAnswers } from '../../../src/tracker/join-answers.ts'

const ANSWER: AnnounceResponse = {
  intervalSeconds: 1800,
  minIntervalSeconds: null,
  complete: 1,
  incomplete: 5,
  downloaded: null,
  peers: [{ address: address('192.0.2.1', 1) }],
  warning: null,
  externalHost: null,
  trackerId: 'id',
}

test('a swarm over two families has the peers of both and the larger counts', () => {
  const peers = [{ address: address('2001:db8::1', 2) }]
  const other = {
    ...ANSWER,
    intervalSeconds: 60,
    complete: 3,
    incomplete: 4,
    downloaded: 9,
    peers,
    warning: 'w',
  }
  assert.deepEqual(joinAnswers(ANSWER, [other]), {
    ...ANSWER,
    complete: 3,
    incomplete: 5,
    downloaded: 9,
    warning: 'w',
    peers: [...ANSWER.peers, ...peers],
  })
  assert.deepEqual(joinAnswers(ANSWER, []), ANSWER)
})
