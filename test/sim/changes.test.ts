import assert from 'node:assert/strict'
import type { Session } from '../../src/client/session.ts'
import type { TorrentChanges } from '../../src/client/torrent-changes.ts'
import type { TorrentStatus } from '../../src/client/torrent-status.ts'
import type { StorageRequest } from '../../src/client/session-ports.ts'
import { MemoryStorage } from '../../src/storage/memory-storage.ts'
import { storedTorrent } from '../../src/storage/stored-torrent.ts'
import type { DigestKinds, PieceDigest } from '../../src/storage/torrent-storage.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { story } from './story.ts'

const KIB = 1024

/** Somebody who asks only what is new, and keeps what it was told. */
class Follower {
  readonly known = new Map<string, object>()
  #revision = 0
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  ask(): TorrentChanges {
    const news = this.#session.changesSince(this.#revision)
    this.#revision = news.revision
    if (news.isWhole) this.known.clear()
    for (const id of news.removed) this.known.delete(id)
    for (const torrent of news.torrents) this.known.set(torrent.id, torrent.status())
    return news
  }
}

/** As seen by somebody who looks at everything. */
function everything(session: Session): Map<string, object> {
  return new Map(session.torrents().map(torrent => [torrent.id, torrent.status()]))
}

/** These go by with the clock alone. */
const CLOCKED = new Set(['etaSeconds', 'downloadRate', 'uploadRate', 'knownPeers'])

/** By id; of trackers only their state. */
function lasting(of: ReadonlyMap<string, object>): object {
  const entries = [...of].map(([id, status]) => {
    const fields = Object.entries(status).filter(([name]) => !CLOCKED.has(name))
    const trackers = (status as TorrentStatus).trackers.map(({ state }) => state)
    return [id, { ...Object.fromEntries(fields), trackers }]
  })
  return Object.fromEntries(entries)
}

function sentOf(known: ReadonlyMap<string, object>): number {
  return [...known.values()].reduce((sum, status) => sum + (status as TorrentStatus).uploaded, 0)
}

story('who follows the changes knows the same as who looks at everything', async stage => {
  const tracker = stage.newTracker()
  const contents = Array.from({ length: 4 }, (_, i) =>
    stage.newContent({ name: `file ${i}`, files: 400 * KIB }),
  )
  const seeds = []
  for (const content of contents.slice(0, 3))
    seeds.push(await stage.newSeed(content, { line: { up: 50 * KIB } }))
  const server = seeds[0]!.session
  const watcher = new Follower(server)
  const client = await stage.newClient({ state: new MemoryStateFiles() })
  const { session } = client
  const follower = new Follower(session)
  for (const content of contents) await client.add(content)
  for (let i = 0; i < 60; i++) {
    await stage.pass(700)
    follower.ask()
    assert.deepEqual(lasting(follower.known), lasting(everything(session)), `after ${stage.now} ms`)
    watcher.ask()
    // It only sends, of which no alert tells; half a second may go by until it is looked at.
    const [behind, ahead] = [watcher.known, everything(server)].map(sentOf)
    assert.ok(ahead! - behind! <= 50 * KIB, `${ahead! - behind!} bytes sent and not told of`)
    if (i === 20) await stage.settled(session.torrents()[1]!.remove())
    if (i === 30) await client.add(contents[1]!)
  }
  assert.ok(tracker.from(client.host.at).length > 0)
  // All is quiet, some of them rest: an answer has nothing in it, however many torrents there are.
  await stage.pass(300_000)
  follower.ask()
  assert.deepEqual(lasting(follower.known), lasting(everything(session)))
  assert.deepEqual(follower.ask().torrents, [])
  await stage.settled(session.torrents()[0]!.remove())
  const { removed, isWhole } = follower.ask()
  assert.deepEqual([removed.length, isWhole, follower.known.size], [1, false, 3])
})

story('a removal is told though a check still goes on behind it', async stage => {
  const content = stage.newContent({ files: 600 * KIB })
  const disk = content.onDisk()
  let digests = 0
  class Slow extends MemoryStorage {
    override async digest(piece: number, kinds: DigestKinds): Promise<PieceDigest> {
      digests++
      return stage.later(20_000, () => super.digest(piece, kinds))
    }
  }
  const openStorage = async ({ info, isWanted }: StorageRequest) =>
    new Slow({ torrent: storedTorrent(info), isWanted, disk })
  const client = await stage.newClient({ disk, ports: { openStorage } })
  const torrent = await client.add(content)
  await stage.until(() => digests > 0)
  const { revision } = client.session.changesSince(0)
  await stage.settled(torrent.remove())
  await stage.pass(60_000)
  assert.deepEqual(client.session.changesSince(revision).removed, [torrent.id])
})
