import type { StoragePlace } from '../storage/torrent-storage.ts'
import type { TorrentSettings } from './torrent-settings.ts'

/** There are thousands of torrents whose files have the names that they have. */
const NO_NAMES: ReadonlyMap<number, string> = new Map()

/** Where a torrent lies, and what its files are called there. Outlives what a rest takes away. */
export class TorrentPlace implements StoragePlace {
  /** What was said when it was added; it may have moved since. */
  readonly #said: string
  #folder: string
  #names: ReadonlyMap<number, string>
  readonly hasOwnNames: boolean

  /**
   * `said`: the folder that it is added with, and whether its files are there under its own names (see `storedTorrent`). One
   * that was moved is found where it was moved to, when it is said to be where it was said to be before.
   */
  constructor(said: string, remembered: TorrentSettings, hasOwnNames = false) {
    const { movedFrom, folder } = remembered
    this.#said = said
    this.#folder = movedFrom === said && folder !== undefined ? folder : said
    this.#names = remembered.names ? namesOf(remembered.names) : NO_NAMES
    this.hasOwnNames = hasOwnNames
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

function namesOf(remembered: Readonly<Record<string, string>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(remembered).map(([file, name]) => [Number(file), name]))
}
