/** What `shoal up` has to tell of all its torrents together, however many there are. */

import type { InfoHashes } from '../core/ids.ts'
import type { SwarmCounts } from '../site/index.ts'
import type { CliSession, CliTorrent } from './cli-session.ts'

export interface UpTotals {
  readonly torrents: number
  readonly uploaded: number
  readonly uploadRate: number
  /** Peers that are connected to our seed. */
  readonly peers: number
  /** What the tracker knows, our own seed left out. */
  readonly seeds: number
  readonly leeches: number
}

type Figures = Omit<UpTotals, 'torrents'>

interface Known {
  /** A torrent that went and came back has another handle. */
  torrent: CliTorrent
  figures: Figures
}

/** So many torrents a look are looked up in the tracker, one round after the other: it does not tell what changed. */
const TRACKER_LOOKS = 500

const NOTHING: Figures = { uploaded: 0, uploadRate: 0, peers: 0, seeds: 0, leeches: 0 }

/** Keeps the last figures of each torrent and their sums. A look costs what changed since the last one, and no more. */
export class UpFigures {
  readonly #session: Pick<CliSession, 'changesSince'>
  readonly #countsOf: (hashes: InfoHashes) => SwarmCounts
  #revision = 0
  /** Bounded by the torrents of the session. */
  readonly #known = new Map<string, Known>()
  /** Those that sent at the last look: a rate falls with the clock alone, of which no change tells. */
  readonly #sending = new Set<string>()
  /** Where the round through the tracker is. */
  #round = this.#known.values()
  #sums = NOTHING

  constructor(session: Pick<CliSession, 'changesSince'>, countsOf: (hashes: InfoHashes) => SwarmCounts) {
    this.#session = session
    this.#countsOf = countsOf
  }

  look(): UpTotals {
    const { revision, isWhole, torrents, removed } = this.#session.changesSince(this.#revision)
    this.#revision = revision
    if (isWhole) this.#forgetAll()
    for (const id of removed) this.#forget(id)
    const toAsk = new Map(torrents.map(torrent => [torrent.id as string, torrent]))
    for (const id of this.#sending) {
      const known = this.#known.get(id)
      if (known && !toAsk.has(id)) toAsk.set(id, known.torrent)
    }
    for (const torrent of toAsk.values()) this.#ask(torrent)
    this.#lookIntoTracker()
    return { torrents: this.#known.size, ...this.#sums }
  }

  #ask(torrent: CliTorrent): void {
    const { uploaded, uploadRate, peers } = torrent.status()
    const moving = { uploaded, uploadRate: Math.round(uploadRate), peers }
    const known = this.#known.get(torrent.id)
    if (known) {
      known.torrent = torrent
      this.#update(known, moving)
    } else {
      const added = { torrent, figures: NOTHING }
      this.#known.set(torrent.id, added)
      this.#update(added, { ...moving, ...this.#othersOf(torrent) })
    }
    if (uploadRate > 0) this.#sending.add(torrent.id)
    else this.#sending.delete(torrent.id)
  }

  #lookIntoTracker(): void {
    for (let left = Math.min(TRACKER_LOOKS, this.#known.size); left > 0; left--) {
      let next = this.#round.next()
      if (next.done) {
        this.#round = this.#known.values()
        next = this.#round.next()
      }
      if (!next.done) this.#update(next.value, this.#othersOf(next.value.torrent))
    }
  }

  #othersOf({ infoHashes }: CliTorrent): Pick<Figures, 'seeds' | 'leeches'> {
    const { seeds, leeches } = this.#countsOf(infoHashes)
    return { seeds: Math.max(0, seeds - 1), leeches }
  }

  #update(known: Known, news: Partial<Figures>): void {
    const figures = { ...known.figures, ...news }
    this.#sums = plus(this.#sums, figures, known.figures)
    known.figures = figures
  }

  #forget(id: string): void {
    const known = this.#known.get(id)
    if (!known) return
    this.#update(known, NOTHING)
    this.#known.delete(id)
    this.#sending.delete(id)
  }

  #forgetAll(): void {
    this.#known.clear()
    this.#sending.clear()
    this.#round = this.#known.values()
    this.#sums = NOTHING
  }
}

function plus(sums: Figures, more: Figures, less: Figures): Figures {
  return {
    uploaded: sums.uploaded + more.uploaded - less.uploaded,
    uploadRate: sums.uploadRate + more.uploadRate - less.uploadRate,
    peers: sums.peers + more.peers - less.peers,
    seeds: sums.seeds + more.seeds - less.seeds,
    leeches: sums.leeches + more.leeches - less.leeches,
  }
}
