import type { TorrentFile } from '../metainfo/torrent-file.ts'
import type { LifeKit } from './life-kit.ts'
import { recheck } from './recheck.ts'
import { slownessOf } from './slowness-of.ts'
import type { TorrentConduct } from './torrent-conduct.ts'
import { TorrentFiles } from './torrent-files.ts'
import { TorrentHandle } from './torrent-handle.ts'
import { TorrentMover } from './torrent-mover.ts'
import type { TorrentPlace } from './torrent-place.ts'
import type { TorrentTask } from './torrent-task.ts'
import type { Traffic } from './traffic.ts'

/** What is behind the handles of torrents, and the handles. */
export class TorrentHandles {
  readonly #kit: LifeKit
  readonly #traffic: Traffic
  readonly #remove: (task: TorrentTask) => Promise<void>
  readonly #conducts = new WeakMap<TorrentTask, TorrentConduct>()
  readonly #places = new WeakMap<TorrentTask, TorrentPlace>()
  /** Made when somebody asks for them. */
  readonly #movers = new WeakMap<TorrentTask, TorrentMover>()
  readonly #files = new WeakMap<TorrentTask, TorrentFiles>()

  constructor(options: { kit: LifeKit; traffic: Traffic; remove: (task: TorrentTask) => Promise<void> }) {
    this.#kit = options.kit
    this.#traffic = options.traffic
    this.#remove = options.remove
  }

  /** Before its first handle. */
  add(task: TorrentTask, conduct: TorrentConduct, place: TorrentPlace): void {
    this.#conducts.set(task, conduct)
    this.#places.set(task, place)
  }

  conductOf(task: TorrentTask): TorrentConduct | undefined {
    return this.#conducts.get(task)
  }

  handleOf(task: TorrentTask): TorrentHandle {
    const conduct = this.#conducts.get(task)!
    const { turns } = this.#kit
    return new TorrentHandle(task, {
      now: () => turns.now(),
      remove: () => this.#remove(task),
      loadMetadata: () => this.#loadMetadata(task),
      conduct,
      files: () => this.#filesOf(task, conduct),
      place: this.#places.get(task)!,
      mover: () => this.#moverOf(task),
      recheck: options => recheck(task, this.#kit, options),
      explain: () => slownessOf(task, this.#traffic, turns.now()),
    })
  }

  /** Of a torrent that rests, and is not woken for it. */
  async #loadMetadata(task: TorrentTask): Promise<TorrentFile> {
    const metadata = await this.#kit.metainfo?.load(task.hashes)
    if (!metadata) throw new RangeError('only a torrent whose file is kept may rest')
    return metadata
  }

  #moverOf(task: TorrentTask): TorrentMover {
    const place = this.#places.get(task)!
    const conduct = this.#conducts.get(task)!
    const mover = this.#movers.get(task) ?? new TorrentMover({ task, place, conduct, kit: this.#kit })
    this.#movers.set(task, mover)
    return mover
  }

  #filesOf(task: TorrentTask, conduct: TorrentConduct): TorrentFiles {
    const files =
      this.#files.get(task) ??
      new TorrentFiles({
        task,
        conduct,
        mover: this.#moverOf(task),
        metadata: () => this.#loadMetadata(task),
        kit: this.#kit,
      })
    this.#files.set(task, files)
    return files
  }
}
