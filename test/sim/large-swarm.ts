import assert from 'node:assert/strict'
import { Stage } from './story.ts'
import { StampHasher, stampMemory, StampStorage, SyntheticContent } from './synthetic-content.ts'

export interface LargeSwarm {
  readonly peers: number
  readonly length: number
  readonly pieceLength: number
  /** Bytes a second, each way, of each peer. */
  readonly rate: number
  readonly seed?: number
}

export interface SwarmFigures {
  /** Virtual seconds until the last one was complete. */
  readonly seconds: number
  readonly events: number
  readonly moved: number
  readonly wasted: number
  /** What the seed sent, in copies of the content. */
  readonly copiesOfSeed: number
}

/** One seed and many leeches that all want the same, from beginning to end. */
export async function runLargeSwarm(options: LargeSwarm): Promise<SwarmFigures> {
  const stage = new Stage({ seed: options.seed ?? 1 })
  stage.newTracker({ intervalSeconds: 60 })
  const { length, pieceLength, rate } = options
  const content = new SyntheticContent({ length, pieceLength, trackers: ['http://tracker/'] })
  const line = { up: rate, down: rate, latency: 15 }
  const begin = async (isWhole: boolean) => {
    const client = await stage.newClient({
      line,
      ports: {
        memory: stampMemory,
        hasher: new StampHasher(stage),
        openStorage: async () => new StampStorage({ world: stage, content, isWhole }),
      },
    })
    return client.add(content, { isKnownGood: isWhole })
  }
  const seed = await begin(true)
  const leeches = []
  for (let i = 0; i < options.peers; i++) leeches.push(await begin(false))
  await stage.settled(Promise.all(leeches.map(torrent => torrent.completed())), { what: 'all are complete' })
  const statuses = leeches.map(torrent => torrent.status())
  const figures = {
    seconds: stage.now / 1000,
    events: stage.events,
    moved: statuses.reduce((sum, status) => sum + status.downloaded, 0),
    wasted: statuses.reduce((sum, status) => sum + status.wasted, 0),
    copiesOfSeed: seed.status().uploaded / length,
  }
  for (const status of statuses) assert.equal(status.verifiedPieces, content.geometry.pieceCount)
  await stage.end()
  return figures
}
