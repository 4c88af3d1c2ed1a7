import type { StoragePlace } from '../storage/torrent-storage.ts'
import type { TorrentSettings } from './torrent-settings.ts'

/** Where a torrent lies, and what its files are called there. Outlives what a rest takes away. */
export class TorrentPlace implements StoragePlace {
  /** What was said when it was added; it may have moved since. */
  readonly #said: string
  #folder: string
  #names: ReadonlyMap<number, string>

  /** A torrent that was moved is found where it was moved to, when it is said to be where it was said to be before. */
  constructor(said: string, remembered: TorrentSettings) {
    const { movedFrom, folder } = remembered
    this.#said = said
    this.#folder = movedFrom === said && folder !== undefined ? folder : said
    this.#names = new Map(Object.entries(remembered.names ?? {}).map(([file, name]) => [Number(file), name]))
  }

  get folder(): string {
    return this.#folder
  }

  get names(): ReadonlyMap<number, string> {
    return this.#names
  }

  become({ folder, names }: StoragePlace): void {
    this.#folder = folder
    this.#names = names
  }

  /** What is to be remembered of another place, where the torrent is about to be. */
  settingsFor({ folder, names }: StoragePlace): Pick<TorrentSettings, 'movedFrom' | 'folder' | 'names'> {
    return { movedFrom: this.#said, folder, names: Object.fromEntries(names) }
  }
}
