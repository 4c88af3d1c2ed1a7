import assert from 'node:assert/strict'
import test from 'node:test'
import type { CliChanges, CliTorrent } from '../../../src/cli/cli-session.ts'
import { UpFigures } from '../../../src/cli/up-figures.ts'
import type { TorrentStatus } from '../../../src/client/torrent-status.ts'
import { type InfoHashes, type TorrentId, torrentIdOf } from '../../../src/core/ids.ts'
import { status } from './statuses.ts'

const QUIET = { uploaded: 0, uploadRate: 0, peers: 0 }

/** Tells only what the test says has changed, and counts who is asked. */
class Session {
  readonly torrents: { torrent: CliTorrent; now: Partial<TorrentStatus> }[] = []
  asked = 0
  #revision = 0
  #news: CliTorrent[] = []
  #removed: TorrentId[] = []
  isWhole = true

  constructor(count: number) {
    for (let i = 0; i < count; i++) this.#add(i)
  }

  #add(index: number): void {
    const infoHashes: InfoHashes = { v1: new Uint8Array(20) }
    new DataView(infoHashes.v1!.buffer).setUint32(0, index)
    const entry = { now: QUIET as Partial<TorrentStatus>, torrent: null as unknown as CliTorrent }
    const id = torrentIdOf(infoHashes)
    const ask = (): TorrentStatus => {
      this.asked++
      return status({ id, infoHashes, ...entry.now })
    }
    entry.torrent = { id, infoHashes, status: ask } as CliTorrent
    this.torrents.push(entry)
  }

  change(index: number, now: Partial<TorrentStatus>): void {
    this.decay(index, now)
    this.#news.push(this.torrents[index]!.torrent)
  }

  /** As the clock does it: nobody is told. */
  decay(index: number, now: Partial<TorrentStatus>): void {
    Object.assign(this.torrents[index]!, { now: { ...this.torrents[index]!.now, ...now } })
  }

  remove(index: number): void {
    const [gone] = this.torrents.splice(index, 1)
    this.#removed.push(gone!.torrent.id)
  }

  changesSince(revision: number): CliChanges {
    assert.equal(revision, this.#revision)
    const { isWhole } = this
    const torrents = isWhole ? this.torrents.map(({ torrent }) => torrent) : this.#news
    const news = { revision: ++this.#revision, isWhole, torrents, removed: isWhole ? [] : this.#removed }
    this.isWhole = false
    this.#news = []
    this.#removed = []
    return news
  }

  /** How many were asked since the last time. */
  takeAsked(): number {
    const { asked } = this
    this.asked = 0
    return asked
  }
}

const alone = () => ({ seeds: 1, leeches: 0 })

test('of ten thousand torrents only those are asked that changed', () => {
  const session = new Session(10_000)
  const figures = new UpFigures(session, alone)
  assert.deepEqual(figures.look(), { torrents: 10_000, ...QUIET, seeds: 0, leeches: 0 })
  assert.equal(session.takeAsked(), 10_000)
  figures.look()
  assert.equal(session.takeAsked(), 0)
  session.change(7, { uploaded: 100, peers: 2 })
  session.change(8, { uploaded: 11, peers: 1 })
  const { uploaded, peers } = figures.look()
  assert.deepEqual([uploaded, peers, session.takeAsked()], [111, 3, 2])
  session.change(7, { uploaded: 150, peers: 0 })
  assert.equal(figures.look().uploaded, 161)
  assert.equal(figures.look().peers, 1)
  assert.equal(session.takeAsked(), 1)
})

test('who sent at the last look is asked until it sends no more', () => {
  const session = new Session(100)
  const figures = new UpFigures(session, alone)
  figures.look()
  session.change(3, { uploadRate: 1000.4 })
  session.change(4, { uploadRate: 50 })
  session.takeAsked()
  assert.equal(figures.look().uploadRate, 1050)
  session.decay(3, { uploadRate: 400 })
  assert.equal(figures.look().uploadRate, 450)
  session.decay(3, { uploadRate: 0 })
  session.decay(4, { uploadRate: 0 })
  assert.equal(figures.look().uploadRate, 0)
  assert.equal(session.takeAsked(), 6)
  figures.look()
  assert.equal(session.takeAsked(), 0)
})

test('what is taken out counts no more, and an answer that is whole begins anew', () => {
  const session = new Session(3)
  const figures = new UpFigures(session, () => ({ seeds: 2, leeches: 3 }))
  for (const index of [0, 1, 2]) session.change(index, { uploaded: 10, uploadRate: 5, peers: 1 })
  assert.deepEqual(figures.look(), {
    torrents: 3,
    uploaded: 30,
    uploadRate: 15,
    peers: 3,
    seeds: 3,
    leeches: 9,
  })
  session.remove(1)
  const two = { torrents: 2, uploaded: 20, uploadRate: 10, peers: 2, seeds: 2, leeches: 6 }
  assert.deepEqual(figures.look(), two)
  session.isWhole = true
  assert.deepEqual(figures.look(), two)
  session.isWhole = true
  session.torrents.length = 0
  assert.deepEqual(figures.look(), { torrents: 0, ...QUIET, seeds: 0, leeches: 0 })
})

test('the tracker is looked into a part at a time, and all of it in the end', () => {
  const session = new Session(1200)
  let looks = 0
  let leeches = 0
  const figures = new UpFigures(session, () => {
    looks++
    return { seeds: 1, leeches }
  })
  figures.look()
  leeches = 1
  looks = 0
  const seen = [figures.look(), figures.look(), figures.look()].map(totals => totals.leeches)
  assert.deepEqual(seen, [500, 1000, 1200])
  assert.equal(looks, 1500)
})

test('a torrent that went and came back is asked by its new handle', () => {
  const session = new Session(1)
  const figures = new UpFigures(session, alone)
  session.change(0, { uploaded: 1000 })
  figures.look()
  const entry = session.torrents[0]!
  const old = entry.torrent
  entry.torrent = { ...old, status: () => status({ id: old.id, uploaded: 5, uploadRate: 7, peers: 0 }) }
  session.change(0, {})
  assert.equal(figures.look().uploaded, 5)
  assert.equal(figures.look().uploaded, 5)
})
