import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Address } from '../../src/core/address.ts'
import type { TorrentHandle } from '../../src/client/torrent-handle.ts'
import { type ClientOptions, SimClient } from './sim-client.ts'
import { Content, type ContentOptions } from './content.ts'
import { SimNetwork } from './sim-network.ts'
import { SimTracker, type TrackerOptions } from './sim-tracker.ts'
import { World } from './world.ts'

/** The stage of one story: a world with a network, a tracker at `http://tracker/`, and clients in it. */
export class Stage extends World {
  readonly network = new SimNetwork(this)
  readonly trackers = new Map<string, SimTracker>()
  readonly names = new Map<string, readonly Address[]>()
  readonly clients: SimClient[] = []

  newTracker(options: TrackerOptions = {}, url = 'http://tracker/'): SimTracker {
    const tracker = new SimTracker(this, options)
    this.trackers.set(url, tracker)
    return tracker
  }

  newContent(options: ContentOptions = {}): Content {
    return new Content(this, options)
  }

  async newClient(options: ClientOptions = {}): Promise<SimClient> {
    const surroundings = { world: this, network: this.network, trackers: this.trackers, names: this.names }
    const client = await SimClient.open(surroundings, options)
    this.clients.push(client)
    return client
  }

  /** A client that has all of it, and has begun to serve it. */
  async newSeed(content: Content, options: ClientOptions = {}): Promise<SimClient> {
    const client = await this.newClient({ ...options, disk: options.disk ?? content.onDisk() })
    const torrent = await client.add(content)
    await this.settled(torrent.checked())
    assert.equal(torrent.status().state, 'seeding')
    return client
  }

  /** Until the torrent is complete; the bytes on its client's disk are compared. */
  async completed(client: SimClient, torrent: TorrentHandle, content: Content): Promise<void> {
    await this.settled(torrent.completed(), { what: `${client.host.at} has everything` })
    assert.equal(content.missingOn(client.disk), null)
  }

  /** Everybody leaves in good order, and nothing is left over. */
  async end(): Promise<void> {
    const closed = Promise.all(
      this.clients.filter(client => !client.isDead).map(client => client.session.close()),
    )
    await this.settled(closed, { within: 60_000, what: 'all sessions are closed' })
    await this.pass(60_000)
    // Made-up peers may hold on to what their line lost: they never look at a clock.
    for (const { host } of this.clients)
      assert.equal(host.sockets.size, 0, `${host.at} keeps connections open when everybody has left`)
  }
}

/** Which seeds a story is told with: `SHOAL_SIM_SEED=7` or `SHOAL_SIM_RUNS=100`; by default the first few. */
function seeds(runs: number): number[] {
  const { SHOAL_SIM_SEED: seed, SHOAL_SIM_RUNS: wanted } = process.env
  if (seed !== undefined) return [Number(seed)]
  return Array.from({ length: Number(wanted ?? runs) }, (_, i) => i + 1)
}

/** A test that happens in a world of its own, in no real time. A failing run says which seed shows it again. */
export function story(
  name: string,
  tell: (stage: Stage) => Promise<void>,
  options: { runs?: number } = {},
): void {
  test(name, async () => {
    for (const seed of seeds(options.runs ?? 2)) {
      const stage = new Stage({ seed })
      try {
        await tell(stage)
        await stage.end()
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error)
        throw new Error(`${text}\n  at ${stage.now} ms of the story; SHOAL_SIM_SEED=${seed} tells it again`, {
          cause: error,
        })
      }
    }
  })
}
