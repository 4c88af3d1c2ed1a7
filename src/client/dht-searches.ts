import type { Address } from '../core/address.ts'
import { Deadlines } from '../core/deadlines.ts'
import type { SwarmKey } from '../core/ids.ts'
import type { Dice } from '../core/ports.ts'
import type { DhtNode } from '../dht/dht-node.ts'
import type { NodeId } from '../dht/node-id.ts'
import { isSecondSwarm } from './is-second-swarm.ts'
import { CLIENT_LIMITS } from './limits.ts'
import { CLIENT_DEFAULTS } from './options.ts'
import type { TorrentTask } from './torrent-task.ts'

interface Search {
  readonly task: TorrentTask
  readonly key: SwarmKey
  /** Null unless it is under way. */
  cancel: (() => void) | null
}

/** When the peers of each torrent are looked for in the DHT, and ours are told of: at once, and now and then. */
export class DhtSearches {
  readonly #dice: Dice
  readonly #nodes: () => readonly DhtNode[]
  readonly #listenPort: () => number
  readonly #changed: () => void
  /** Bounded by the torrents of the session, twice. */
  readonly #ofTask = new Map<TorrentTask, Search[]>()
  readonly #due = new Deadlines<Search>()
  #running = 0

  constructor(options: {
    dice: Dice
    /** Those that have somebody to ask. */
    nodes: () => readonly DhtNode[]
    listenPort: () => number
    /** `deadline` may have come nearer. */
    changed: () => void
  }) {
    this.#dice = options.dice
    this.#nodes = options.nodes
    this.#listenPort = options.listenPort
    this.#changed = options.changed
  }

  enter(task: TorrentTask, keys: readonly SwarmKey[], now: number): void {
    const searches = keys.map((key): Search => ({ task, key, cancel: null }))
    this.#ofTask.set(task, [...(this.#ofTask.get(task) ?? []), ...searches])
    for (const search of searches) this.#due.set(search, now)
    this.#changed()
  }

  leave(task: TorrentTask): void {
    for (const search of this.#ofTask.get(task) ?? []) {
      this.#due.delete(search)
      if (search.cancel) this.#ended(search)
    }
    this.#ofTask.delete(task)
    this.#changed()
  }

  /** There are nodes to ask, or others than before. */
  nodesCame(): void {
    this.#changed()
  }

  tick(now: number): void {
    while (this.#mayBegin) {
      const search = this.#due.take(now)
      if (search === null) return
      this.#begin(search, now)
    }
  }

  deadline(): number {
    return this.#mayBegin ? this.#due.next() : Number.POSITIVE_INFINITY
  }

  get #mayBegin(): boolean {
    return this.#running < CLIENT_LIMITS.dhtSearchesAtOnce && this.#nodes().length > 0
  }

  #begin(search: Search, now: number): void {
    this.#running++
    const { task, key } = search
    const port = this.#listenPort()
    const isSecond = isSecondSwarm(task, key)
    let left = 0
    let peers = 0
    const done = (_: unknown, at: number): void => {
      if (--left > 0 || !search.cancel) return
      this.#ended(search)
      this.#due.set(search, at + this.#pause(task, peers))
      this.#changed()
    }
    const nodes = this.#nodes()
    left = nodes.length
    const cancels: (() => void)[] = []
    search.cancel = () => {
      for (const cancel of cancels) cancel()
    }
    for (const node of nodes) {
      cancels.push(
        node.findPeers(
          {
            infoHash: key as NodeId,
            announce: port > 0 ? { port, isPortImplied: true, isSeed: task.isComplete } : null,
            noSeeds: task.isComplete,
            found: (addresses, at) => {
              peers += addresses.length
              task.found(named(addresses), 'dht', at, isSecond)
            },
            done,
          },
          now,
        ),
      )
    }
  }

  /** Sooner where a download finds nobody. */
  #pause(task: TorrentTask, peers: number): number {
    const { dhtInterval, dhtRetry } = CLIENT_DEFAULTS
    const isLonely = !task.isComplete && peers === 0 && task.peerCount === 0
    return (isLonely ? dhtRetry : dhtInterval) * (0.8 + 0.4 * this.#dice.fraction())
  }

  #ended(search: Search): void {
    const { cancel } = search
    search.cancel = null
    cancel?.()
    this.#running--
  }
}

function named(addresses: readonly Address[]) {
  return addresses.map(address => ({ address }))
}
