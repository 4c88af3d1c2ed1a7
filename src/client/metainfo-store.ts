import { equalBytes, latin1Bytes, latin1Text, parseHex } from '../core/bytes.ts'
import { StorageError } from '../core/errors.ts'
import { type InfoHashes, sameTorrent, type TorrentId, torrentIdOf } from '../core/ids.ts'
import type { Digest } from '../core/ports.ts'
import {
  encodeTorrentFile,
  partsOfTorrentFile,
  parseTorrentFile,
  type TorrentFile,
} from '../metainfo/torrent-file.ts'
import type { SessionState } from './session-ports.ts'

/** The name of a torrent's own torrent file in the state. */
const NAME = 'metainfo.torrent'
/** Holds the id that the torrent has in full. */
const ALIAS = 'same-as'

/** Keeps the torrent files of a session with its state: to be read again when a torrent wakes, or is added anew. */
export class MetainfoStore {
  readonly #state: SessionState
  readonly #digest: Digest

  constructor(options: { state: SessionState; digest: Digest }) {
    this.#state = options.state
    this.#digest = options.digest
  }

  /**
   * Writes only what is not there yet. `addedAs`: the name that the torrent was added by; where it turned out to have
   * another (a hybrid, of which a magnet told the v2 hash alone), it is found by both.
   */
  async save(metadata: TorrentFile, addedAs: TorrentId): Promise<void> {
    const id = torrentIdOf(metadata.info.hashes)
    await this.#write(id, NAME, encodeTorrentFile(partsOfTorrentFile(metadata)))
    if (addedAs !== id) await this.#write(addedAs, ALIAS, latin1Bytes(id))
  }

  /** Null where there is none. Rejects with `FormatError` where it is not what was saved. */
  async find(hashes: InfoHashes): Promise<TorrentFile | null> {
    const id = torrentIdOf(hashes)
    return (await this.#read(id, hashes)) ?? (await this.#readByAlias(id, hashes))
  }

  /** Rejects where there is none. */
  async load(hashes: InfoHashes): Promise<TorrentFile> {
    const metadata = await this.find(hashes)
    if (metadata) return metadata
    const id = torrentIdOf(hashes)
    throw new StorageError(
      'metainfo-gone',
      `the torrent file of ${id} is not in the state folder any more: take the torrent out and add it again`,
      { path: `torrents/${id}/${NAME}` },
    )
  }

  async #write(id: TorrentId, name: string, bytes: Uint8Array): Promise<void> {
    const saved = await this.#state.read(id, name)
    if (saved === null || !equalBytes(saved, bytes)) await this.#state.replace(id, name, bytes)
  }

  async #read(id: TorrentId, hashes: InfoHashes): Promise<TorrentFile | null> {
    const bytes = await this.#state.read(id, NAME)
    if (bytes === null) return null
    const metadata = parseTorrentFile(bytes, this.#digest)
    return sameTorrent(metadata.info.hashes, hashes) ? metadata : null
  }

  async #readByAlias(id: TorrentId, hashes: InfoHashes): Promise<TorrentFile | null> {
    const alias = await this.#state.read(id, ALIAS)
    const v1 = alias && latin1Text(alias)
    if (!v1 || !/^[0-9a-f]{40}$/.test(v1)) return null
    return this.#read(torrentIdOf({ v1: parseHex(v1) }), hashes)
  }
}
