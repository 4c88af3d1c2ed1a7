import assert from 'node:assert/strict'
import { address } from '../../src/core/address.ts'
import { latin1Bytes } from '../../src/core/bytes.ts'
import { FakePeer, say } from './fake-peer.ts'
import { FakeSeed } from './fake-seed.ts'
import { story } from './story.ts'

story('each connection that is of no use is closed with a reason of its own', async stage => {
  const content = stage.newContent()
  const seed = await stage.newSeed(content)
  const infoHash = content.info.hashes.v1!
  const dial = () => FakePeer.dial(stage, stage.network.newHost(), seed.address)

  const stranger = await dial()
  stranger.greet({ infoHash: new Uint8Array(20).fill(7) })
  await stage.until(() => stranger.isClosed)

  const first = await dial()
  first.greet({ infoHash, peerId: latin1Bytes('-XX0001-the-same-id-') })
  await stage.until(() => first.handshake !== null)
  const second = await dial()
  second.greet({ infoHash, peerId: latin1Bytes('-XX0001-the-same-id-') })
  await stage.until(() => second.isClosed)
  assert.ok(!first.isClosed)
  assert.equal(second.handshake, null)

  const ourselves = await dial()
  ourselves.greet({ infoHash, peerId: first.handshake!.peerId })
  await stage.until(() => ourselves.isClosed)

  const mute = await dial()
  const dialedAt = stage.now
  await stage.until(() => mute.isClosed)
  assert.ok(stage.now - dialedAt < 11_000)

  const other = await dial()
  other.say(latin1Bytes('GET / HTTP/1.1\r\n\r\n'))
  await stage.until(() => other.isClosed)

  assert.deepEqual(seed.endings, [
    'info-hash-unknown',
    'peer-duplicate',
    'peer-is-self',
    'handshake-timeout',
    'handshake-not-bittorrent',
  ])
})

story('a peer that is dialled must answer for the torrent that was meant', async stage => {
  const content = stage.newContent()
  const host = stage.network.newHost()
  await FakePeer.listen(host, address(host.at, 7000), peer => {
    peer.onHandshake = () => peer.greet({ infoHash: new Uint8Array(20).fill(9) })
  })
  const leech = await stage.newClient()
  await leech.add(content, { peers: [address(host.at, 7000)] })
  await stage.until(() => leech.endings.length > 0)
  assert.deepEqual(leech.endings, ['info-hash-mismatch'])
})

story('a peer that is dialled must be the one that the tracker named', async stage => {
  const tracker = stage.newTracker()
  const content = stage.newContent()
  const infoHash = content.info.hashes.v1!
  const seed = await FakeSeed.open(stage, content)
  tracker.introduce(infoHash, seed.at, 7000, { peerId: latin1Bytes('-XX0001-somebodyelse') })
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  await stage.until(() => leech.endings.length > 0)
  assert.deepEqual(leech.endings, ['peer-id-mismatch'])
  assert.equal(torrent.status().verifiedPieces, 0)
})

story('a client that is told its own address meets itself once, and never again', async stage => {
  const tracker = stage.newTracker()
  const content = stage.newContent()
  const leech = await stage.newClient()
  await leech.add(content, { peers: [leech.address] })
  await stage.pass(2 * 3_600_000)
  assert.deepEqual(leech.endings.toSorted(), ['peer-is-self', 'peer-is-self'])
  assert.equal(leech.host.dialed, 1)
  assert.ok(tracker.from(leech.host.at).length > 3)
})

story('two that dial each other at the same moment keep one connection', async stage => {
  const content = stage.newContent({ files: 3_000_000 })
  const half = await stage.newClient({ line: { up: 500_000, down: 500_000 } })
  const other = await stage.newClient({ line: { up: 500_000, down: 500_000 } })
  for (const piece of Array(40).keys())
    half.disk.write('file', piece * 32_768, content.read(piece, 0, 32_768))
  const torrents = await Promise.all([
    half.add(content, { peers: [other.address] }),
    other.add(content, { peers: [half.address] }),
  ])
  await stage.pass(5000)
  assert.deepEqual(
    torrents.map(torrent => torrent.status().peers),
    [1, 1],
  )
  assert.equal(stage.network.openConnections, 1)
  assert.ok(torrents[1]!.status().verifiedPieces > 0)
  const reasons = [...half.endings, ...other.endings]
  assert.ok(
    reasons.every(reason => reason === 'peer-duplicate' || reason === 'closed'),
    reasons.join(', '),
  )
})

story('a storm of connections that say nothing leaves room for those that do', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: 2_000_000 })
  const seed = await stage.newSeed(content, { line: { up: 400_000 } })
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  const attackers = Array.from({ length: 100 }, () => stage.network.newHost())
  const never = new AbortController().signal
  for (let round = 0; round < 20; round++) {
    for (const attacker of attackers) attacker.dial(seed.address, { signal: never }).catch(() => undefined)
    await stage.pass(100)
    assert.ok(seed.host.sockets.size <= 200, `${seed.host.sockets.size} connections are open`)
  }
  await stage.completed(leech, torrent, content)
  for (const attacker of attackers) attacker.cut()
})

story('one host does not take all places', async stage => {
  const content = stage.newContent()
  const seed = await stage.newSeed(content)
  const host = stage.network.newHost()
  const peers: FakePeer[] = []
  for (let i = 0; i < 50; i++) {
    const peer = await FakePeer.dial(stage, host, seed.address)
    peer.greet({ infoHash: content.info.hashes.v1!, peerId: stage.randomBytes(20) })
    peers.push(peer)
  }
  await stage.pass(1000)
  assert.equal(peers.filter(peer => !peer.isClosed).length, 8)
})

story('strangers that take all places for some torrents do not keep others from the rest', async stage => {
  const crowded = Array.from({ length: 4 }, (_, at) => stage.newContent({ name: `crowded ${at}` }))
  const quiet = stage.newContent({ name: 'quiet', files: 2_000_000 })
  const disk = quiet.onDisk()
  for (const content of crowded) content.putOn(disk)
  const seed = await stage.newClient({ disk, line: { up: 400_000 } })
  for (const content of [...crowded, quiet]) await stage.settled((await seed.add(content)).checked())

  const strangers: FakePeer[] = []
  for (let i = 0; i < 240; i++) {
    // As many as may come from one host, and from as many hosts as it takes.
    const host = i % 8 === 0 ? stage.network.newHost() : strangers.at(-1)!.host
    const stranger = await FakePeer.dial(stage, host, seed.address)
    stranger.greet({ infoHash: crowded[i % 4]!.info.hashes.v1!, peerId: stage.randomBytes(20) })
    strangers.push(stranger)
  }
  await stage.pass(1000)
  const inside = (): number => strangers.filter(({ isClosed }) => !isClosed).length
  assert.equal(inside(), 200)

  const leech = await stage.newClient()
  const torrent = await leech.add(quiet, { peers: [seed.address] })
  await stage.pass(1000)
  assert.equal(torrent.status().peers, 1)
  // One for the leech, and one that the torrent, which has hardly any peer, may dial.
  assert.equal(inside(), 198)
  // They take no place by coming again and again.
  for (const content of crowded) {
    const again = await FakePeer.dial(stage, stage.network.newHost(), seed.address)
    again.greet({ infoHash: content.info.hashes.v1!, peerId: stage.randomBytes(20) })
    strangers.push(again)
  }
  await stage.completed(leech, torrent, quiet)
  assert.ok(seed.host.sockets.size <= 200)
  for (const { host } of strangers) host.cut()
})

story('a thousand addresses that lead nowhere are tried in moderation', async stage => {
  const content = stage.newContent()
  const leech = await stage.newClient()
  const seed = await stage.newSeed(content)
  const nowhere = Array.from({ length: 1000 }, (_, i) => address(`10.200.${i >> 8}.${i & 255}`, 6881))
  let most = 0
  const { host } = leech
  const dial = host.dial.bind(host)
  let dialing = 0
  host.dial = async (to, options) => {
    most = Math.max(most, ++dialing)
    try {
      return await dial(to, options)
    } finally {
      dialing--
    }
  }
  const torrent = await leech.add(content, { peers: [...nowhere, seed.address] })
  await stage.completed(leech, torrent, content)
  assert.ok(most <= 30, `${most} dials at a time`)
})

story('a half-open connection is given up, and its blocks come from others', async stage => {
  stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
  const content = stage.newContent({ files: 4_000_000, pieceLength: 65_536 })
  const lost = await stage.newSeed(content, { line: { up: 200_000 } })
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  await stage.until(() => torrent.status().verifiedPieces > 5)
  lost.host.unplug()
  await stage.newSeed(content, { line: { up: 200_000 } })
  await stage.completed(leech, torrent, content)
  await stage.pass(300_000)
  assert.ok(leech.endings.includes('idle') || leech.endings.includes('both-seeds'))
  lost.host.plug()
})

story('a peer that dies in the middle of a block leaves no trace', async stage => {
  stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
  const content = stage.newContent({ files: 16 * 65_536, pieceLength: 65_536 })
  const dying: FakePeer[] = []
  const mortal = await FakeSeed.open(stage, content, {
    onRequest: (peer, piece, begin, length) => {
      if (peer.count('request') < 6) peer.say(say.piece(piece, begin, content.read(piece, begin, length)))
      else if (!dying.includes(peer)) {
        dying.push(peer)
        const wrong = content.read(piece, begin, length).map(byte => byte ^ 0xff)
        peer.say(say.piece(piece, begin, wrong).subarray(0, 10_000))
        stage.after(1000, () => peer.leave())
      }
    },
  })
  const leech = await stage.newClient()
  const torrent = await leech.add(content, { peers: [mortal.address] })
  await stage.until(() => dying.length === 1 && leech.endings.length === 1)
  await stage.newSeed(content)
  await stage.completed(leech, torrent, content)
  assert.equal(leech.heard('piece-failed').length, 0)
})
