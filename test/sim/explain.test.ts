import assert from 'node:assert/strict'
import type { TorrentHandle } from '../../src/client/torrent-handle.ts'
import { story } from './story.ts'

const KIB = 1024

function codes(torrent: TorrentHandle): string[] {
  return torrent.explain().map(({ code }) => code)
}

story('a torrent says what keeps it from being faster, as things change', async stage => {
  const content = stage.newContent({ files: 4000 * KIB, pieceLength: 64 * KIB, trackers: [] })
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  await stage.settled(torrent.checked())
  assert.deepEqual(codes(torrent), ['no-peers-known'])
  const seed = await stage.newSeed(content, { line: { up: 400 * KIB } })
  const [seeded] = seed.session.torrents()
  assert.deepEqual(codes(seeded!), ['nobody-asks'])
  const helped = await stage.newClient()
  const download = await helped.add(content, { peers: [seed.address] })
  await stage.until(() => download.status().verifiedPieces > 5)
  assert.deepEqual(codes(download), ['peers-too-slow'])
  assert.deepEqual(codes(seeded!), [])
  download.setLimits({ downloadLimit: 50 * KIB })
  await stage.pass(3000)
  assert.deepEqual(codes(download), ['rate-limit'])
  download.setLimits({ downloadLimit: Infinity })
  seed.session.setLimits({ uploadLimit: 30 * KIB })
  await stage.pass(3000)
  assert.deepEqual(codes(seeded!), ['rate-limit'])
  download.pause()
  assert.deepEqual(codes(download), ['paused'])
})
