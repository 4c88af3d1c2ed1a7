import assert from 'node:assert/strict'
import type { SimClient } from './sim-client.ts'
import type { Content } from './content.ts'
import { say } from './fake-peer.ts'
import { FakeSeed } from './fake-seed.ts'
import { story } from './story.ts'

const KIB = 1024
const SLOW = { up: 200 * KIB, down: 2000 * KIB }

/** What was wrong is never written, nor told to anybody. */
function assertNothingWrong(client: SimClient, content: Content): void {
  const announced = client.heard('piece-verified').map(({ piece }) => piece)
  assert.equal(new Set(announced).size, announced.length, 'a piece was announced twice')
  assert.deepEqual(
    [...client.written].sort((a, b) => a - b),
    Array.from({ length: content.info.geometry.pieceCount }, (_, i) => i),
    'every piece is written once',
  )
}

for (const format of ['v1', 'v2', 'hybrid'] as const) {
  story(`a liar among honest seeds is cut off, and nobody else: ${format}`, async stage => {
    const tracker = stage.newTracker()
    const content = stage.newContent({ format, pieceLength: 64 * KIB, files: 40 * 64 * KIB })
    const seeds = [await stage.newSeed(content, { line: SLOW }), await stage.newSeed(content, { line: SLOW })]
    const liar = await FakeSeed.open(stage, content, {
      tracker,
      block: (_piece, begin, right) => (begin === 16 * KIB ? right.map(byte => byte ^ 1) : right),
    })
    const leech = await stage.newClient()
    const torrent = await leech.add(content)
    await stage.completed(leech, torrent, content)
    assert.ok(leech.heard('piece-failed').length > 0)
    assert.deepEqual(
      leech.heard('peer-banned').map(({ address }) => address.host),
      [liar.at],
    )
    assertNothingWrong(leech, content)
    for (const seed of seeds) assert.ok(!seed.endings.includes('piece-corrupt'))
    const bannedAt = leech.heard('peer-banned')[0]!.at
    await stage.pass(600_000)
    assert.ok(
      !leech.heard('peer-connected').some(({ address, at }) => address.host === liar.at && at > bannedAt),
    )
  })
}

for (const format of ['v1', 'v2', 'hybrid'] as const) {
  story(
    `a liar whose blocks went to disk before their piece was whole is found out: ${format}`,
    async stage => {
      const tracker = stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
      const content = stage.newContent({ format, pieceLength: 1024 * KIB, files: 2 * 1024 * KIB })
      let sent = 0
      const liar = await FakeSeed.open(stage, content, {
        tracker,
        onRequest: (peer, piece, begin, length) => {
          if (sent++ >= 20) return peer.leave()
          const bytes = content.read(piece, begin, length)
          peer.say(say.piece(piece, begin, begin === 16 * KIB ? bytes.map(byte => byte ^ 1) : bytes))
        },
      })
      const leech = await stage.newClient()
      const torrent = await leech.add(content)
      await stage.until(() => (leech.disk.files.get('file')?.bytes ?? []).some(byte => byte !== 0))
      const seed = await stage.newSeed(content, { line: SLOW })
      await stage.completed(leech, torrent, content)
      assert.ok(leech.heard('piece-failed').length > 0)
      assert.deepEqual(
        leech.heard('peer-banned').map(({ address }) => address.host),
        [liar.at],
      )
      assert.ok(!seed.endings.includes('piece-corrupt'))
    },
  )
}

story('in v2 the leaves name the liar before the piece is whole a second time', async stage => {
  const tracker = stage.newTracker()
  const content = stage.newContent({ format: 'v2', pieceLength: 256 * KIB, files: 20 * 256 * KIB })
  for (let i = 0; i < 3; i++) await stage.newSeed(content, { line: SLOW })
  const lies: number[] = []
  const liar = await FakeSeed.open(stage, content, {
    tracker,
    block: (piece, _begin, right) => {
      if (lies.length > 0 && lies[0] !== piece) return right
      lies.push(piece)
      return right.map(byte => byte ^ 0x55)
    },
  })
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  await stage.completed(leech, torrent, content)
  const [failed] = leech.heard('piece-failed')
  const again = leech.heard('piece-verified').find(({ piece }) => piece === failed!.piece)
  const [banned] = leech.heard('peer-banned')
  assert.equal(banned!.address.host, liar.at)
  assert.ok(banned!.at < again!.at, 'it was found only when the piece came again')
  assertNothingWrong(leech, content)
})

story('a seed whose disk went bad serves wrong data: it is cut off, others go on', async stage => {
  stage.newTracker()
  const content = stage.newContent({ pieceLength: 64 * KIB, files: 20 * 64 * KIB })
  const honest = await stage.newSeed(content, { line: SLOW })
  const rotten = await stage.newSeed(content, { line: SLOW })
  rotten.disk.files.get('file')!.bytes.fill(0, 5 * 64 * KIB, 15 * 64 * KIB)
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  await stage.completed(leech, torrent, content)
  const banned = leech.heard('peer-banned').map(({ address }) => address.host)
  assert.ok(
    banned.every(host => host === rotten.host.at),
    `${banned.join(', ')} were banned`,
  )
  assert.ok(!honest.endings.includes('piece-corrupt'))
  assertNothingWrong(leech, content)
})
