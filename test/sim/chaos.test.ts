import assert from 'node:assert/strict'
import { StorageError } from '../../src/core/errors.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import type { TorrentHandle } from '../../src/client/torrent-handle.ts'
import type { Content } from './content.ts'
import { FakeSeed } from './fake-seed.ts'
import type { SimClient } from './sim-client.ts'
import { type Stage, story } from './story.ts'

const KIB = 1024
const FORMATS = ['v1', 'v2', 'hybrid'] as const

/** Somebody who wants the torrent, through crashes and restarts. */
class Survivor {
  client!: SimClient
  torrent!: TorrentHandle
  readonly #stage: Stage
  readonly #content: Content
  readonly #state = new MemoryStateFiles()

  constructor(stage: Stage, content: Content) {
    this.#stage = stage
    this.#content = content
  }

  async begin(): Promise<void> {
    const old = this.client as SimClient | undefined
    const line = {
      up: (30 + this.#stage.dice.below(200)) * KIB,
      down: 300 * KIB,
      latency: 1 + this.#stage.dice.below(80),
    }
    this.client = await this.#stage.newClient({
      state: this.#state,
      ...(old ? { disk: old.disk, host: old.host } : { line }),
    })
    this.torrent = await this.client.add(this.#content)
  }

  /** One thing that may happen to anybody. */
  async suffer(): Promise<void> {
    const { client } = this
    // A torrent that cannot even be opened has failed: nobody would begin again on a disk like that.
    client.disk.fault = null
    switch (this.#stage.dice.below(6)) {
      case 0:
        return client.host.cut()
      case 1:
        client.host.unplug()
        this.#stage.after(20_000, () => client.host.plug())
        return
      case 2:
        client.die()
        await this.#stage.pass(3000)
        return this.begin()
      case 3:
        client.disk.fault = new StorageError('disk-error', 'the disk hums', { path: 'file' })
        this.#stage.after(this.#stage.dice.below(20_000), () => {
          client.disk.fault = null
        })
        return
      case 4:
        await this.#stage.settled(client.session.close(), { within: 60_000 })
        return this.begin()
      default:
        await this.#stage.settled(this.torrent.remove(), { within: 60_000 })
        this.torrent = await client.add(this.#content)
    }
  }
}

story(
  'whatever happens to whom: everybody has everything in the end',
  async stage => {
    const tracker = stage.newTracker({ intervalSeconds: 60, minIntervalSeconds: 60 })
    const format = FORMATS[stage.seed % 3]!
    const content = stage.newContent({
      format,
      pieceLength: 64 * KIB,
      files: { a: 700 * KIB + 17, 'b/c': 1200 * KIB, d: 100, empty: 0 },
    })
    await stage.newSeed(content, { line: { up: 150 * KIB } })
    const liar = await FakeSeed.open(stage, content, {
      tracker,
      block: (_piece, _begin, right) => (stage.dice.below(4) === 0 ? right.map(byte => byte ^ 1) : right),
    })
    const survivors = Array.from({ length: 5 }, () => new Survivor(stage, content))
    for (const survivor of survivors) await survivor.begin()
    for (let blow = 0; blow < 12; blow++) {
      await stage.pass(stage.dice.below(6000))
      await survivors[stage.dice.below(survivors.length)]!.suffer()
    }
    for (const { client, torrent } of survivors) {
      await stage.until(() => torrent.status().state === 'seeding', {
        what: `${client.host.at} has everything`,
      })
      assert.equal(content.missingOn(client.disk), null)
    }
    for (const { banned, where } of stage.clients.map(client => ({
      banned: client.heard('peer-banned').map(({ address }) => address.host),
      where: client.host.at,
    }))) {
      assert.ok(
        banned.every(host => host === liar.at),
        `${where} shut out ${banned.join()}`,
      )
    }
  },
  { runs: 6 },
)
