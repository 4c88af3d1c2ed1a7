import type { Address } from '../core/address.ts'
import type {
  Alarm,
  Clock,
  DatagramNetwork,
  Dice,
  Digest,
  ExtentMemory,
  GroupNetwork,
  Logger,
  Secrets,
  Signatures,
  StreamNetwork,
} from '../core/ports.ts'
import type { StorageError } from '../core/errors.ts'
import type { TorrentId } from '../core/ids.ts'
import type { Info } from '../metainfo/info.ts'
import type { ResumeLog } from '../storage/resume-log.ts'
import type { FileState, PieceHasher, TorrentStorage } from '../storage/torrent-storage.ts'
import type { DiskNews } from '../storage/disk-workers.ts'
import type { DeviceAnswer, DeviceRequest } from '../portmap/upnp-mapper.ts'
import type { AnnounceRequest, AnnounceResponse, ScrapeEntry } from '../tracker/announce.ts'
import type { TurnProbe } from './turns.ts'

/** Asks trackers. */
export interface TrackerClient {
  /** Rejects with `TrackerError`, or the signal's reason. */
  announce(url: string, request: AnnounceRequest, options: { signal: AbortSignal }): Promise<AnnounceResponse>
  /**
   * Asks for the counts of swarms (BEP 48), no more than `scrapeHashes`. Swarms that the tracker does not know are missing.
   * Rejects likewise, and with `tracker-no-scrape` where its URL leads to none.
   */
  scrape(
    url: string,
    infoHashes: readonly Uint8Array[],
    options: { signal: AbortSignal },
  ): Promise<ScrapeEntry[]>
}

/** How this machine is connected to a router. */
export interface GatewayRoute {
  /** The router's address; null where the system does not say. */
  readonly gateway: string | null
  /** Our own on the way to it. */
  readonly local: string
}

/** Leads to routers, and to nothing beyond them. */
export interface GatewayAccess {
  /** The best first; empty where no way leads out. IPv4. */
  routes(): Promise<readonly GatewayRoute[]>
  /**
   * Asks the host of the URL and nobody else, whatever it answers, from `local`. Rejects where no answer comes, or one that is
   * too long.
   */
  ask(request: DeviceRequest, options: { local: string; signal: AbortSignal }): Promise<DeviceAnswer>
}

/** Remembers each torrent: what it is, and what of it is on disk. */
export interface SessionState {
  /** Makes sure that nobody else remembers this torrent at the same place. Rejects with `state-locked`. */
  hold(torrent: TorrentId): Promise<void>
  /** Whoever wants to may remember it from now on. Its log must be closed. */
  release(torrent: TorrentId): Promise<void>
  /**
   * A file that belongs to a torrent, or where that is null to the session as a whole; null where there is none, or no place
   * for it.
   */
  read(torrent: TorrentId | null, name: string): Promise<Uint8Array | null>
  /** Writes such a file as a whole; nothing where there is no place for it. */
  replace(torrent: TorrentId | null, name: string, bytes: Uint8Array): Promise<void>
  /** `inspect`: of the torrent's storage. */
  openLog(info: Info, inspect: () => Promise<readonly FileState[]>): Promise<ResumeLog>
  close(): Promise<void>
}

/** Where a torrent's bytes shall lie. */
export interface StorageRequest {
  readonly info: Info
  readonly folder: string
  readonly isWanted: (file: number) => boolean
  /** Files that were renamed; see `StoragePlace`. */
  readonly names?: ReadonlyMap<number, string>
  /** The files are there under the names that the torrent has for them; see `storedTorrent`. */
  readonly hasOwnNames?: boolean
  /** Hears of each link of the torrent (BEP 47) that cannot be made; the rest does not suffer. */
  readonly onLinkFault?: (fault: StorageError) => void
}

/** All that a session needs of the world. `node.ts` has the real one, the simulator another. */
export interface SessionPorts {
  readonly clock: Clock
  readonly alarm: Alarm
  readonly dice: Dice
  readonly secrets: Secrets
  readonly digest: Digest
  readonly signatures: Signatures
  readonly logger: Logger
  readonly network: StreamNetwork
  readonly datagrams: DatagramNetwork
  readonly groups: GroupNetwork
  readonly memory: ExtentMemory
  readonly hasher: PieceHasher
  readonly trackers: TrackerClient
  /** Null: no router is asked for anything. */
  readonly gateways: GatewayAccess | null
  /** Null: nothing is remembered. */
  readonly state: SessionState | null
  /** Only where turns are measured. */
  readonly turnProbe?: TurnProbe
  openStorage(request: StorageRequest): Promise<TorrentStorage>
  /** Addresses of a host name, for `x.pe`. Empty where it has none. */
  resolve(host: string, port: number): Promise<Address[]>
  /** Likewise, for names of the world that nobody waits for: `close` does not wait for an answer. */
  resolveFar(host: string, port: number): Promise<Address[]>
  /**
   * For an end that must not wait for ever: disks that have answered nothing for `silence` ms, though something was asked of
   * them, are given up, and what was asked of them rejects with `disk-hangs`.
   */
  giveUpSilentDisks(silence: number): DiskNews
  /** Ends workers and what else was opened for the session. */
  close(): Promise<void>
}
