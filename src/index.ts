/**
 * shoal: a BitTorrent client to build on. Formats, protocols, storage, tracker and site have subpaths of their own:
 * `shoal/bencode`, `shoal/metainfo`, `shoal/wire`, `shoal/tracker`, `shoal/tracker-server`, `shoal/storage`,
 * `shoal/site`.
 *
 * ```ts
 * await using session = await openSession()
 * const torrent = await session.add({ magnet }, { folder: 'downloads' })
 * await torrent.completed()
 * ```
 */

export { openSession } from './client/node.ts'
export { Session } from './client/session.ts'
export type { DhtStatus } from './client/dht-status.ts'
export type { TorrentChanges } from './client/torrent-changes.ts'
export type { SessionListener } from './client/session-listeners.ts'
export type {
  AddOptions,
  Limits,
  ListenAddress,
  PeerClassLimits,
  SessionLimits,
  SessionOptions,
  TorrentSource,
  DhtOptions,
  HostPort,
} from './client/session-options.ts'
export type { Slowness, SlownessCode } from './client/slowness.ts'
export type { AnnounceBreadth } from './tracker/announce-schedule.ts'
export type { Allocation } from './client/allocate.ts'
export type { FilePriority } from './client/file-choice.ts'
export type { FileHandle, FileStatus, Prioritize, StreamOptions } from './client/file-handle.ts'
export type { RecheckOptions, RecheckResult } from './client/recheck.ts'
export type { SeedingGoal, SeedingGoals } from './client/seeding-goals.ts'
export type { MoveOptions } from './client/torrent-mover.ts'
export type { QueueLimits } from './client/torrent-queue.ts'
export type { TorrentHandle } from './client/torrent-handle.ts'
export type { WaitOptions } from './client/wait-options.ts'
export type { Alert, AlertOf, AlertType } from './client/alerts.ts'
export {
  PIECE_MISSING,
  PIECE_PARTIAL,
  PIECE_UNWANTED,
  PIECE_VERIFIED,
  type RecheckProgress,
  type TorrentState,
  type TorrentStatus,
  type TrackerStatus,
} from './client/torrent-status.ts'

export { IpFilter } from './ip-filter/ip-filter.ts'
export { IpFilterReader, type IpFilterReport } from './ip-filter/ip-filter-reader.ts'
export { type Address, address, formatAddress, parseAddress } from './core/address.ts'
export {
  BitTorrentError,
  FormatError,
  ProtocolError,
  type Severity,
  StorageError,
  TrackerError,
  UsageError,
} from './core/errors.ts'
export { type InfoHashes, parseInfoHash, swarmKeys, type TorrentId, torrentIdOf } from './core/ids.ts'
export type { Digest, Logger, LogLevel } from './core/ports.ts'
export type { MoveProgress } from './storage/torrent-storage.ts'
export { LineLogger } from './net/loggers.ts'
/** What `parseTorrentFile` and `parseInfo` of `shoal/metainfo` hash with. */
export { nodeDigest } from './net/node-digest.ts'
