import { parseHex } from '../../src/core/bytes.ts'
import type { TorrentHandle } from '../../src/client/torrent-handle.ts'
import { Cheat, CHEAT_KINDS, type CheatKind } from './cheat.ts'
import type { LineOptions } from './line.ts'
import { swarmBound } from './swarm-bound.ts'
import { Stage } from './story.ts'
import { StampHasher, stampMemory, StampStorage, SyntheticContent } from './synthetic-content.ts'

const KIB = 1024
const MIB = 1024 * KIB

/** Lines as people have them, scaled down by ten so that a run takes minutes of virtual time, as choking does. */
const LINES = {
  fast: { up: 2 * MIB, down: 2 * MIB, latency: 10 },
  home: { up: 256 * KIB, down: MIB, latency: 20 },
  slow: { up: 64 * KIB, down: 512 * KIB, latency: 50 },
} satisfies Record<string, LineOptions>

export type LineKind = keyof typeof LINES

export interface MixedSwarm {
  /** Honest leeches: a tenth has a fast line, three tenths a slow one. */
  readonly peers: number
  /** Leeches that cheat beside them, with lines as homes have; a third of each kind. */
  readonly cheats: number
  readonly length: number
  readonly pieceLength: number
  readonly seed?: number
  /** Bytes a second of the one seed. */
  readonly seedUp?: number
  /** Honest ones leave when they are complete; only the seed stays. */
  readonly areLeaving?: boolean
  /** Kinds of cheats, in turn. Default: all. */
  readonly kinds?: readonly CheatKind[]
}

export interface MixedFigures {
  /** Virtual seconds until honest leeches were complete. */
  readonly mean: number
  readonly last: number
  /** By line. */
  readonly means: Readonly<Record<LineKind, number>>
  /** What no way of sharing can do better. */
  readonly bound: { readonly mean: number; readonly last: number }
  /** Of what the honest uploaded until the last of them was complete, what the cheats got. */
  readonly cheatShare: number
  /** What the cheats would have got, had upload gone to all leeches in the same way. */
  readonly cheatHeads: number
  /** What a cheat had of the content on average when half of the honest were complete, and when the last was. */
  readonly cheatsAtHalf: number
  readonly cheatsAtEnd: number
  /** Copies of the content that the seed sent. */
  readonly copiesOfSeed: number
  /** Of what the honest downloaded. */
  readonly wasted: number
}

interface Honest {
  readonly kind: LineKind
  readonly torrent: TorrentHandle
  completedAt: number
}

/** One seed, honest leeches with lines of three kinds, and cheats; all come at once. */
export async function runMixedSwarm(options: MixedSwarm): Promise<MixedFigures> {
  const stage = new Stage({ seed: options.seed ?? 1 })
  stage.newTracker({ intervalSeconds: 60 })
  const { length, pieceLength, seedUp = MIB, kinds = CHEAT_KINDS } = options
  const content = new SyntheticContent({ length, pieceLength, trackers: ['http://tracker/'] })
  const begin = async (line: LineOptions, isWhole: boolean): Promise<TorrentHandle> => {
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
  const seed = await begin({ up: seedUp, down: seedUp, latency: 10 }, true)
  const honest: Honest[] = []
  let complete = 0
  for (let i = 0; i < options.peers; i++) {
    const kind = kindOf(i)
    const leech: Honest = { kind, torrent: await begin(LINES[kind], false), completedAt: Number.NaN }
    honest.push(leech)
    void leech.torrent.completed().then(() => {
      leech.completedAt = stage.now / 1000
      complete++
      return options.areLeaving ? leech.torrent.pause() : null
    })
  }
  const infoHash = parseHex(seed.id)
  const addresses = stage.clients.map(client => client.address)
  const cheats = Array.from({ length: options.cheats }, (_, i) => {
    const kind = kinds[i % kinds.length]!
    return new Cheat(stage, { kind, geometry: content.geometry, infoHash, line: LINES.home })
  })
  for (const cheat of cheats) {
    stage.trackers.get('http://tracker/')?.introduce(infoHash, cheat.address.host, cheat.address.port)
    await cheat.begin(addresses)
  }
  const progress = (): number => meanOf(cheats.map(cheat => cheat.progress))
  await stage.until(() => complete * 2 >= honest.length, { what: 'half of them are complete' })
  const cheatsAtHalf = progress()
  await stage.until(() => complete === honest.length, { what: 'all are complete', within: 36_000_000 })
  const statuses = honest.map(leech => leech.torrent.status())
  const uploaded = [...statuses, seed.status()].reduce((sum, status) => sum + status.uploaded, 0)
  const taken = cheats.reduce((sum, cheat) => sum + cheat.received, 0)
  const downloaded = statuses.reduce((sum, status) => sum + status.downloaded, 0)
  const meanFor = (kind: LineKind): number =>
    meanOf(honest.filter(leech => leech.kind === kind).map(leech => leech.completedAt))
  const figures: MixedFigures = {
    mean: meanOf(honest.map(leech => leech.completedAt)),
    last: Math.max(...honest.map(leech => leech.completedAt)),
    means: { fast: meanFor('fast'), home: meanFor('home'), slow: meanFor('slow') },
    bound: swarmBound(
      length,
      seedUp,
      honest.map(leech => LINES[leech.kind]),
    ),
    cheatShare: taken / uploaded,
    cheatHeads: cheats.length / (cheats.length + honest.length),
    cheatsAtHalf,
    cheatsAtEnd: progress(),
    copiesOfSeed: seed.status().uploaded / length,
    wasted: statuses.reduce((sum, status) => sum + status.wasted, 0) / downloaded,
  }
  for (const cheat of cheats) cheat.leave()
  await stage.end()
  return figures
}

/** In every ten one fast, three slow. */
function kindOf(index: number): LineKind {
  const place = index % 10
  if (place === 0) return 'fast'
  return place < 4 ? 'slow' : 'home'
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}
