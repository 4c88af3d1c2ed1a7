import assert from 'node:assert/strict'
import { FakeSeed } from './fake-seed.ts'
import { say } from './fake-peer.ts'
import { story } from './story.ts'

const KIB = 1024

story(
  'one seed and twenty leeches: all complete, and all serve',
  async stage => {
    stage.newTracker({ intervalSeconds: 60 })
    const content = stage.newContent({ pieceLength: 32 * KIB, files: 3200 * KIB })
    const line = { up: 100 * KIB, down: 400 * KIB, latency: 20 }
    const seed = await stage.newSeed(content, { line })
    const leeches = []
    for (let i = 0; i < 20; i++) {
      const client = await stage.newClient({ line })
      leeches.push({ client, torrent: await client.add(content) })
      await stage.pass(stage.dice.below(500))
    }
    for (const { client, torrent } of leeches) await stage.completed(client, torrent, content)
    let wasted = 0
    for (const { torrent } of leeches) {
      assert.ok(torrent.status().uploaded > 0, 'someone served nobody')
      assert.ok(torrent.status().wasted < 0.15 * content.wireLength, 'too much came twice')
      wasted += torrent.status().wasted
    }
    assert.ok(wasted < 0.05 * leeches.length * content.wireLength, `${wasted} bytes came twice`)
    // Alone the seed would need 21 times 32 s.
    assert.ok(stage.now < 120_000, `it took ${stage.now} ms`)
    assert.ok(seed.session.torrents()[0]!.status().uploaded < 4 * content.wireLength)
  },
  { runs: 1 },
)

story('the first pieces are random, then the rarest come first', async stage => {
  const pieces = 64
  const content = stage.newContent({ pieceLength: 32 * KIB, files: pieces * 32 * KIB })
  const rare = [3, 17, 40, 61]
  const common = Array.from({ length: pieces }, (_, piece) => piece).filter(piece => !rare.includes(piece))
  const peers = []
  for (let i = 0; i < 3; i++) {
    peers.push((await FakeSeed.open(stage, content, { has: common, neverUnchokes: true })).address)
  }
  const seed = await FakeSeed.open(stage, content, {
    onRequest: (peer, piece, begin, length) =>
      void stage.after(500, () => peer.say(say.piece(piece, begin, content.read(piece, begin, length)))),
  })
  for (let i = 0; i < 6; i++) {
    const leech = await stage.newClient({ line: { up: 100 * KIB, down: 50 * KIB } })
    const torrent = await leech.add(content, { peers: [...peers, seed.address] })
    await stage.completed(leech, torrent, content)
  }
  const asked = seed.met.map(peer => [...new Set(peer.of('request').map(({ piece }) => piece))])
  const firsts = new Set(asked.map(([first]) => first))
  assert.ok(firsts.size > 2, `all begin with ${[...firsts].join(', ')}`)
  for (const order of asked) {
    const places = rare.map(piece => order.indexOf(piece))
    assert.ok(Math.max(...places) < 20, `the rare pieces were asked for at ${places.join(', ')}`)
  }
})
