import type { TorrentFile } from '../metainfo/torrent-file.ts'
import type { TorrentHandle } from './torrent-handle.ts'
import type { AddOptions, MetadataOptions, TorrentSource } from './session-options.ts'
import type { WaitOptions } from './wait-options.ts'

/** The metadata of a magnet link that is not in the session, which it leaves again. See `Session.fetchMetadata`. */
export async function fetchAlone(
  session: { add(source: TorrentSource, options: AddOptions): Promise<TorrentHandle> },
  magnet: string,
  options: MetadataOptions & WaitOptions,
): Promise<TorrentFile> {
  const torrent = await session.add(
    { magnet },
    { ...options, folder: '', isMetadataOnly: true, isForced: true },
  )
  try {
    return await torrent.metadata(options)
  } finally {
    await torrent.remove()
  }
}
