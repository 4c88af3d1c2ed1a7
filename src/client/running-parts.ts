import type { PieceHashes } from '../metainfo/piece-hashes.ts'
import type { TorrentFile } from '../metainfo/torrent-file.ts'
import type { TorrentStorage } from '../storage/torrent-storage.ts'
import type { Torrent } from '../swarm/torrent.ts'
import type { HashAnswers } from './hash-answers.ts'
import type { TorrentDisk } from './torrent-disk.ts'

/** What a torrent that is awake has, and one that rests has not. */
export interface RunningParts {
  readonly metadata: TorrentFile
  readonly hashes: PieceHashes
  readonly storage: TorrentStorage
  readonly torrent: Torrent
  readonly disk: TorrentDisk
  /** Answers questions for v2 hashes. */
  readonly hashAnswers: HashAnswers
}
