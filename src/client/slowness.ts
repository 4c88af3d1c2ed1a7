import { formatRate } from '../core/quantities.ts'
import type { TorrentStatus } from './torrent-status.ts'
import type { Bottleneck } from './traffic.ts'

export type SlownessCode =
  | 'paused'
  | 'queued'
  | 'failed'
  | 'not-begun'
  | 'disk-refuses'
  | 'checking'
  | 'allocating'
  | 'no-trackers-answer'
  | 'no-peers-known'
  | 'no-peer-answers'
  | 'no-metadata'
  | 'nobody-has-the-rest'
  | 'all-choke-us'
  | 'rate-limit'
  | 'hashing-too-slow'
  | 'disk-too-slow'
  | 'peers-too-slow'
  | 'nobody-asks'

/** One thing that keeps a torrent from being faster. */
export interface Slowness {
  readonly code: SlownessCode
  /** For people: what it is, with figures, and where there is something to do, what. */
  readonly message: string
}

const BEHIND = {
  hashing: { code: 'hashing-too-slow', message: 'pieces come faster than they can be hashed' },
  disk: { code: 'disk-too-slow', message: 'pieces come faster than the disk takes them' },
} as const

/** What there is to judge by, beside the status. */
export interface SlownessFacts {
  readonly status: TorrentStatus
  /** Connected peers that have something we want, and those of them that let us have it. */
  readonly usefulPeers: number
  readonly unchokingPeers: number
  /** Connected peers that want something of ours. */
  readonly interestedPeers: number
  /** Wanted pieces that no connected peer has. */
  readonly piecesNowhere: number
  /** The limit that connections wait for now. */
  readonly limit: Bottleneck | null
  /** Where whole pieces pile up so that no new ones are begun; null where they do not. */
  readonly behind: 'hashing' | 'disk' | null
}

/**
 * Why a torrent is not faster, what weighs most first; empty where nothing holds it back, as when it seeds and nobody asks
 * for more. "Stalled, and nobody knows why" is what users of torrent programs complain about most.
 */
export function explainSlowness(facts: SlownessFacts): Slowness[] {
  const { status } = facts
  const { error } = status
  if (status.state === 'paused') return [{ code: 'paused', message: 'it is paused: resume it' }]
  if (status.state === 'queued')
    return [{ code: 'queued', message: 'as many torrents as may be are active: it waits for its turn' }]
  if (status.state === 'failed') return [{ code: 'failed', message: error?.message ?? 'it failed' }]
  if (status.state === 'stopped')
    return [{ code: 'not-begun', message: 'it waits for its turn to be opened, or was taken out' }]
  if (error) return [{ code: 'disk-refuses', message: error.message }]
  if (status.state === 'checking') {
    const message = `what is on disk is being checked: ${status.checkedPieces} of ${status.pieces} pieces so far`
    return [{ code: 'checking', message }]
  }
  if (status.state === 'allocating')
    return [{ code: 'allocating', message: 'room is made on the disk for all that is to come' }]
  if (status.state === 'seeding') return explainSeeding(facts)
  if (status.peers === 0) return explainLoneliness(status)
  if (status.state === 'fetching-metadata') {
    const message = `none of ${count(status.peers, 'peer')} has sent the metadata yet`
    return [{ code: 'no-metadata', message }]
  }
  return explainDownload(facts)
}

function explainSeeding({ status, interestedPeers, limit }: SlownessFacts): Slowness[] {
  if (interestedPeers > 0 && limit) return [limitOf(limit)]
  if (interestedPeers > 0) return []
  const who =
    status.peers === 0 ? 'nobody is connected' : `none of ${count(status.peers, 'peer')} wants anything`
  return [{ code: 'nobody-asks', message: `${who}: it is there for whoever comes` }]
}

function explainLoneliness({ trackers, knownPeers }: TorrentStatus): Slowness[] {
  const failed = trackers.filter(({ state }) => state === 'failed')
  const found: Slowness[] = []
  if (failed.length > 0 && failed.length === trackers.length) {
    const [first] = failed
    const said = first?.message?.includes(first.url)
      ? first.message
      : `${first?.url}: ${first?.message ?? 'no answer'}`
    const who =
      failed.length > 1 ? `none of ${failed.length} trackers answers` : 'the tracker does not answer'
    found.push({ code: 'no-trackers-answer', message: `${who}: ${said}` })
  }
  if (knownPeers > 0) {
    const message = `${count(knownPeers, 'peer')} ${knownPeers === 1 ? 'is' : 'are'} known, and none is connected: they are tried again by and by`
    found.push({ code: 'no-peer-answers', message })
  } else {
    const asked = trackers.length > 0 ? 'no tracker names any' : 'it has no tracker; name a peer or a tracker'
    found.push({ code: 'no-peers-known', message: `nobody who has it is known: ${asked}` })
  }
  return found
}

function explainDownload(facts: SlownessFacts): Slowness[] {
  const { status, usefulPeers, unchokingPeers, piecesNowhere, limit, behind } = facts
  const found: Slowness[] = []
  if (behind) found.push(BEHIND[behind])
  if (limit) found.push(limitOf(limit))
  if (usefulPeers === 0) {
    const message = `none of ${count(status.peers, 'peer')} has any of the ${count(status.pieces - status.verifiedPieces, 'piece')} that ${status.pieces - status.verifiedPieces === 1 ? 'is' : 'are'} missing`
    found.push({ code: 'nobody-has-the-rest', message })
  } else {
    if (unchokingPeers === 0) {
      const message = `${count(usefulPeers, 'peer')} ${usefulPeers === 1 ? 'has' : 'have'} what is missing, and ${usefulPeers === 1 ? 'lets' : 'let'} us wait for a turn`
      found.push({ code: 'all-choke-us', message })
    }
    if (piecesNowhere > 0) {
      const message = `${count(piecesNowhere, 'piece')} ${piecesNowhere === 1 ? 'is' : 'are'} with nobody who is connected`
      found.push({ code: 'nobody-has-the-rest', message })
    }
  }
  if (found.length === 0) {
    const message = `${count(unchokingPeers, 'peer')} ${unchokingPeers === 1 ? 'sends' : 'send'} as fast as ${unchokingPeers === 1 ? 'it does' : 'they do'}: ${formatRate(status.downloadRate)} together`
    found.push({ code: 'peers-too-slow', message })
  }
  return found
}

function limitOf({ whose, bytesPerSecond }: Bottleneck): Slowness {
  const message = `the limit of ${whose}, ${formatRate(bytesPerSecond)}, is used up`
  return { code: 'rate-limit', message }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
