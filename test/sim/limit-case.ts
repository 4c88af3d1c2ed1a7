import type { SessionLimits } from '../../src/client/session-options.ts'
import { Stage } from './story.ts'
import { StampHasher, stampMemory, StampStorage, SyntheticContent } from './synthetic-content.ts'

/** One client with a limit, and the peers that would move more with it. */
export interface LimitCase {
  /** Bytes a second. */
  readonly limit: number
  readonly peers: number
  readonly way: 'up' | 'down'
  readonly whose: 'session' | 'torrent' | 'class'
  /** What the lines of all peers could move together, in limits. Infinity: no line holds anything up. */
  readonly room: number
  readonly seed?: number
}

export interface LimitFigures {
  /** Bytes a second on the wire, payload and all else, over the 20 s after the first 5 s of transfer. */
  readonly rate: number
  /** `rate` over the limit. */
  readonly share: number
  readonly events: number
}

const SETTLED = 5000
const MEASURED = 20_000
const LARGE_PIECES = 10 << 20

/** Measures what goes over the line of a client that is limited, as the simulated network counts it. */
export async function runLimitCase(options: LimitCase): Promise<LimitFigures> {
  const { limit, peers, way } = options
  const stage = new Stage({ seed: options.seed ?? 1 })
  const isUp = way === 'up'
  const content = contentFor(options)
  const ofPeer = (limit * options.room) / peers
  const { ofSession, ofTorrent } = limitsOf(options)
  let hosts = 0
  const begin = (isWhole: boolean, own: SessionLimits, line = {}) =>
    stage.newClient({
      ...own,
      // Else they would have of each other what the limited one is to give.
      pex: false,
      // IPv6 has no allowed-fast sets, with which who is choked could move much in a short test.
      host: stage.network.newHost({ ...line, at: `fd00::${(++hosts).toString(16)}` }),
      ports: {
        memory: stampMemory,
        hasher: new StampHasher(stage),
        openStorage: async () => new StampStorage({ world: stage, content, isWhole }),
      },
    })
  const limited = await begin(isUp, ofSession)
  const others = []
  for (let i = 0; i < peers; i++) {
    const other = await begin(!isUp, {}, { up: ofPeer, down: ofPeer })
    const known = isUp ? [limited.address] : []
    await other.add(content, { announces: false, isKnownGood: !isUp, peers: known })
    others.push(other.address)
  }
  const known = isUp ? [] : others
  await limited.add(content, { announces: false, isKnownGood: isUp, peers: known, ...ofTorrent })
  const { line } = limited.host
  const moved = (): number => (isUp ? line.sent : line.received)
  await stage.until(() => moved() > 0)
  await stage.pass(SETTLED)
  const before = moved()
  await stage.pass(MEASURED)
  const rate = ((moved() - before) * 1000) / MEASURED
  await stage.end()
  return { rate, share: rate / limit, events: stage.events }
}

function limitsOf({ limit, way, whose }: LimitCase): { ofSession: SessionLimits; ofTorrent: SessionLimits } {
  const limits = way === 'up' ? { uploadLimit: limit } : { downloadLimit: limit }
  if (whose === 'torrent') return { ofSession: {}, ofTorrent: limits }
  return { ofSession: whose === 'session' ? limits : { peerClasses: { local: limits } }, ofTorrent: {} }
}

/** More than any one peer has of it in that time. */
function contentFor({ limit, way, peers }: LimitCase): SyntheticContent {
  const most = way === 'down' ? limit : limit / Math.min(peers, 4)
  const pieceLength = limit >= LARGE_PIECES ? 4 << 20 : 256 << 10
  const pieces = Math.max(64, Math.ceil((2 * most * (SETTLED + MEASURED)) / 1000 / pieceLength))
  return new SyntheticContent({ length: pieces * pieceLength, pieceLength, trackers: [] })
}
