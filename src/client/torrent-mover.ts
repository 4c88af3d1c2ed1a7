import { UsageError } from '../core/errors.ts'
import { orAborted } from '../core/or-aborted.ts'
import { distinctPaths } from '../metainfo/distinct-paths.ts'
import type { Info } from '../metainfo/info.ts'
import { isSafePath, savedPath } from '../metainfo/saved-path.ts'
import type { MoveProgress, StoragePlace } from '../storage/torrent-storage.ts'
import type { LifeKit } from './life-kit.ts'
import type { RunningParts } from './running-parts.ts'
import type { TorrentConduct } from './torrent-conduct.ts'
import type { TorrentPlace } from './torrent-place.ts'
import type { TorrentTask } from './torrent-task.ts'
import type { WaitOptions } from './wait-options.ts'
import { whileAwake } from './while-awake.ts'

export interface MoveOptions extends WaitOptions {
  /** Only where the bytes have to be copied: to another disk, or on one without hard links. */
  readonly onProgress?: (progress: MoveProgress) => void
}

/** Has the files of a torrent lie elsewhere or be called otherwise, while it runs. One after the other. */
export class TorrentMover {
  readonly place: TorrentPlace
  readonly #task: TorrentTask
  readonly #conduct: TorrentConduct
  readonly #kit: Pick<LifeKit, 'alerts' | 'turns'>
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: {
    task: TorrentTask
    place: TorrentPlace
    conduct: TorrentConduct
    kit: Pick<LifeKit, 'alerts' | 'turns'>
  }) {
    this.place = options.place
    this.#task = options.task
    this.#conduct = options.conduct
    this.#kit = options.kit
  }

  move(folder: string, options: MoveOptions): Promise<void> {
    return this.#inTurn(options, parts => this.#goTo({ folder, names: this.place.names }, parts, options))
  }

  /** `nameOf`: asked for each file that is no pad; null leaves it as it is. */
  rename(nameOf: (file: number, savedAs: string) => string | null, options: WaitOptions): Promise<void> {
    return this.#inTurn(options, parts => {
      const { info } = parts.metadata
      const names = this.#named(info, nameOf)
      return this.#goTo({ folder: this.place.folder, names }, parts, options)
    })
  }

  /** Below the folder, `/` between its parts. */
  savedAs(info: Info, file: number): string {
    return this.place.names.get(file) ?? this.#usualName(info, file)
  }

  #usualName(info: Info, file: number): string {
    return savedPath(info, info.files[file]!, { hasOwnNames: this.place.hasOwnNames }).join('/')
  }

  #named(info: Info, nameOf: (file: number, savedAs: string) => string | null): ReadonlyMap<number, string> {
    const names = new Map<number, string>()
    const onDisk = [...info.files.keys()].filter(file => !info.files[file]!.isPad)
    const paths = onDisk.map(file => {
      const before = this.savedAs(info, file)
      const name = nameOf(file, before) ?? before
      if (name !== before) requireSafe(name)
      if (name !== this.#usualName(info, file)) names.set(file, name)
      return name.split('/')
    })
    const taken = distinctPaths(paths).findIndex((path, at) => path !== paths[at])
    if (taken >= 0)
      throw new UsageError(
        'path-taken',
        `two files of "${this.#task.name}" would be called ${paths[taken]!.join('/')}: choose another name`,
      )
    return names
  }

  #inTurn(options: WaitOptions, act: (parts: RunningParts) => Promise<void>): Promise<void> {
    const done = this.#last.then(() =>
      whileAwake(this.#task, parts => {
        options.signal?.throwIfAborted()
        return act(parts)
      }),
    )
    this.#last = done.catch(() => undefined)
    return orAborted(done, options.signal)
  }

  async #goTo(to: StoragePlace, parts: RunningParts, { signal, onProgress }: MoveOptions): Promise<void> {
    const task = this.#task
    const { folder } = to
    const leftBehind = await parts.storage.relocate(to, {
      commit: async files => {
        // Where only one of the two is remembered, the files are another's, and hashed.
        await parts.disk.moved(files)
        await this.#conduct.moved(this.place.settingsFor(to))
        this.place.become(to)
      },
      signal: signal ? AbortSignal.any([signal, task.signal]) : task.signal,
      ...(onProgress && { onProgress }),
    })
    this.#kit.turns.enter(task, () => {
      const left = leftBehind.flatMap(({ path }) => path ?? [])
      this.#kit.alerts.emit({ type: 'torrent-moved', torrent: task.id, folder, leftBehind: left })
      task.markChanged()
    })
  }
}

function requireSafe(name: string): void {
  if (isSafePath(name)) return
  throw new UsageError(
    'path-unsafe',
    `${JSON.stringify(name)} is no name for a file: give a way below the folder, with names that every system can have`,
  )
}
