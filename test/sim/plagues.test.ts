import assert from 'node:assert/strict'
import { MemoryDisk, MemoryStorage } from '../../src/storage/memory-storage.ts'
import { storedTorrent } from '../../src/storage/stored-torrent.ts'
import type { TorrentHandle } from '../../src/client/torrent-handle.ts'
import { PLAGUES, type Scene } from './plagues.ts'
import type { SimClient } from './sim-client.ts'
import { SimStorage } from './sim-storage.ts'
import { Stage, story } from './story.ts'

const KIB = 1024
const TORRENTS = 100
const SEEDS = 20

interface Victim extends Scene {
  /** The disk that hung goes on. */
  heal(): void
}

/** A session with disks of their own for some folders; the one of `hanging` answers nothing. */
async function newVictim(stage: Stage): Promise<Victim> {
  const disk = new MemoryDisk()
  const disks = new Map<string, MemoryDisk>()
  const diskOf = (folder: string): MemoryDisk => {
    const own = folder === 'files' ? disk : (disks.get(folder) ?? new MemoryDisk())
    disks.set(folder, own)
    return own
  }
  const log = { written: [], digested: 0, broadSyncs: 0, synced: 0, isDead: false }
  const healed = Promise.withResolvers<void>()
  const victim = await stage.newClient({
    disk,
    line: { down: 4096 * KIB },
    ports: {
      openStorage: async ({ info, folder, isWanted }) => {
        if (folder === 'hanging') await healed.promise
        const inner = new MemoryStorage({ torrent: storedTorrent(info), isWanted, disk: diskOf(folder) })
        return new SimStorage({ world: stage, inner, log })
      },
    },
  })
  return { stage, victim, diskOf, refused: [], heal: healed.resolve }
}

/** How long the victim takes for a hundred torrents that are as they should be, ms. */
async function timeForHundred({ stage, victim }: Scene): Promise<number> {
  stage.newTracker()
  const contents = Array.from({ length: TORRENTS }, (_, i) =>
    stage.newContent({ name: `good ${i}`, files: 4 * 64 * KIB, pieceLength: 64 * KIB }),
  )
  for (let i = 0; i < SEEDS; i++) {
    const seed = await stage.newClient({ line: { up: 128 * KIB } })
    for (const content of contents.slice((i * TORRENTS) / SEEDS, ((i + 1) * TORRENTS) / SEEDS)) {
      content.putOn(seed.disk)
      await stage.settled((await seed.add(content)).checked())
    }
  }
  const began = stage.now
  const torrents: TorrentHandle[] = []
  for (const content of contents) torrents.push(await victim.add(content))
  for (const [i, torrent] of torrents.entries()) await stage.completed(victim, torrent, contents[i]!)
  return stage.now - began
}

/** The codes of all that a session said of a torrent. */
function saidOf({ alerts }: SimClient, { id }: TorrentHandle): Set<string> {
  const said = new Set<string>()
  for (const alert of alerts) {
    if (!('torrent' in alert) || alert.torrent !== id) continue
    if (alert.type === 'torrent-error' || alert.type === 'tracker-failed') said.add(alert.error.code)
    else said.add(alert.type === 'peer-disconnected' ? alert.reason : alert.type)
  }
  return said
}

story(
  'a hundred torrents go on beside those that are broken or hostile, each of which says what is wrong',
  async stage => {
    const alone = new Stage({ seed: stage.seed })
    const usual = await timeForHundred(await newVictim(alone))
    await alone.end()
    const scene = await newVictim(stage)
    const broken = new Map<string, TorrentHandle | null>()
    for (const [name, plague] of Object.entries(PLAGUES)) broken.set(name, await plague.begin(scene))
    await stage.pass(60_000)
    const time = await timeForHundred(scene)
    assert.ok(time < 1.25 * usual, `it took ${time} ms, alone ${usual}`)
    for (const [name, torrent] of broken) {
      const said = torrent ? saidOf(scene.victim, torrent) : new Set(scene.refused)
      const { says = [], explains } = PLAGUES[name]!
      for (const code of says) assert.ok(said.has(code), `${name}: ${code} not in ${[...said].join()}`)
      if (explains) assert.equal(torrent?.explain()[0]?.code, explains, name)
      assert.notEqual(torrent?.status().state, 'seeding', name)
    }
    scene.heal()
  },
  { runs: 1 },
)
