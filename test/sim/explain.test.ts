import assert from 'node:assert/strict'
import { address } from '../../src/core/address.ts'
import { StorageError } from '../../src/core/errors.ts'
import type { SessionLimits } from '../../src/client/session-options.ts'
import type { SlownessCode } from '../../src/client/slowness.ts'
import type { TorrentHandle } from '../../src/client/torrent-handle.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import type { Content } from './content.ts'
import { say } from './fake-peer.ts'
import { FakeSeed } from './fake-seed.ts'
import type { ClientOptions } from './sim-client.ts'
import { type Stage, story } from './story.ts'
import { StampHasher, stampMemory, StampStorage, SyntheticContent } from './synthetic-content.ts'

const KIB = 1024
const MIB = 1024 * KIB

function codes(torrent: TorrentHandle): SlownessCode[] {
  return torrent.explain().map(({ code }) => code)
}

function says(torrent: TorrentHandle): string {
  return torrent
    .explain()
    .map(({ message }) => message)
    .join('; ')
}

/** Something that takes longer than it is looked at, with no tracker. */
function contentOf(stage: Stage): Content {
  return stage.newContent({ files: 4000 * KIB, pieceLength: 64 * KIB, trackers: [] })
}

/** A download from a seed, both of shoal. */
async function downloading(stage: Stage, how: { seed?: ClientOptions; leech?: ClientOptions } = {}) {
  const content = contentOf(stage)
  const seed = await stage.newSeed(content, how.seed ?? { line: { up: 400 * KIB } })
  const [seeded] = seed.session.torrents()
  const leech = await stage.newClient(how.leech)
  const torrent = await leech.add(content, { peers: [seed.address] })
  await stage.until(() => torrent.status().verifiedPieces > 2)
  return { content, seed, seeded: seeded!, leech, torrent }
}

story('nobody is known, until somebody comes', async stage => {
  const content = contentOf(stage)
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  await stage.settled(torrent.checked())
  assert.deepEqual(codes(torrent), ['no-peers-known'])
  const seed = await stage.newClient({ disk: content.onDisk(), line: { up: 400 * KIB } })
  await seed.add(content, { peers: [leech.address] })
  await stage.until(() => torrent.status().verifiedPieces > 2)
  assert.deepEqual(codes(torrent), ['peers-too-slow'])
})

story('nobody asks, until somebody does, and when they have all', async stage => {
  const content = contentOf(stage)
  const seed = await stage.newSeed(content, { line: { up: 400 * KIB } })
  const [seeded] = seed.session.torrents()
  assert.deepEqual(codes(seeded!), ['nobody-asks'])
  const leech = await stage.newClient()
  const torrent = await leech.add(content, { peers: [seed.address] })
  await stage.until(() => torrent.status().verifiedPieces > 2)
  assert.deepEqual(codes(seeded!), [])
  await stage.completed(leech, torrent, content)
  await stage.pass(1000)
  assert.deepEqual(codes(seeded!), ['nobody-asks'])
  assert.deepEqual(codes(torrent), ['nobody-asks'])
})

story('the tracker does not answer, until it does', async stage => {
  const tracker = stage.newTracker()
  tracker.trouble = 'not today'
  const content = stage.newContent({ files: 4000 * KIB })
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  await stage.until(() => torrent.status().trackers[0]?.state === 'failed')
  assert.deepEqual(codes(torrent), ['no-trackers-answer', 'no-peers-known'])
  assert.match(says(torrent), /not today/)
  tracker.trouble = null
  await stage.until(() => torrent.status().trackers[0]?.state !== 'failed')
  assert.deepEqual(codes(torrent), ['no-peers-known'])
})

story('peers are known and none answers, until one does', async stage => {
  const content = contentOf(stage)
  const seed = await stage.newSeed(content, { line: { up: 400 * KIB } })
  seed.host.unplug()
  const leech = await stage.newClient()
  const torrent = await leech.add(content, { peers: [seed.address] })
  await stage.pass(15_000)
  assert.deepEqual(codes(torrent), ['no-peer-answers'])
  seed.host.plug()
  await stage.until(() => torrent.status().verifiedPieces > 2)
  assert.deepEqual(codes(torrent), ['peers-too-slow'])
})

story('nobody has the metadata, until somebody does', async stage => {
  const content = contentOf(stage)
  const other = await stage.newClient()
  await other.addMagnet(content.magnet)
  const leech = await stage.newClient()
  const torrent = await leech.addMagnet(content.magnet, { peers: [other.address] })
  await stage.until(() => torrent.status().peers === 1)
  assert.deepEqual(codes(torrent), ['no-metadata'])
  const seed = await stage.newClient({ disk: content.onDisk(), line: { up: 400 * KIB } })
  await seed.add(content, { peers: [leech.address] })
  await stage.until(() => torrent.status().verifiedPieces > 2)
  assert.deepEqual(codes(torrent), ['peers-too-slow'])
})

story('nobody has the rest, until somebody does', async stage => {
  const content = contentOf(stage)
  const some = await FakeSeed.open(stage, content, { has: [0, 1, 2] })
  const leech = await stage.newClient()
  const torrent = await leech.add(content, { peers: [some.address] })
  await stage.until(() => torrent.status().verifiedPieces === 3)
  assert.deepEqual(codes(torrent), ['nobody-has-the-rest'])
  const seed = await stage.newClient({ disk: content.onDisk(), line: { up: 400 * KIB } })
  await seed.add(content, { peers: [leech.address] })
  await stage.until(() => torrent.status().verifiedPieces > 5)
  assert.deepEqual(codes(torrent), ['peers-too-slow'])
})

story('all choke us, until one does not', async stage => {
  const content = contentOf(stage)
  const grudging = await FakeSeed.open(stage, content, { neverUnchokes: true })
  const leech = await stage.newClient()
  const torrent = await leech.add(content, { peers: [grudging.address] })
  await stage.until(() => torrent.status().peers === 1)
  await stage.pass(1000)
  assert.deepEqual(codes(torrent), ['all-choke-us'])
  // It answers at once then, and so all comes in no time.
  for (const peer of grudging.met) peer.say(say.unchoke)
  await stage.completed(leech, torrent, content)
  assert.deepEqual(codes(torrent), ['nobody-asks'])
})

const LIMITS: Readonly<Record<string, (limit: number) => SessionLimits>> = {
  'the session': limit => ({ downloadLimit: limit, uploadLimit: limit }),
  'the local peers': limit => ({ peerClasses: { local: { downloadLimit: limit, uploadLimit: limit } } }),
  'each peer': limit => ({ peerDownloadLimit: limit, peerUploadLimit: limit }),
}

for (const [whose, limits] of Object.entries(LIMITS)) {
  story(`the limit of ${whose} is used up, on either side, until it is lifted`, async stage => {
    const { leech, seed, seeded, torrent } = await downloading(stage)
    for (const [client, limited] of [
      [leech, torrent],
      [seed, seeded],
    ] as const) {
      client.session.setLimits(limits(40 * KIB))
      await stage.pass(3000)
      assert.deepEqual(codes(limited), ['rate-limit'])
      assert.match(says(limited), new RegExp(`the limit of ${whose}, 40`))
      client.session.setLimits(limits(Infinity))
      await stage.pass(3000)
      assert.deepEqual(codes(limited), limited === torrent ? ['peers-too-slow'] : [])
    }
  })
}

story('the limit of the torrent is used up, on either side, until it is lifted', async stage => {
  const { seeded, torrent } = await downloading(stage)
  for (const limited of [torrent, seeded]) {
    limited.setLimits({ downloadLimit: 40 * KIB, uploadLimit: 40 * KIB })
    await stage.pass(3000)
    assert.deepEqual(codes(limited), ['rate-limit'])
    assert.match(says(limited), /the limit of the torrent, 40/)
    limited.setLimits({ downloadLimit: Infinity, uploadLimit: Infinity })
    await stage.pass(3000)
    assert.deepEqual(codes(limited), limited === torrent ? ['peers-too-slow'] : [])
  }
})

story('the limit that others use up is no reason where nobody is there', async stage => {
  const { leech } = await downloading(stage, { leech: { downloadLimit: 100 * KIB } })
  const lonely = await leech.add(stage.newContent({ name: 'other', trackers: [] }))
  await stage.settled(lonely.checked())
  assert.deepEqual(codes(lonely), ['no-peers-known'])
})

story('the disk refuses, until it does not', async stage => {
  const { content, leech, torrent } = await downloading(stage)
  leech.disk.capacity = leech.disk.used
  await stage.until(() => torrent.status().error !== null)
  assert.deepEqual(codes(torrent), ['disk-refuses'])
  assert.match(says(torrent), /free some space/)
  leech.disk.capacity = Infinity
  await stage.until(() => torrent.status().error === null)
  await stage.pass(500)
  assert.deepEqual(codes(torrent), ['peers-too-slow'])
  await stage.completed(leech, torrent, content)
})

/** A disk and hash threads whose speed the story says. */
async function atWork(stage: Stage) {
  const content = new SyntheticContent({ length: 400 * MIB, pieceLength: MIB, trackers: [] })
  const time = { ofWrite: 0, ofHash: 0 }
  class Disk extends StampStorage {
    override write(...what: Parameters<StampStorage['write']>): Promise<void> {
      return stage.later(time.ofWrite, () => super.write(...what))
    }
  }
  class Hasher extends StampHasher {
    override digest(...what: Parameters<StampHasher['digest']>): ReturnType<StampHasher['digest']> {
      return stage.later(time.ofHash, () => super.digest(...what))
    }
  }
  const begin = (isWhole: boolean) =>
    stage.newClient({
      line: { up: 20 * MIB },
      ports: {
        memory: stampMemory,
        hasher: new Hasher(stage),
        openStorage: async () => new Disk({ world: stage, content, isWhole }),
      },
    })
  const seed = await begin(true)
  await seed.add(content, { isKnownGood: true })
  const leech = await begin(false)
  const torrent = await leech.add(content, { peers: [seed.address] })
  await stage.until(() => torrent.status().verifiedPieces > 20)
  assert.deepEqual(codes(torrent), ['peers-too-slow'])
  return { time, torrent }
}

story('the disk is too slow, until it is not', async stage => {
  const { time, torrent } = await atWork(stage)
  time.ofWrite = 5000
  await stage.pass(3000)
  assert.deepEqual(codes(torrent), ['disk-too-slow'])
  time.ofWrite = 0
  await stage.pass(5000)
  assert.deepEqual(codes(torrent), ['peers-too-slow'])
})

story('hashing is too slow, until it is not', async stage => {
  const { time, torrent } = await atWork(stage)
  time.ofHash = 5000
  await stage.pass(3000)
  assert.deepEqual(codes(torrent), ['hashing-too-slow'])
  time.ofHash = 0
  await stage.pass(5000)
  assert.deepEqual(codes(torrent), ['peers-too-slow'])
})

story('it waits in the queue, until its turn', async stage => {
  const { content, leech, torrent } = await downloading(stage, { leech: { activeDownloads: 1 } })
  const next = await leech.add(stage.newContent({ name: 'next', trackers: [] }))
  await stage.pass(1000)
  assert.deepEqual(codes(next), ['queued'])
  await stage.completed(leech, torrent, content)
  await stage.until(() => next.status().state === 'downloading')
  assert.deepEqual(codes(next), ['no-peers-known'])
})

story('it is paused, until it is resumed', async stage => {
  const { torrent } = await downloading(stage)
  torrent.pause()
  assert.deepEqual(codes(torrent), ['paused'])
  await stage.settled(torrent.resume())
  await stage.until(() => torrent.status().verifiedPieces > 5)
  assert.deepEqual(codes(torrent), ['peers-too-slow'])
})

story('what is there is being checked, until it is', async stage => {
  const content = contentOf(stage)
  const client = await stage.newClient({ disk: content.onDisk() })
  const torrent = await client.add(content)
  await stage.until(() => torrent.status().checkedPieces > 5)
  assert.deepEqual(codes(torrent), ['checking'])
  assert.match(says(torrent), /of 63 pieces so far/)
  await stage.settled(torrent.checked())
  assert.deepEqual(codes(torrent), ['nobody-asks'])
})

story('it failed, until it is taken out and added anew', async stage => {
  const content = new SyntheticContent({ length: 64 * MIB, pieceLength: MIB, trackers: [] })
  let isBroken = true
  const client = await stage.newClient({
    ports: {
      openStorage: async () => {
        if (isBroken) throw new StorageError('path-unsafe', 'such a name may not be')
        return new StampStorage({ world: stage, content, isWhole: false })
      },
    },
  })
  const broken = await client.add(content)
  await stage.until(() => broken.status().state === 'failed')
  assert.deepEqual(broken.explain(), [{ code: 'failed', message: 'such a name may not be' }])
  await stage.settled(broken.remove())
  isBroken = false
  const torrent = await client.add(content)
  await stage.settled(torrent.checked())
  assert.deepEqual(codes(torrent), ['no-peers-known'])
})

story('it is not begun while others are opened, and not any more when it was taken out', async stage => {
  const client = await stage.newClient({ state: new MemoryStateFiles() })
  const torrents = []
  for (let i = 0; i < 40; i++)
    torrents.push(await client.add(stage.newContent({ name: `c${i}`, files: 64 * KIB, trackers: [] })))
  const last = torrents.at(-1)!
  assert.deepEqual(codes(last), ['not-begun'])
  await stage.settled(last.checked())
  assert.deepEqual(codes(last), ['no-peers-known'])
  await stage.settled(last.remove())
  assert.deepEqual(codes(last), ['not-begun'])
})

story('of several reasons all are told', async stage => {
  const content = contentOf(stage)
  const seed = await FakeSeed.open(stage, content, { has: [0, 1], neverUnchokes: true })
  const leech = await stage.newClient()
  const torrent = await leech.add(content, { peers: [seed.address, address('10.9.9.9', 1)] })
  await stage.until(() => torrent.status().peers === 1)
  await stage.pass(1000)
  assert.deepEqual(codes(torrent), ['all-choke-us', 'nobody-has-the-rest'])
})
