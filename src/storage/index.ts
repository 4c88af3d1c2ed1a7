/** shoal/storage: where the bytes of torrents lie, who hashes them, and what is remembered of them. */

export { isPassingFault } from './disk-fault.ts'
export { DiskWorkers } from './disk-workers.ts'
export { FileStorage, type FileStorageOptions } from './file-storage.ts'
export { HashWorkers } from './hash-workers.ts'
export { MemoryDisk, MemoryStorage, type MemoryStorageOptions } from './memory-storage.ts'
export { type StoredFile, type StoredTorrent, storedTorrent } from './stored-torrent.ts'
export type {
  DigestKinds,
  FileLook,
  FileState,
  MerkleKind,
  PieceDigest,
  PieceHasher,
  TorrentStorage,
} from './torrent-storage.ts'
