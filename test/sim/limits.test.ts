import assert from 'node:assert/strict'
import { story } from './story.ts'

const KIB = 1024

/** Payload, and what goes with it. */
function assertRate(bytes: number, ms: number, limit: number): void {
  const rate = (bytes * 1000) / ms
  assert.ok(
    rate > 0.97 * limit && rate < 1.03 * limit,
    `${Math.round(rate / KIB)} KiB/s, ${limit / KIB} allowed`,
  )
}

story('a download limit holds, whoever sends', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: 20_000 * KIB, pieceLength: 256 * KIB })
  for (let i = 0; i < 4; i++) await stage.newSeed(content)
  const leech = await stage.newClient({ downloadLimit: 200 * KIB })
  const torrent = await leech.add(content)
  await stage.until(() => torrent.status().downloaded > 0)
  const before = leech.host.line.received
  await stage.pass(60_000)
  assertRate(leech.host.line.received - before, 60_000, 200 * KIB)
})

story('an upload limit holds, whoever asks, and is shared out fairly', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: 40_000 * KIB, pieceLength: 256 * KIB })
  const seed = await stage.newSeed(content, { uploadLimit: 300 * KIB })
  const leeches = []
  for (let i = 0; i < 5; i++) {
    const client = await stage.newClient({ uploadLimit: 1 })
    leeches.push(await client.add(content, { announces: false, peers: [seed.address] }))
  }
  await stage.pass(5000)
  const before = seed.host.line.sent
  const had = leeches.map(torrent => torrent.status().downloaded)
  await stage.pass(60_000)
  assertRate(seed.host.line.sent - before, 60_000, 300 * KIB)
  const shares = leeches.map((torrent, i) => torrent.status().downloaded - had[i]!)
  assert.ok(
    Math.min(...shares) > 0.7 * Math.max(...shares),
    `shares of ${shares.map(share => Math.round(share / KIB)).join(', ')}`,
  )
})

story('a low limit does not starve a download', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: 300 * KIB, pieceLength: 32 * KIB })
  await stage.newSeed(content)
  const leech = await stage.newClient({ downloadLimit: 3 * KIB })
  const torrent = await leech.add(content)
  await stage.completed(leech, torrent, content)
  // A block at the beginning and one at the end are on credit.
  assert.ok(stage.now > 85_000 && stage.now < 130_000, `it took ${stage.now} ms`)
})

story('a limited local class stands beside an unlimited rest', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: 6000 * KIB, pieceLength: 256 * KIB })
  const seed = await stage.newSeed(content, {
    uploadLimit: 10 * KIB,
    peerClasses: { local: { uploadLimit: 50 * KIB, isUnderSessionLimit: false } },
  })
  const local = await stage.newClient({ uploadLimit: 0 })
  const remote = await stage.newClient({ uploadLimit: 0, host: stage.network.newHost({ at: '203.0.113.5' }) })
  const leeches = []
  for (const client of [local, remote]) {
    leeches.push(await client.add(content, { announces: false, peers: [seed.address] }))
  }
  await stage.pass(5000)
  const had = [local, remote].map(client => client.host.line.received)
  await stage.pass(40_000)
  assertRate(local.host.line.received - had[0]!, 40_000, 50 * KIB)
  const rest = remote.host.line.received - had[1]!
  assert.ok(rest > 300 * KIB && rest < 500 * KIB, `${rest} bytes under the session's limit`)
  seed.session.setLimits({ uploadLimit: Number.POSITIVE_INFINITY })
  await stage.settled(leeches[1]!.completed(), { within: 10_000 })
})

story('a limit for each peer holds for each', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: 20_000 * KIB, pieceLength: 256 * KIB })
  const seed = await stage.newSeed(content, { peerUploadLimit: 40 * KIB })
  const clients = []
  for (let i = 0; i < 3; i++) {
    const client = await stage.newClient({ uploadLimit: 0 })
    await client.add(content, { announces: false, peers: [seed.address] })
    clients.push(client)
  }
  await stage.pass(5000)
  const had = clients.map(client => client.host.line.received)
  await stage.pass(40_000)
  clients.forEach((client, i) => assertRate(client.host.line.received - had[i]!, 40_000, 40 * KIB))
})

story('what goes with payload counts as well', async stage => {
  stage.newTracker()
  // Files of 100 bytes are pieces of 100 bytes in v2: 13 more go with each.
  const files = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`${i}`, 100]))
  const content = stage.newContent({ files, format: 'v2', pieceLength: 16 * KIB })
  const seed = await stage.newSeed(content, { uploadLimit: 5 * KIB })
  const leech = await stage.newClient()
  await leech.add(content, { announces: false, peers: [seed.address] })
  await stage.pass(5000)
  const before = seed.host.line.sent
  await stage.pass(30_000)
  assertRate(seed.host.line.sent - before, 30_000, 5 * KIB)
})
