import assert from 'node:assert/strict'
import type { StorageRequest } from '../../src/client/session-ports.ts'
import { StorageError } from '../../src/core/errors.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { MemoryDisk, MemoryStorage } from '../../src/storage/memory-storage.ts'
import { storedTorrent } from '../../src/storage/stored-torrent.ts'
import { story } from './story.ts'

/** A disk whose syncs and reads the story decides about. */
class FaultyStorage extends MemoryStorage {
  readonly #faults: Faults

  constructor(request: StorageRequest, disk: MemoryDisk, faults: Faults) {
    super({ torrent: storedTorrent(request.info), isWanted: request.isWanted, disk })
    this.#faults = faults
  }

  override sync(): Promise<void> {
    return this.#faults.sync ? this.#faults.sync() : super.sync()
  }

  override async read(piece: number, begin: number, parts: readonly Uint8Array[]): Promise<void> {
    if (this.#faults.isReadBroken) throw new TypeError('a bug in the reading')
    await super.read(piece, begin, parts)
  }
}

interface Faults {
  sync?: () => Promise<void>
  isReadBroken?: boolean
}

function faulty(faults: Faults, disk = new MemoryDisk()) {
  const openStorage = async (request: StorageRequest) => new FaultyStorage(request, disk, faults)
  // Slow it may be, and it does not hang.
  const giveUpSilentDisks = () => ({ isAnyWorking: true, givenUp: [] })
  return { disk, ports: { openStorage, giveUpSilentDisks } }
}

story('what a failed sync leaves in doubt is not called complete, and comes again', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: { 'a.bin': 600_000 } })
  await stage.newSeed(content)
  const faults: Faults = {
    sync: async () => {
      throw new StorageError('disk-error', 'the disk will not sync')
    },
  }
  const leech = await stage.newClient({ ...faulty(faults), state: new MemoryStateFiles() })
  const torrent = await leech.add(content)
  await stage.until(() => leech.heard('torrent-error').length > 0)
  await stage.pass(3000)
  assert.equal(leech.heard('completed').length, 0)
  assert.equal(torrent.status().state, 'downloading')
  delete faults.sync
  await stage.settled(torrent.completed())
  assert.equal(torrent.status().state, 'seeding')
  assert.equal(torrent.status().error, null)
})

story('completed waits for a sync that began after the last piece', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: { 'a.bin': 3_000_000 } })
  await stage.newSeed(content, { line: { up: 400_000 } })
  const began: number[] = []
  const finished: number[] = []
  const sync = async (): Promise<void> => {
    began.push(stage.now)
    await stage.later(20_000, async () => {
      finished.push(stage.now)
    })
  }
  const leech = await stage.newClient({ ...faulty({ sync }), state: new MemoryStateFiles() })
  const torrent = await leech.add(content)
  await stage.settled(torrent.completed())
  const lastPiece = leech.heard('piece-verified').at(-1)!.at
  assert.ok(began.some((at, i) => at >= lastPiece && finished[i] !== undefined))
})

story('without a state folder what is complete is synced all the same', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: { 'a.bin': 600_000 } })
  await stage.newSeed(content)
  let syncs = 0
  const sync = async (): Promise<void> => {
    syncs++
  }
  const leech = await stage.newClient(faulty({ sync }))
  await stage.settled((await leech.add(content)).completed())
  assert.equal(syncs, 1)
})

story('a torrent that failed by a bug tells its tracker, and serves nobody any more', async stage => {
  const tracker = stage.newTracker()
  const content = stage.newContent({ files: { 'a.bin': 600_000 } })
  const faults: Faults = {}
  const seed = await stage.newSeed(content, faulty(faults, content.onDisk()))
  const torrent = seed.session.torrents()[0]!
  faults.isReadBroken = true
  const announced = tracker.from(seed.host.at).length
  await (await stage.newClient()).add(content)
  // The world stops at a bug of shoal's; this one is wanted.
  await stage.until(() => torrent.status().state === 'failed').catch(() => undefined)
  assert.match(String(stage.faults[0]), /a bug in the reading/)
  stage.faults.length = 0
  assert.equal(torrent.status().error?.code, 'internal-fault')
  faults.isReadBroken = false
  const late = await stage.newClient()
  const lateTorrent = await late.add(content, { peers: [seed.address] })
  await stage.pass(2 * 3_600_000)
  const events = tracker.from(seed.host.at).slice(announced)
  assert.deepEqual(
    events.map(({ event }) => event).filter(event => event !== 'started'),
    ['stopped'],
  )
  assert.equal(lateTorrent.status().downloaded, 0)
  assert.equal(torrent.status().uploaded, 0)
})

for (const named of ['v1', 'v2'] as const) {
  story(
    `a hybrid whose magnet names only its ${named} hash is known under both, and is in both swarms`,
    async stage => {
      const tracker = stage.newTracker()
      const content = stage.newContent({ format: 'hybrid', files: { 'a.bin': 300_000 } })
      await stage.newSeed(content)
      const leech = await stage.newClient()
      const v1 = /urn:btih:([0-9a-f]+)/.exec(content.magnet)![1]!
      const v2 = /urn:btmh:1220([0-9a-f]+)/.exec(content.magnet)![1]!
      const topic = named === 'v1' ? `btih:${v1}` : `btmh:1220${v2}`
      const torrent = await leech.addMagnet(`magnet:?xt=urn:${topic}&tr=http://tracker/`)
      await stage.settled(torrent.completed())
      assert.equal(leech.session.get(v1)?.id, torrent.id)
      assert.equal(leech.session.get(v2)?.id, torrent.id)
      await assert.rejects(leech.add(content), { code: 'torrent-already-added' })
      await stage.pass(1000)
      const swarms = new Set(tracker.from(leech.host.at).map(({ infoHash }) => infoHash))
      assert.deepEqual([...swarms].toSorted(), [v1, v2.slice(0, 40)].toSorted())
    },
  )
}
