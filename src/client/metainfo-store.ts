import { equalBytes } from '../core/bytes.ts'
import { StorageError } from '../core/errors.ts'
import { type InfoHashes, sameTorrent, torrentIdOf } from '../core/ids.ts'
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

/** Keeps the torrent files of a session with its state: to be read again when a torrent wakes, or is added anew. */
export class MetainfoStore {
  readonly #state: SessionState
  readonly #digest: Digest

  constructor(options: { state: SessionState; digest: Digest }) {
    this.#state = options.state
    this.#digest = options.digest
  }

  /** Writes only what is not there yet. */
  async save(metadata: TorrentFile): Promise<void> {
    const id = torrentIdOf(metadata.info.hashes)
    const bytes = encodeTorrentFile(partsOfTorrentFile(metadata))
    const saved = await this.#state.read(id, NAME)
    if (saved === null || !equalBytes(saved, bytes)) await this.#state.replace(id, NAME, bytes)
  }

  /** Null where there is none. Rejects with `FormatError` where it is not what was saved. */
  async find(hashes: InfoHashes): Promise<TorrentFile | null> {
    const bytes = await this.#state.read(torrentIdOf(hashes), NAME)
    if (bytes === null) return null
    const metadata = parseTorrentFile(bytes, this.#digest)
    return sameTorrent(metadata.info.hashes, hashes) ? metadata : null
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
}
