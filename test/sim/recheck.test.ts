import assert from 'node:assert/strict'
import { StorageError } from '../../src/core/errors.ts'
import type { RecheckProgress } from '../../src/client/torrent-status.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import type { MemoryDisk } from '../../src/storage/memory-storage.ts'
import { type Stage, story } from './story.ts'

const KIB = 1024
const PIECE = 32 * KIB

async function seeding(stage: Stage) {
  stage.newTracker()
  const content = stage.newContent({ files: 40 * PIECE, pieceLength: PIECE })
  const seed = await stage.newSeed(content)
  const other = await stage.newClient({ state: new MemoryStateFiles() })
  const torrent = await other.add(content)
  await stage.completed(other, torrent, content)
  return { content, seed, other, torrent }
}

/** The disk forgets a byte of a piece, and nobody can see it from outside. */
function rot(disk: MemoryDisk, piece: number): void {
  disk.files.get('file')!.bytes[piece * PIECE + 5]! ^= 1
}

story('a recheck finds what the disk has lost, and it is fetched again', async stage => {
  const { content, other, torrent } = await seeding(stage)
  for (const piece of [3, 17]) rot(other.disk, piece)
  const before = torrent.status().downloaded
  const progress: RecheckProgress[] = []
  const result = await stage.settled(torrent.recheck({ onProgress: news => progress.push(news) }))
  assert.deepEqual(result, { pieces: 40, good: 38, lost: 2, found: 0 })
  assert.deepEqual(
    progress.map(({ checked }) => checked),
    Array.from({ length: 40 }, (_, at) => at + 1),
  )
  assert.deepEqual(
    other.heard('piece-lost').map(({ piece }) => piece),
    [3, 17],
  )
  await stage.until(() => torrent.status().state === 'seeding')
  assert.equal(content.missingOn(other.disk), null)
  assert.equal(torrent.status().downloaded - before, 2 * PIECE)
  assert.equal(torrent.status().recheck, null)
})

story('a scrub reads no faster than it is told, and the torrent goes on meanwhile', async stage => {
  const { content, other, torrent } = await seeding(stage)
  const begun = stage.now
  let last: RecheckProgress | null = null
  const scrub = torrent.recheck({ bytesPerSecond: PIECE, onProgress: news => (last = news) })
  const late = await stage.newClient()
  const wanted = await late.add(content)
  await stage.completed(late, wanted, content)
  assert.ok(stage.now - begun < 30_000)
  assert.deepEqual(torrent.status().recheck, last)
  const result = await stage.settled(scrub)
  assert.deepEqual(result, { pieces: 40, good: 40, lost: 0, found: 0 })
  const took = stage.now - begun
  assert.ok(took > 39_000 && took < 42_000, `${took} ms for 40 pieces, one a second`)
  assert.equal(other.heard('checking').length, 1, 'it is not checked as at the start')
})

story('a recheck can be given up, and what was found holds', async stage => {
  const { content, other, torrent } = await seeding(stage)
  rot(other.disk, 2)
  const aborted = new AbortController()
  const enough = new Error('enough')
  const scrub = torrent.recheck({ bytesPerSecond: PIECE, signal: aborted.signal })
  const given = assert.rejects(scrub, enough)
  await stage.pass(10_500)
  aborted.abort(enough)
  await stage.settled(given)
  const { digested } = other.diskLog
  await stage.pass(60_000)
  assert.equal(other.diskLog.digested, digested)
  assert.equal(other.heard('piece-lost').length, 1)
  assert.equal(content.missingOn(other.disk), null)
})

story('what somebody put there is found', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: 40 * PIECE, pieceLength: PIECE })
  const leech = await stage.newClient({ state: new MemoryStateFiles() })
  const torrent = await leech.add(content)
  await stage.settled(torrent.checked())
  content.putOn(leech.disk)
  const result = await stage.settled(torrent.recheck())
  assert.deepEqual(result, { pieces: 40, good: 40, lost: 0, found: 40 })
  await stage.settled(torrent.completed())
  assert.ok(leech.diskLog.broadSyncs > 0)
  const next = await stage.newSeed(content, { disk: leech.disk })
  assert.equal(next.session.torrents()[0]!.status().verifiedPieces, 40)
})

story('a torrent that rests or is paused can be rechecked, and rests again', async stage => {
  const { other, torrent } = await seeding(stage)
  await stage.until(() => torrent.status().isResting)
  rot(other.disk, 7)
  assert.equal((await stage.settled(torrent.recheck())).lost, 1)
  await stage.until(() => torrent.status().state === 'seeding')
  torrent.pause()
  await stage.until(() => torrent.status().isResting)
  rot(other.disk, 8)
  assert.equal((await stage.settled(torrent.recheck())).lost, 1)
  await stage.until(() => torrent.status().isResting)
  assert.equal(torrent.status().verifiedPieces, 39)
  await stage.settled(torrent.resume())
  await stage.until(() => torrent.status().state === 'seeding')
})

story('a disk that is away says nothing of what is on it', async stage => {
  const { other, torrent } = await seeding(stage)
  const scrub = assert.rejects(torrent.recheck({ bytesPerSecond: PIECE }), { code: 'storage-unmounted' })
  await stage.pass(5_000)
  other.disk.fault = new StorageError('storage-unmounted', 'the folder is not there')
  await stage.settled(scrub)
  other.disk.fault = null
  assert.equal(torrent.status().verifiedPieces, 40)
  await stage.settled(assert.rejects(torrent.recheck({ bytesPerSecond: 0 }), { code: 'rate-invalid' }))
})

story('a torrent that leaves ends its recheck', async stage => {
  const { torrent } = await seeding(stage)
  const scrub = assert.rejects(torrent.recheck({ bytesPerSecond: PIECE }), { code: 'torrent-removed' })
  await stage.pass(3_000)
  await stage.settled(torrent.remove())
  await stage.settled(scrub)
})
