import assert from 'node:assert/strict'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { story } from './story.ts'

const KIB = 1024

story('a session can be closed at any moment, and everything ends', async stage => {
  stage.newTracker()
  const content = stage.newContent({ format: 'v2', files: 20 * 64 * KIB, pieceLength: 64 * KIB })
  await stage.newSeed(content, { line: { up: 300 * KIB } })
  for (let moment = 0; moment < 40; moment++) {
    const isMagnet = moment % 2 === 0
    const client = await stage.newClient()
    const torrent = isMagnet ? await client.addMagnet(content.magnet) : await client.add(content)
    torrent.completed().catch(() => undefined)
    await stage.pass(moment * 8)
    await stage.settled(client.session.close(), { within: 10_000, what: `closed after ${moment * 8} ms` })
    assert.equal(client.session.torrents().length, 0)
    await stage.pass(1000)
    assert.equal(client.host.sockets.size, 0)
  }
})

story('a torrent that was removed can be added again at once, and loses nothing', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: 60 * 64 * KIB, pieceLength: 64 * KIB })
  await stage.newSeed(content, { line: { up: 500 * KIB } })
  const leech = await stage.newClient()
  let torrent = await leech.add(content)
  for (let round = 1; round <= 5; round++) {
    await stage.until(() => torrent.status().verifiedPieces >= 10 * round)
    const twice = Promise.all([torrent.remove(), torrent.remove()])
    await assert.rejects(leech.add(content), { code: 'torrent-already-added' })
    await stage.settled(twice)
    torrent = await leech.add(content)
    await stage.settled(torrent.checked())
    assert.ok(torrent.status().verifiedPieces >= 10 * round)
  }
  await stage.completed(leech, torrent, content)
  assert.equal(leech.session.torrents().length, 1)
})

story('what people wait for ends with the torrent', async stage => {
  const content = stage.newContent()
  const client = await stage.newClient()
  const torrent = await client.addMagnet(content.magnet, { announces: false })
  const waiting: Promise<unknown>[] = [torrent.metadata(), torrent.checked(), torrent.completed()]
  const aborted = torrent.metadata({ signal: AbortSignal.abort(new Error('enough')) })
  await assert.rejects(stage.settled(aborted), { message: 'enough' })
  await stage.settled(torrent.remove())
  for (const promise of waiting) await assert.rejects(stage.settled(promise), { code: 'torrent-removed' })
  await stage.settled(client.session.close())
  await assert.rejects(client.add(content), { code: 'session-closed' })
})

story('a signal ends the waiting, and what was begun goes on', async stage => {
  stage.newTracker()
  const content = stage.newContent()
  const client = await stage.newClient({ state: new MemoryStateFiles() })
  const signal = AbortSignal.abort(new Error('enough'))
  const isEnough = { message: 'enough' }
  await assert.rejects(stage.settled(client.add(content, { signal })), isEnough)
  assert.equal(client.session.torrents().length, 0)
  const torrent = await client.add(content)
  await assert.rejects(stage.settled(torrent.remove({ signal })), isEnough)
  await stage.until(() => client.session.torrents().length === 0)
  await assert.rejects(stage.settled(client.session.close({ signal })), isEnough)
  await stage.settled(client.session.close())
  await assert.rejects(client.add(content), { code: 'session-closed' })
})
