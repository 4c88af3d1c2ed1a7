import assert from 'node:assert/strict'
import { encodeBencode } from '../../src/bencode/encode.ts'
import { address } from '../../src/core/address.ts'
import { swarmKeys } from '../../src/core/ids.ts'
import { FakePeer } from './fake-peer.ts'
import { type Lie, liarAt } from './metadata-liar.ts'
import { story } from './story.ts'

const PIECE = 16_384

for (const format of ['v1', 'v2', 'hybrid'] as const) {
  story(`a magnet becomes a torrent and completes: ${format}`, async stage => {
    stage.newTracker()
    const files = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`a rather long name ${i}`, 5000]))
    const content = stage.newContent({ format, files: { ...files, big: 500_000 }, pieceLength: PIECE })
    assert.ok(content.info.bytes.length > PIECE)
    await stage.newSeed(content)
    const leech = await stage.newClient()
    const torrent = await leech.addMagnet(content.magnet)
    assert.deepEqual((await stage.settled(torrent.metadata())).info.bytes, content.info.bytes)
    await stage.completed(leech, torrent, content)
  })
}

for (const format of ['v1', 'v2', 'hybrid'] as const) {
  story(`metadata alone is fetched, and nothing else: ${format}`, async stage => {
    const tracker = stage.newTracker()
    const content = stage.newContent({ format })
    await stage.newSeed(content)
    const asker = await stage.newClient()
    const metadata = await stage.settled(asker.session.fetchMetadata(content.magnet))
    assert.deepEqual(metadata.info.bytes, content.info.bytes)
    assert.deepEqual([asker.session.torrents(), asker.written, asker.heard('checking')], [[], [], []])
    assert.equal(tracker.from(asker.host.at).at(-1)?.event, 'stopped')
  })
}

story('metadata of a torrent that is in the session is there at once', async stage => {
  stage.newTracker()
  const content = stage.newContent()
  const seed = await stage.newSeed(content)
  const metadata = await stage.settled(seed.session.fetchMetadata(content.magnet))
  assert.deepEqual(metadata.info.bytes, content.info.bytes)
  assert.equal(seed.session.torrents().length, 1)
})

story('metadata that nobody sends is given up with its signal', async stage => {
  stage.newTracker()
  const content = stage.newContent()
  const asker = await stage.newClient()
  const patience = new AbortController()
  const asked = asker.session.fetchMetadata(content.magnet, { signal: patience.signal })
  await stage.until(() => asker.heard('tracker-answered').length > 0)
  patience.abort(new Error('enough'))
  await stage.settled(assert.rejects(asked, { message: 'enough' }))
  assert.deepEqual(asker.session.torrents(), [])
})

story('a magnet finds its peer by x.pe, by name', async stage => {
  const content = stage.newContent({ trackers: [] })
  const seed = await stage.newSeed(content)
  stage.names.set('seed.example', [seed.address])
  const leech = await stage.newClient()
  const torrent = await leech.addMagnet(`${content.magnet}x.pe=seed.example:6881`)
  await stage.completed(leech, torrent, content)
})

const LIES: Record<string, Lie & { code: string | null }> = {
  'wrong content': {
    size: right => right,
    answer: (_, right) => right.fill(0x41, 0, 20),
    code: 'metadata-corrupt',
  },
  'a size of 1 GiB': { size: () => 1 << 30, answer: () => null, code: 'metadata-size' },
  'a size of nothing': { size: () => 0, answer: () => null, code: null },
  'a negative size': { size: () => -5, answer: () => null, code: null },
  'a size that is too large': {
    size: right => right + 50_000,
    answer: (_, right) => right,
    code: 'metadata-piece-size',
  },
  'a size that is too small': {
    size: right => right - 100,
    answer: (_, right) => right,
    code: 'metadata-piece-size',
  },
  'no answer': { size: right => right, answer: () => null, code: null },
  'pieces that are too long': {
    size: right => right,
    answer: () => new Uint8Array(20_000),
    code: 'metadata-piece-size',
  },
}

for (const [name, lie] of Object.entries(LIES)) {
  story(`a peer lies about metadata, and an honest one comes later: ${name}`, async stage => {
    stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
    const content = stage.newContent({ files: { a: 100_000, b: 100_000 } })
    const met = await liarAt(stage, content, lie)
    const leech = await stage.newClient()
    const torrent = await leech.addMagnet(content.magnet, { peers: [address('10.0.0.1', 7000)] })
    await stage.pass(30_000)
    assert.equal(torrent.status().state, 'fetching-metadata')
    assert.ok(met.length > 0)
    await stage.newSeed(content)
    await stage.completed(leech, torrent, content)
    if (lie.code) assert.ok(leech.endings.includes(lie.code), leech.endings.join(', '))
    if (lie.code === 'metadata-corrupt') assert.equal(met.length, 1)
  })
}

story('peers that only drip metadata do not keep a good one from being asked', async stage => {
  const files = Object.fromEntries(Array.from({ length: 6000 }, (_, i) => [`a rather long name ${i}`, 100]))
  const content = stage.newContent({ trackers: [], files, pieceLength: PIECE })
  assert.ok(content.info.bytes.length > 12 * PIECE)
  const drippers = []
  for (let i = 0; i < 3; i++) {
    let answers = 0
    await liarAt(stage, content, {
      size: right => right,
      answer: (_, right) => right,
      delay: () => ++answers * 14_000,
    })
    drippers.push(address(`10.0.0.${i + 1}`, 7000))
  }
  const leech = await stage.newClient()
  const torrent = await leech.addMagnet(content.magnet, { peers: drippers })
  await stage.pass(5_000)
  assert.equal(torrent.status().peers, 3)
  const seed = await stage.newClient({ disk: content.onDisk() })
  await seed.add(content, { peers: [leech.address] })
  await stage.settled(torrent.metadata(), { within: 40_000 })
})

story('who unchokes before the metadata is there is asked for blocks when it is', async stage => {
  const content = stage.newContent({ trackers: [] })
  const [peers, leech] = [
    await liarAt(stage, content, { size: right => right, answer: (_, right) => right, unchokesAtOnce: true }),
    await stage.newClient(),
  ]
  await leech.addMagnet(content.magnet, { peers: [address('10.0.0.1', 7000)] })
  await stage.until(() => peers.some(peer => peer.count('request') > 0), { within: 10_000 })
})

story('metadata that is right but no torrent fails with a reason', async stage => {
  const content = stage.newContent({ trackers: [] })
  const bytes = encodeBencode({ name: 'x' })
  const { nodeDigest } = await import('../../src/net/node-digest.ts')
  const infoHash = nodeDigest.sha1(bytes)
  const fake = Object.create(content, { info: { value: { ...content.info, bytes } } })
  await liarAt(stage, fake, { size: right => right, answer: (_, right) => right })
  const leech = await stage.newClient()
  const magnet = `magnet:?xt=urn:btih:${Buffer.from(infoHash).toString('hex')}`
  const torrent = await leech.addMagnet(magnet, { peers: [address('10.0.0.1', 7000)] })
  await stage.until(() => torrent.status().state === 'failed')
  assert.equal(torrent.status().error?.name, 'FormatError')
  await assert.rejects(stage.settled(torrent.metadata()), { name: 'FormatError' })
})

story('a hybrid is had from both of its swarms', async stage => {
  stage.newTracker()
  const content = stage.newContent({ format: 'hybrid', files: 2_000_000 })
  const [v1, v2] = swarmKeys(content.info.hashes)
  const seed = await stage.newSeed(content)
  for (const infoHash of [v1!, v2!]) {
    const peer = await FakePeer.dial(stage, stage.network.newHost(), seed.address)
    peer.greet({ infoHash })
    await stage.until(() => peer.handshake !== null)
    assert.deepEqual(peer.handshake!.infoHash, infoHash)
    peer.leave()
  }
})

story('a magnet that names files fetches just those, unless the user chose', async stage => {
  stage.newTracker()
  const content = stage.newContent({
    format: 'v1',
    files: { a: 4 * PIECE, b: 4 * PIECE, c: 4 * PIECE },
    pieceLength: PIECE,
  })
  await stage.newSeed(content)
  const obedient = await stage.newClient()
  const few = await obedient.addMagnet(`${content.magnet}&so=1`)
  await stage.settled(few.completed())
  assert.equal(few.status().verifiedPieces, 4)
  assert.equal(few.status().wantedLength, 4 * PIECE)
  const stubborn = await stage.newClient()
  const all = await stubborn.addMagnet(`${content.magnet}&so=1`, { select: () => true })
  await stage.settled(all.completed())
  assert.equal(all.status().verifiedPieces, 12)
})
