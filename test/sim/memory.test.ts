import assert from 'node:assert/strict'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { CLIENT_DEFAULTS } from '../../src/client/options.ts'
import { EXTENT_LENGTH } from '../../src/swarm/extent-pool.ts'
import { say } from './fake-peer.ts'
import { FakeSeed } from './fake-seed.ts'
import { story } from './story.ts'

const KIB = 1024
const BLOCK = 16 * KIB
const EXTENTS = CLIENT_DEFAULTS.extentMemory / EXTENT_LENGTH
const SLOW_PEERS = 10

story('slow peers that hold all memory hold up nobody', async stage => {
  const tracker = stage.newTracker()
  const slowPieces = EXTENTS + 2 * SLOW_PEERS
  const content = stage.newContent({ files: (slowPieces + 50) * 2 * BLOCK, pieceLength: 2 * BLOCK })
  // Each sends the first block of its pieces at once, and a second one now and then: nobody can say that it stalls.
  for (let i = 0; i < SLOW_PEERS; i++) {
    const later: (() => void)[] = []
    const sendLater = (): void => {
      later.shift()?.()
      stage.after(10_000, sendLater)
    }
    stage.after(10_000, sendLater)
    await FakeSeed.open(stage, content, {
      tracker,
      has: Array.from({ length: slowPieces / SLOW_PEERS }, (_, n) => n * SLOW_PEERS + i),
      onRequest: (peer, piece, begin, length) => {
        const send = (): void => peer.say(say.piece(piece, begin, content.read(piece, begin, length)))
        if (begin === 0) send()
        else later.push(send)
      },
    })
  }
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  await stage.pass(5000)
  assert.equal(torrent.status().verifiedPieces, 0)
  const seed = await stage.newClient({ disk: content.onDisk() })
  await seed.add(content, { peers: [leech.address] })
  await stage.until(() => torrent.status().verifiedPieces >= 50, { within: 15_000 })
  await stage.completed(leech, torrent, content)
  assert.equal(leech.heard('piece-failed').length, 0)
})

story('a session that is closed in the middle of pieces fetches nothing again', async stage => {
  stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
  for (const format of ['v1', 'v2', 'hybrid'] as const) {
    const content = stage.newContent({ format, name: format, files: 4 * 1024 * KIB, pieceLength: 1024 * KIB })
    await stage.newSeed(content, { line: { up: 200 * KIB } })
    const state = new MemoryStateFiles()
    const first = await stage.newClient({ state })
    const begun = await first.add(content)
    await stage.until(() => begun.status().downloaded > 1500 * KIB)
    await stage.settled(first.session.close())
    const { downloaded } = begun.status()
    const second = await stage.newClient({ state, disk: first.disk })
    const torrent = await second.add(content)
    await stage.completed(second, torrent, content)
    assert.equal(torrent.status().downloaded, content.wireLength - downloaded)
  }
})

story('blocks of a file that changed meanwhile are forgotten', async stage => {
  stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
  const content = stage.newContent({ files: 1024 * KIB, pieceLength: 1024 * KIB })
  await stage.newSeed(content, { line: { up: 200 * KIB } })
  const state = new MemoryStateFiles()
  const first = await stage.newClient({ state })
  const begun = await first.add(content)
  await stage.until(() => begun.status().downloaded > 500 * KIB)
  await stage.settled(first.session.close())
  first.disk.files.delete('file')
  const second = await stage.newClient({ state, disk: first.disk })
  const torrent = await second.add(content)
  await stage.completed(second, torrent, content)
  assert.equal(torrent.status().downloaded, content.wireLength)
  assert.equal(second.heard('piece-failed').length, 0)
})
