import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { explainSlowness, type SlownessFacts } from '../../../src/client/slowness.ts'
import type { TorrentStatus, TrackerStatus } from '../../../src/client/torrent-status.ts'
import { StorageError } from '../../../src/core/errors.ts'
import { status } from '../cli/statuses.ts'

function explain(of: Partial<TorrentStatus>, more: Partial<SlownessFacts> = {}): string[] {
  const found = explainSlowness({
    status: status(of),
    usefulPeers: 0,
    unchokingPeers: 0,
    interestedPeers: 0,
    piecesNowhere: 0,
    limit: null,
    behind: null,
    ...more,
  })
  return found.map(({ code, message }) => `${code}: ${message}`)
}

const silent: TrackerStatus = {
  url: 'http://tracker/announce',
  state: 'failed',
  message: 'connection refused',
  seeds: null,
  leeches: null,
  nextInSeconds: 60,
}

describe('why a torrent is not faster', () => {
  it('is its own state, before all else', () => {
    assert.deepEqual(explain({ state: 'paused' }), ['paused: it is paused: resume it'])
    const error = new StorageError('storage-full', 'the disk is full')
    assert.deepEqual(explain({ state: 'failed', error }), ['failed: the disk is full'])
    assert.deepEqual(explain({ state: 'stopped' }), [
      'not-begun: it waits for its turn to be opened, or was taken out',
    ])
    assert.deepEqual(explain({ error }), ['disk-refuses: the disk is full'])
    assert.deepEqual(explain({ state: 'checking', checkedPieces: 3, pieces: 9 }), [
      'checking: what is on disk is being checked: 3 of 9 pieces so far',
    ])
  })

  it('is that nobody is known, or that nobody answers, and which tracker says what', () => {
    const alone = { peers: 0, knownPeers: 0 }
    assert.deepEqual(explain({ ...alone, trackers: [] }), [
      'no-peers-known: nobody who has it is known: it has no tracker; name a peer or a tracker',
    ])
    assert.deepEqual(explain({ ...alone, trackers: [{ ...silent, state: 'working' }] }), [
      'no-peers-known: nobody who has it is known: no tracker names any',
    ])
    assert.deepEqual(explain({ peers: 0, knownPeers: 3, trackers: [silent, silent] }), [
      'no-trackers-answer: none of 2 trackers answers: http://tracker/announce: connection refused',
      'no-peer-answers: 3 peers are known, and none is connected: they are tried again by and by',
    ])
  })

  it('is that peers have no metadata, nothing of use, or no turn for us', () => {
    assert.deepEqual(explain({ state: 'fetching-metadata', peers: 1 }), [
      'no-metadata: none of 1 peer has sent the metadata yet',
    ])
    assert.deepEqual(explain({ peers: 2, pieces: 10, verifiedPieces: 9 }), [
      'nobody-has-the-rest: none of 2 peers has any of the 1 piece that is missing',
    ])
    assert.deepEqual(explain({ peers: 3 }, { usefulPeers: 2 }), [
      'all-choke-us: 2 peers have what is missing, and let us wait for a turn',
    ])
    assert.deepEqual(explain({ peers: 3 }, { usefulPeers: 2, unchokingPeers: 1, piecesNowhere: 4 }), [
      'nobody-has-the-rest: 4 pieces are with nobody who is connected',
    ])
  })

  it('is a limit, the disk, the hashing, or else the peers themselves', () => {
    const fed = { usefulPeers: 2, unchokingPeers: 2 }
    const limit = { whose: 'the session', bytesPerSecond: 1024 * 1024 }
    assert.deepEqual(explain({}, { ...fed, limit }), [
      'rate-limit: the limit of the session, 1.00 MiB/s, is used up',
    ])
    assert.deepEqual(explain({}, { ...fed, behind: 'disk' }), [
      'disk-too-slow: pieces come faster than the disk takes them',
    ])
    assert.deepEqual(explain({}, { ...fed, behind: 'hashing' }), [
      'hashing-too-slow: pieces come faster than they can be hashed',
    ])
    assert.deepEqual(explain({ downloadRate: 2 * 1024 ** 2 }, fed), [
      'peers-too-slow: 2 peers send as fast as they do: 2.00 MiB/s together',
    ])
  })

  it('is nothing for a seed that gives what is asked', () => {
    assert.deepEqual(explain({ state: 'seeding' }, { interestedPeers: 1 }), [])
    assert.deepEqual(explain({ state: 'seeding', peers: 0 }), [
      'nobody-asks: nobody is connected: it is there for whoever comes',
    ])
    assert.deepEqual(explain({ state: 'seeding', peers: 2 }), [
      'nobody-asks: none of 2 peers wants anything: it is there for whoever comes',
    ])
    const limit = { whose: 'the torrent', bytesPerSecond: 1024 }
    assert.deepEqual(explain({ state: 'seeding' }, { interestedPeers: 1, limit }), [
      'rate-limit: the limit of the torrent, 1.00 KiB/s, is used up',
    ])
  })
})
