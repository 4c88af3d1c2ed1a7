import type { SwarmKey } from '../core/ids.ts'
import type { PeerFinder } from './peer-finder.ts'
import type { TorrentTask } from './torrent-task.ts'

/** All ways to find peers beside trackers, and the rule that private torrents (BEP 27) go none of them. */
export class PeerFinders implements PeerFinder {
  readonly #finders: readonly PeerFinder[]

  constructor(finders: readonly PeerFinder[]) {
    this.#finders = finders
  }

  enter(task: TorrentTask, keys: readonly SwarmKey[], now: number): void {
    if (task.isPrivate) return
    for (const finder of this.#finders) finder.enter(task, keys, now)
  }

  leave(task: TorrentTask, now: number): void {
    for (const finder of this.#finders) finder.leave(task, now)
  }
}
