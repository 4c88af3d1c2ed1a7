import assert from 'node:assert/strict'
import { CLIENT_LIMITS } from '../../src/client/limits.ts'
import { story } from './story.ts'

const KIB = 1024
const { silentDisk } = CLIENT_LIMITS

story('closing does not wait for ever for a disk that hangs, and all else ends well', async stage => {
  const tracker = stage.newTracker()
  const contents = ['a', 'b', 'c', 'd'].map(name =>
    stage.newContent({ name, files: 64 * 64 * KIB, pieceLength: 64 * KIB }),
  )
  for (const content of contents) await stage.newSeed(content, { line: { up: 500 * KIB } })
  const leech = await stage.newClient()
  for (const content of contents) {
    const torrent = await leech.add(content)
    await stage.until(() => torrent.status().verifiedPieces > 5)
  }
  leech.diskLog.isDead = true
  await stage.pass(1000)
  const from = stage.now
  const isHanging = (error: { code: string; message: string }): boolean =>
    error.code === 'disk-hangs' && error.message.includes('of "a", "b", "c", 1 more was not')
  await assert.rejects(stage.settled(leech.session.close(), { within: 120_000 }), isHanging)
  assert.ok(stage.now - from >= silentDisk && stage.now - from < silentDisk + 5000, `${stage.now - from} ms`)
  assert.equal(tracker.from(leech.host.at).filter(({ event }) => event === 'stopped').length, 4)
  await stage.pass(1000)
  assert.equal(leech.host.sockets.size, 0)
})

story('closing waits for disks as long as they do something', async stage => {
  const client = await stage.newClient({
    ports: {
      giveUpSilentDisks: () => ({ isAnyWorking: true, givenUp: [] }),
      close: () => stage.later(10 * silentDisk, () => undefined),
    },
  })
  const from = stage.now
  await stage.settled(client.session.close(), { within: 20 * silentDisk })
  assert.ok(stage.now - from >= 10 * silentDisk)
})

story('what a disk that is given up sets free comes to its end', async stage => {
  const isFree = Promise.withResolvers<void>()
  const client = await stage.newClient({
    ports: {
      giveUpSilentDisks: silence => {
        assert.equal(silence, silentDisk)
        isFree.resolve()
        return { isAnyWorking: false, givenUp: ['/mnt/far'] }
      },
      close: () => isFree.promise,
    },
  })
  const from = stage.now
  await assert.rejects(stage.settled(client.session.close()), {
    code: 'disk-hangs',
    message:
      'the disk of /mnt/far does not answer: what was not brought to it yet is hashed again at the next start',
  })
  assert.ok(stage.now - from < 3000)
  client.diskLog.isDead = true // for the end of the story: it cannot be closed any better
})
