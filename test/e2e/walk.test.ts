import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import type { Alert } from '../../src/client/alerts.ts'
import { openSession } from '../../src/client/node.ts'
import type { Session } from '../../src/client/session.ts'
import type { TorrentHandle } from '../../src/client/torrent-handle.ts'
import { asDict, asInteger, asText, type BencodeDict } from '../../src/bencode/bencode.ts'
import { decodeBencode } from '../../src/bencode/decode.ts'
import { encodeBencode } from '../../src/bencode/encode.ts'
import { formatHex, latin1Bytes, latin1Text, utf8Bytes } from '../../src/core/bytes.ts'
import { buildTorrent } from '../../src/metainfo/build.ts'
import { formatMagnet } from '../../src/metainfo/magnet.ts'
import { planTorrent } from '../../src/metainfo/plan-torrent.ts'
import { parseTorrentFile, type TorrentFile } from '../../src/metainfo/torrent-file.ts'
import { nodeDigest } from '../../src/net/node-digest.ts'
import { Catalog, createSite, requestListener } from '../../src/site/index.ts'
import { hashFiles } from '../../src/storage/hash-files.ts'
import { type RunningTracker, startTracker } from '../../src/tracker-server/index.ts'
import { encodeFeatures, encodeHandshake } from '../../src/wire/handshake.ts'
import { RawHttp } from '../support/raw-http.ts'
import { until } from '../support/until.ts'
import { WireTap } from '../support/wire-tap.ts'
import { TemporaryFolder } from './storage/temporary-folder.ts'

const NAME = 'distribution.iso'
const PIECE_LENGTH = 65_536
const LOOPBACK = [{ address: '127.0.0.1', port: 0 }]

/**
 * The main job, on real sockets and disks: A gets a torrent file from a web server, asks the tracker who else is
 * there, fetches the file from a seed, gives it to a leech, and stays as a seed. Between A and everyone else stands a
 * tap, and each step is asserted on what went over the wire. (Announces at the interval need an hour: they are
 * asserted on a virtual clock, in test/sim.)
 */
describe('the walk: publish a file, track it, download it, become a seed', { timeout: 120_000 }, () => {
  const folder = new TemporaryFolder()
  const content = randomBytes(20 * PIECE_LENGTH + 12_345)
  const alerts: Alert[] = []
  let site: Server
  let siteUrl: string
  let tracker: RunningTracker
  let trackerTap: WireTap
  let seedTap: WireTap
  let otherSeedTap: WireTap
  let leechTap: WireTap
  let published: Uint8Array
  let torrent: TorrentFile
  let seed: Session
  let otherSeed: Session
  let leech: Session
  let a: Session
  let download: TorrentHandle
  let leechTorrent: TorrentHandle

  before(async () => {
    for (const name of ['seed', 'other', 'leech', 'a']) mkdirSync(folder.at(name))
    for (const name of ['seed', 'other']) writeFileSync(folder.at(name, NAME), content)
    tracker = await startTracker({ bind: ['127.0.0.1'], httpPort: 0 })
    trackerTap = await WireTap.open(tracker.address.port)
    published = await publishedTorrent(
      folder.at('seed', NAME),
      `http://127.0.0.1:${trackerTap.port}/announce`,
    )
    torrent = parseTorrentFile(published, nodeDigest)
    const options = { torrentFile: published }
    seed = await openSession({ listen: LOOPBACK })
    otherSeed = await openSession({ listen: LOOPBACK })
    leech = await openSession({ listen: LOOPBACK })
    // Slow enough that it is still at it while step 4 knocks at its door.
    a = await openSession({ listen: LOOPBACK, stateFolder: folder.at('state'), downloadLimit: 400_000 })
    await (await seed.add(options, { folder: folder.at('seed'), announces: false })).completed()
    await (await otherSeed.add(options, { folder: folder.at('other'), announces: false })).completed()
    leechTorrent = await leech.add(options, { folder: folder.at('leech'), announces: false })
    await leechTorrent.checked()
    seedTap = await WireTap.open(portOf(seed), { isPeerWire: true })
    otherSeedTap = await WireTap.open(portOf(otherSeed), { isPeerWire: true })
    leechTap = await WireTap.open(portOf(leech), { isPeerWire: true })
  })

  after(async () => {
    for (const session of [a, seed, otherSeed, leech]) await session?.close()
    for (const tap of [seedTap, otherSeedTap, leechTap, trackerTap]) await tap?.close()
    await tracker?.close()
    site?.closeAllConnections()
    site?.close()
    folder[Symbol.dispose]()
  })

  it('1. a web server hosts the torrent file: a page, a link, a magnet, the bytes as they were published', async () => {
    const catalog = new Catalog()
    const { info } = torrent
    const magnet = formatMagnet({ hashes: info.hashes, name: info.name, trackers: torrent.trackers.flat() })
    catalog.add({
      name: info.name,
      infoHashes: info.hashes,
      length: content.length,
      fileCount: 1,
      torrentFile: published,
      magnet,
    })
    site = createServer(requestListener(createSite({ catalog })))
    site.listen(0, '127.0.0.1')
    await once(site, 'listening')
    siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
    const v1 = formatHex(info.hashes.v1!)
    const v2 = formatHex(info.hashes.v2!)

    const page = await (await fetch(siteUrl)).text()
    assert.match(page, new RegExp(`href="/torrents/${v1}\\.torrent"`))
    assert.ok(page.includes(magnet.replaceAll('&', '&amp;')))

    for (const form of [v2, v1.toUpperCase(), v2.slice(0, 40)]) {
      const redirect = await fetch(`${siteUrl}/torrents/${form}.torrent`, { redirect: 'manual' })
      assert.ok([301, 308].includes(redirect.status), `${redirect.status}`)
      assert.equal(new URL(redirect.headers.get('location')!, siteUrl).pathname, `/torrents/${v1}.torrent`)
    }
    const answer = await fetch(`${siteUrl}/torrents/${v1}.torrent`)
    assert.equal(answer.headers.get('content-type'), 'application/x-bittorrent')
    assert.match(answer.headers.get('content-disposition')!, /filename="distribution\.iso\.torrent"/)
    assert.match(answer.headers.get('etag')!, /^"[^"]+"$/)
    const got = parseTorrentFile(new Uint8Array(await answer.arrayBuffer()), nodeDigest)
    assert.deepEqual(got.info.bytes, info.bytes)
  })

  it('2. A asks the tracker: every parameter of BEP 3 on the wire', async () => {
    await announceByHand('leech-by-tap', leechTap.port, 1)
    await announceByHand('seed-by-tap', seedTap.port, 0)
    await announceByHand('other-by-tap', otherSeedTap.port, 0)
    a.on('tracker-answered', alert => alerts.push(alert))
    a.on('piece-verified', alert => alerts.push(alert))
    a.on('peer-disconnected', alert => alerts.push(alert))
    a.on('completed', alert => alerts.push(alert))
    download = await a.add({ torrentFile: published }, { folder: folder.at('a') })
    await until(() => announcesOfA().length > 0)
    const [started] = announcesOfA()
    assert.equal(started!.get('event'), 'started')
    assert.equal(started!.get('port'), String(portOf(a)))
    assert.equal(started!.get('uploaded'), '0')
    assert.equal(started!.get('downloaded'), '0')
    assert.equal(started!.get('left'), String(content.length))
    assert.equal(started!.get('compact'), '1')
    assert.match(started!.get('numwant')!, /^[1-9]\d*$/)
    assert.match(started!.get('key')!, /^[0-9a-fA-F]{8}$/)
    assert.match(started!.get('peer_id')!, /^-SH0100-.{12}$/s)
    assert.equal(started!.get('ip'), undefined)
    assert.equal(started!.get('ipv6'), undefined)
    const hashes = announcesOfA().map(query => formatHex(latin1Bytes(query.get('info_hash')!)))
    assert.ok(hashes.includes(formatHex(torrent.info.hashes.v1!)))
  })

  it('3. the tracker answers with peers, counts and intervals, compact or as dictionaries', async () => {
    await until(() => alerts.some(alert => alert.type === 'tracker-answered' && alert.peers >= 3))
    const compact = asDict(decodeBencode(await announceByHand('somebody', 40_000, 1)))!
    assert.equal(asInteger(compact.get('complete')), 2)
    assert.ok(asInteger(compact.get('interval'))! >= 60)
    assert.ok(asInteger(compact.get('min interval'))! >= 1)
    assert.ok(asInteger(compact.get('incomplete'))! >= 2)
    const peers = compact.get('peers')
    assert.ok(peers instanceof Uint8Array && peers.length % 6 === 0 && peers.length >= 18)
    const plain = asDict(decodeBencode(await announceByHand('somebody', 40_000, 1, '&compact=0')))!
    const list = plain.get('peers')
    assert.ok(Array.isArray(list))
    const ports = list.map(peer => asInteger(asDict(peer)?.get('port')))
    for (const tap of [seedTap, otherSeedTap, leechTap]) assert.ok(ports.includes(tap.port))
    await announceByHand('somebody', 40_000, 1, '&event=stopped')
  })

  it('3. an `ip` is heeded from beside the tracker, where it tells more than the sender does; `ipv6` is not', async () => {
    const others = randomBytes(20)
    await announceByHand('beside', 40_001, 0, '&compact=1&ip=203.0.113.7&ipv6=2001:db8::7', others)
    const [peer] = peersOf(await announceByHand('somebody', 40_002, 1, '&compact=0', others))
    assert.deepEqual([asText(peer!.get('ip')), asInteger(peer!.get('port'))], ['203.0.113.7', 40_001])
    const compact = asDict(decodeBencode(await announceByHand('somebody', 40_002, 1, '&compact=1', others)))!
    assert.deepEqual(compact.get('peers'), Uint8Array.of(203, 0, 113, 7, 40_001 >> 8, 40_001 & 0xff))
    assert.equal(compact.get('peers6'), undefined)
  })

  it('3. where nobody may name his address, both are ignored: that of the connection counts', async () => {
    await using strict = await startTracker({ bind: ['127.0.0.1'], httpPort: 0, honoursIpFrom: 'nobody' })
    const others = randomBytes(20)
    const { port } = strict.address
    await announceByHand('liar', 7001, 1, '&compact=1&ip=203.0.113.7&ipv6=2001:db8::7', others, port)
    const answer = asDict(
      decodeBencode(await announceByHand('somebody', 7002, 1, '&compact=1', others, port)),
    )!
    assert.deepEqual(answer.get('peers'), Uint8Array.of(127, 0, 0, 1, 7001 >> 8, 7001 & 0xff))
    assert.equal(answer.get('peers6'), undefined)
  })

  it('4. handshakes run both ways, and who is wrong is closed with a reason', async () => {
    await until(() => seedTap.handshakes.length >= 2 && leechTap.handshakes.length >= 2)
    for (const tap of [seedTap, leechTap]) {
      const [ours, theirs] = tap.handshakes
      assert.equal(ours!.from, 'dialer')
      assert.equal(theirs!.from, 'listener')
      assert.deepEqual(ours!.handshake.infoHash, torrent.info.hashes.v1)
      assert.match(latin1Text(ours!.handshake.peerId), /^-SH0100-/)
    }
    const seedId = seedTap.handshakes[1]!.handshake.peerId
    await assertClosed(randomBytes(20), randomBytes(20), 'info-hash-unknown')
    const ownId = seedTap.handshakes[0]!.handshake.peerId
    await assertClosed(torrent.info.hashes.v1!, ownId, 'peer-is-self')
    await assertClosed(torrent.info.hashes.v1!, seedId, 'peer-duplicate')
  })

  it('4. who has another peer id than the tracker said is closed before a word more', async () => {
    const tap = await WireTap.open(portOf(seed), { isPeerWire: true })
    const peer = { ip: utf8Bytes('127.0.0.1'), 'peer id': randomBytes(20), port: tap.port }
    const liar = createServer((_request, answer) =>
      answer.end(encodeBencode({ interval: 1800, peers: [peer] })),
    )
    liar.listen(0, '127.0.0.1')
    await once(liar, 'listening')
    const session = await openSession({ listen: LOOPBACK })
    const reasons: string[] = []
    session.on('peer-disconnected', ({ reason }) => reasons.push(reason))
    try {
      const port = (liar.address() as AddressInfo).port
      const torrentFile = await publishedTorrent(folder.at('seed', NAME), `http://127.0.0.1:${port}/announce`)
      mkdirSync(folder.at('misled'))
      await session.add({ torrentFile }, { folder: folder.at('misled') })
      await until(() => reasons.length > 0 && tap.connections[0]!.isClosed)
      assert.equal(reasons[0], 'peer-id-mismatch')
      assert.deepEqual(
        tap.handshakes.slice(0, 2).map(({ from }) => from),
        ['dialer', 'listener'],
      )
      assert.deepEqual(
        tap.messages.filter(({ from }) => from === 'dialer').map(({ message }) => message.type),
        [],
      )
    } finally {
      await session.close()
      await tap.close()
      liar.closeAllConnections()
      liar.close()
    }
  })

  it('5. BITFIELD, INTERESTED, UNCHOKE, REQUEST, PIECE: at first A only downloads', async () => {
    await download.completed()
    const order = ['interested', 'unchoked', 'request', 'block-start'] as const
    const firsts = order.map(type => seedTap.messages.find(each => each.message.type === type)!.at)
    assert.deepEqual(
      firsts,
      firsts.toSorted((one, other) => one - other),
      order.join(', '),
    )
    assert.equal(seedTap.of('dialer', 'have-none').length, 1, 'A says that it has nothing')
    assert.equal(seedTap.of('listener', 'have-all').length, 1, 'the seed says that it has all')
    const firstHave = leechTap.of('dialer', 'have')[0]!.at
    const firstGiven = leechTap.of('dialer', 'block-start')[0]
    assert.ok(!firstGiven || firstGiven.at > firstHave, 'nothing was given away before a piece was had')
    const requested = new Set(
      seedTap.of('dialer', 'request').map(({ message }) => `${message.piece}/${message.begin}`),
    )
    const sent = seedTap
      .of('listener', 'block-start')
      .map(({ message }) => `${message.piece}/${message.begin}`)
    assert.ok(sent.length > 0 && sent.every(block => requested.has(block)), 'every block was asked for')
  })

  it('6. every piece is verified, announced to all, and served; a seed only uploads', async () => {
    await leechTorrent.completed()
    assert.deepEqual(readFileSync(folder.at('a', NAME)), content)
    assert.deepEqual(readFileSync(folder.at('leech', NAME)), content)
    const verified = alerts.filter(alert => alert.type === 'piece-verified').length
    assert.equal(verified, torrent.info.geometry.pieceCount)
    const haves = new Set(leechTap.of('dialer', 'have').map(({ message }) => message.piece))
    assert.equal(haves.size, torrent.info.geometry.pieceCount, 'the leech heard of every piece')
    const blocks = leechTap.of('dialer', 'block-start').length
    assert.equal(blocks, Math.ceil(content.length / 16_384), 'and got all of it from A')
    for (const tap of [seedTap, otherSeedTap]) {
      assert.equal(tap.of('listener', 'request').length, 0, 'a seed asks for nothing')
      assert.equal(tap.of('dialer', 'block-start').length, 0)
    }
  })

  it('7. A says completed, leaves the seeds, stays for the leech, and says stopped in the end', async () => {
    await until(() => announcesOfA().some(query => query.get('event') === 'completed'))
    const completed = announcesOfA().find(query => query.get('event') === 'completed')!
    assert.equal(completed.get('left'), '0')
    assert.ok(Number(completed.get('downloaded')) >= content.length)
    for (const tap of [seedTap, otherSeedTap]) {
      await until(() => tap.connections.every(connection => connection.isClosed))
    }
    const reasons = alerts.flatMap(alert => (alert.type === 'peer-disconnected' ? [alert.reason] : []))
    assert.ok(reasons.includes('both-seeds'), reasons.join(', '))
    assert.equal(download.status().state, 'seeding')
    await a.close()
    await until(() => announcesOfA().some(query => query.get('event') === 'stopped'))
    const stopped = announcesOfA().find(query => query.get('event') === 'stopped')!
    assert.equal(stopped.get('left'), '0')
    assert.ok(Number(stopped.get('uploaded')) >= content.length, 'what the leech got is counted')
    assert.equal(stopped.get('port'), completed.get('port'))
  })

  /** The queries that went through A's tap to the tracker, as they stood on the wire. */
  function announcesOfA(): ReadonlyMap<string, string>[] {
    const queries: Map<string, string>[] = []
    for (const { said } of trackerTap.connections) {
      const text = latin1Text(Buffer.concat(said))
      for (const [, query] of text.matchAll(/GET \/announce\?(\S+) HTTP\/1\.1/g))
        queries.push(parsedQuery(query!))
    }
    return queries
  }

  /** Announces for somebody else, straight to the tracker; the body of the answer. */
  async function announceByHand(
    name: string,
    port: number,
    left: number,
    more = '',
    infoHash = torrent.info.hashes.v1!,
    trackerPort = tracker.address.port,
  ): Promise<Uint8Array> {
    const http = await RawHttp.open(trackerPort)
    const hash = [...infoHash].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('')
    const query = `info_hash=${hash}&peer_id=${name.padEnd(20, '-')}&port=${port}&uploaded=0&downloaded=0&left=${left}&numwant=50`
    http.send(`GET /announce?${query}${more || '&compact=1'} HTTP/1.1\r\nHost: tracker\r\n\r\n`)
    const answer = await http.answer()
    http.close()
    assert.equal(answer?.status, 200)
    return latin1Bytes(answer.body)
  }

  /** Connects to A with such a handshake, and waits until A hangs up for that reason. */
  async function assertClosed(infoHash: Uint8Array, peerId: Uint8Array, reason: string): Promise<void> {
    const socket = await RawHttp.open(portOf(a))
    const reserved = encodeFeatures({ dht: false, fast: true, extended: true, upgrade: false })
    socket.socket.write(encodeHandshake({ reserved, infoHash, peerId }))
    await until(() => alerts.some(alert => alert.type === 'peer-disconnected' && alert.reason === reason))
    await socket.closed()
  }
})

/** Of an answer with dictionaries. */
function peersOf(answer: Uint8Array): BencodeDict[] {
  const list = asDict(decodeBencode(answer))!.get('peers')
  return Array.isArray(list) ? list.flatMap(peer => asDict(peer) ?? []) : []
}

function portOf(session: Session): number {
  return session.listening[0]?.port ?? 0
}

async function publishedTorrent(path: string, announceUrl: string): Promise<Uint8Array> {
  const { size } = statSync(path)
  const plan = planTorrent({
    name: NAME,
    isSingleFile: true,
    pieceLength: PIECE_LENGTH,
    format: 'hybrid',
    files: [{ path: [NAME], length: size }],
  })
  return buildTorrent(plan, await hashFiles(plan, path), { trackers: [[announceUrl]] })
}

function parsedQuery(query: string): Map<string, string> {
  return new Map(
    query.split('&').map(pair => {
      const [name = '', value = ''] = pair.split('=')
      return [
        name,
        value.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        ),
      ]
    }),
  )
}
