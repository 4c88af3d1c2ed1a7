/** shoal/storage: where the bytes of torrents lie, who hashes them, and what is remembered of them. */

export { isPassingFault } from '../core/passing-fault.ts'
export { DiskWorkers } from './disk-workers.ts'
export { areAllGone, isUnchanged, type RecordedFile } from './file-look.ts'
export { FileStorage, type FileStorageOptions } from './file-storage.ts'
export { type HashedFiles, hashFiles, type HashOptions } from './hash-files.ts'
export { HashWorkers } from './hash-workers.ts'
export { MemoryStateFiles } from './memory-state-files.ts'
export { MemoryDisk, MemoryStorage, type MemoryStorageOptions } from './memory-storage.ts'
export { refuseIfGone } from './refuse-if-gone.ts'
export { ResumeLog, type ResumeLogOptions, type Restored } from './resume-log.ts'
export { defaultStateFolder, StateFolder } from './state-folder.ts'
export type { StateFiles } from './state-files.ts'
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
export { type FileVerdict, type FileVerdictKind, type Verification, verifyFiles } from './verify-files.ts'
export { WorkerStateFiles } from './worker-state-files.ts'
