import assert from 'node:assert/strict'
import { FakePeer, say } from './fake-peer.ts'
import { FakeSeed } from './fake-seed.ts'
import { story } from './story.ts'

const KIB = 1024

story('a peer that stalls loses its blocks to another, and is asked for little', async stage => {
  const tracker = stage.newTracker()
  const content = stage.newContent({ files: 60 * 64 * KIB, pieceLength: 64 * KIB })
  const mute = await FakeSeed.open(stage, content, { tracker, onRequest: () => undefined })
  await stage.newSeed(content, { line: { up: 200 * KIB } })
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  await stage.completed(leech, torrent, content)
  assert.ok(stage.now < 60_000, `it took ${stage.now} ms`)
  assert.ok(mute.met[0]!.count('request') < 40, `${mute.met[0]!.count('request')} requests`)
})

story('one that stalls and wakes up is made use of again', async stage => {
  const content = stage.newContent({ files: 200 * 64 * KIB, pieceLength: 64 * KIB })
  let isAsleep = false
  const seed = await FakeSeed.open(stage, content, {
    onRequest: (peer, piece, begin, length) => {
      if (!isAsleep)
        stage.after(200, () => peer.say(say.piece(piece, begin, content.read(piece, begin, length))))
    },
  })
  const leech = await stage.newClient({ line: { down: 500 * KIB } })
  const torrent = await leech.add(content, { peers: [seed.address] })
  await stage.until(() => torrent.status().verifiedPieces > 20)
  isAsleep = true
  await stage.pass(45_000)
  isAsleep = false
  await stage.completed(leech, torrent, content)
  assert.ok(stage.now < 120_000, `it took ${stage.now} ms`)
})

for (const hasFast of [true, false]) {
  const kind = hasFast ? 'with BEP 6' : 'without BEP 6'

  story(`a peer that needs half a minute for each block is of use all the same: ${kind}`, async stage => {
    const content = stage.newContent({ files: 8 * 32 * KIB })
    let free = 0
    const seed = await FakeSeed.open(stage, content, {
      hasFast,
      onRequest: (peer, piece, begin, length) => {
        free = Math.max(free, stage.now) + 30_000
        stage.at(free, () => peer.say(say.piece(piece, begin, content.read(piece, begin, length))))
      },
    })
    const leech = await stage.newClient()
    const torrent = await leech.add(content, { peers: [seed.address] })
    await stage.completed(leech, torrent, content)
    assert.ok(stage.now < 3 * 16 * 30_000, `it took ${stage.now} ms`)
  })
}

story('blocks that drip in at 500 bytes a second add up', async stage => {
  const content = stage.newContent({ files: 4 * 32 * KIB })
  const seed = await stage.newSeed(content, { line: { up: 500 } })
  const leech = await stage.newClient()
  const torrent = await leech.add(content, { peers: [seed.address] })
  await stage.completed(leech, torrent, content)
  assert.ok(stage.now < 300_000, `it took ${stage.now} ms`)
  assert.equal(torrent.status().wasted, 0)
})

for (const hasFast of [true, false]) {
  const kind = hasFast ? 'with BEP 6' : 'without BEP 6'

  story(`chokes in the middle are survived: ${kind}`, async stage => {
    const content = stage.newContent({ files: 30 * 64 * KIB, pieceLength: 64 * KIB })
    let served = 0
    let isChoking = false
    const seed = await FakeSeed.open(stage, content, {
      hasFast,
      onRequest: (peer, piece, begin, length) => {
        if (isChoking) {
          if (hasFast) peer.say(say.reject(piece, begin, length))
          return
        }
        peer.say(say.piece(piece, begin, content.read(piece, begin, length)))
        if (++served % 50 > 0) return
        isChoking = true
        peer.say(say.choke)
        stage.after(3000, () => {
          isChoking = false
          peer.say(say.unchoke)
        })
      },
    })
    const leech = await stage.newClient()
    const torrent = await leech.add(content, { peers: [seed.address] })
    await stage.completed(leech, torrent, content)
    assert.equal(seed.met.length, 1)
    assert.equal(torrent.status().wasted, 0)
    assert.ok(stage.now < 60_000, `it took ${stage.now} ms`)
  })

  story(`a leech is unchoked, served, and choked for others: ${kind}`, async stage => {
    const content = stage.newContent({ files: 100 * 64 * KIB, pieceLength: 64 * KIB })
    const seed = await stage.newSeed(content, { line: { up: 400 * KIB } })
    const peers: FakePeer[] = []
    for (let i = 0; i < 14; i++) {
      const peer = await FakePeer.dial(stage, stage.network.newHost(), seed.address)
      peer.greet({ infoHash: content.info.hashes.v1!, hasFast, hasExtended: false })
      await stage.until(() => peer.handshake !== null)
      peer.say(say.interested)
      let next = 0
      const ask = (): void => {
        const piece = Math.floor(next / 4) % 100
        peer.say(say.request(piece, (next++ % 4) * 16 * KIB, 16 * KIB))
      }
      peer.onMessage = heard => {
        if (heard.type === 'unchoked') for (let n = 0; n < 8; n++) ask()
        if (heard.type === 'piece') {
          assert.deepEqual(heard.bytes, content.read(heard.piece, heard.begin, heard.bytes.length))
          ask()
        }
      }
      peers.push(peer)
    }
    await stage.pass(300_000)
    for (const peer of peers) {
      assert.ok(peer.count('piece') > 100, `one got ${peer.count('piece')} blocks`)
      // Everything that was asked is answered or rejected; without BEP 6 a choke says it all.
      const asked = peer.count('unchoked') * 8 + peer.count('piece')
      if (hasFast) assert.ok(asked - peer.count('piece') - peer.count('rejected') <= 8)
      else assert.equal(peer.count('rejected') + peer.count('have-all'), 0)
    }
    const busy = peers.filter(peer => peer.count('unchoked') > peer.count('choked'))
    // Eight places; a choke may still be on its way behind what was sent before it.
    assert.ok(busy.length >= 8 && busy.length <= 9, `${busy.length} are served at a time`)
    assert.ok(peers.filter(peer => peer.count('choked') > 0).length > 5, 'nobody made room for others')
    for (const peer of peers) peer.leave()
  })
}

story('allowed fast pieces come while we are choked', async stage => {
  const content = stage.newContent({ files: 10 * 32 * KIB })
  const seed = await FakeSeed.open(stage, content, { neverUnchokes: true })
  const leech = await stage.newClient()
  const torrent = await leech.add(content, { peers: [seed.address] })
  await stage.until(() => seed.met[0]?.count('interested') === 1)
  seed.met[0]!.say(say.allowedFast(4), say.allowedFast(7), say.allowedFast(4000))
  await stage.until(() => torrent.status().verifiedPieces === 2)
  const asked = new Set(seed.met[0]!.of('request').map(({ piece }) => piece))
  assert.deepEqual(
    [...asked].toSorted((a, b) => a - b),
    [4, 7],
  )
  await stage.pass(5000)
  assert.equal(seed.met[0]!.count('request'), 4)
})

story('a seed that rejects everything though it does not choke is asked in moderation', async stage => {
  const content = stage.newContent({ files: 10 * 32 * KIB })
  const seed = await FakeSeed.open(stage, content, {
    onRequest: (peer, piece, begin, length) => peer.say(say.reject(piece, begin, length)),
  })
  const leech = await stage.newClient()
  await leech.add(content, { peers: [seed.address] })
  await stage.pass(60_000)
  const { met } = seed
  const asked = met.reduce((sum, peer) => sum + peer.count('request'), 0)
  assert.ok(asked > 0 && asked < 60 * 2 * 30, `${asked} requests in a minute`)
})

story('haves and bitfields of leeches steer what is asked of whom', async stage => {
  const content = stage.newContent({ files: 32 * 32 * KIB })
  const low = await FakeSeed.open(stage, content, { has: [0, 1, 2, 3] })
  const high = await FakeSeed.open(stage, content, { has: [4, 5] })
  const leech = await stage.newClient()
  const torrent = await leech.add(content, { peers: [low.address, high.address] })
  await stage.until(() => torrent.status().verifiedPieces === 6)
  await stage.until(() => low.met[0]!.count('not-interested') === 1)
  for (let piece = 6; piece < 32; piece++) high.met[0]!.say(say.have(piece))
  await stage.completed(leech, torrent, content)
  await stage.pass(1000)
  assert.ok(low.met[0]!.of('request').every(({ piece }) => piece < 4))
  assert.ok(high.met[0]!.of('request').every(({ piece }) => piece >= 4))
  // Everybody hears of every piece that we have, once.
  assert.equal(new Set(low.met[0]!.of('have').map(({ piece }) => piece)).size, 32)
  assert.equal(low.met[0]!.count('have'), 32)
})
