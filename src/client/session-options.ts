/** What a session and its torrents can be told when they are opened. */

import type { Address } from '../core/address.ts'
import type { TorrentId } from '../core/ids.ts'
import type { Logger } from '../core/ports.ts'
import type { IpFilter } from '../ip-filter/ip-filter.ts'
import type { TorrentFile } from '../metainfo/torrent-file.ts'
import type { PeerClassName } from '../swarm/bandwidth-class.ts'
import type { AnnounceBreadth } from '../tracker/announce-schedule.ts'
import type { Allocation } from './allocate.ts'
import type { SeedingGoals } from './seeding-goals.ts'
import type { QueueLimits } from './torrent-queue.ts'

/** One place to listen, for TCP and UDP on one number. IPv6 sockets take no IPv4. */
export interface ListenAddress {
  /** An address of this machine: `0.0.0.0`, `::`, `127.0.0.1`, … */
  readonly address: string
  /** 0 lets the system choose; places with 0 get one port together. */
  readonly port: number
  /** True: left out where this machine has no such address (IPv6 switched off), as long as another place is there. */
  readonly isOptional?: boolean
}

/**
 * Bytes a second, Infinity for none (the default), 0 for nothing. Everything that connections to peers carry counts:
 * payload, the messages around it and handshakes, but not what TCP and IP add, and not announces to trackers. Payload
 * waits for its turn; messages never wait, so where they alone are more than a limit, it cannot hold.
 */
export interface Limits {
  readonly downloadLimit?: number
  readonly uploadLimit?: number
}

/** What peers of one kind share. */
export interface PeerClassLimits extends Limits {
  /** Whether the session's own limits hold for them too. Default true. Those of their torrents always do. */
  readonly isUnderSessionLimit?: boolean
}

/** All of these hold at the same time, and beside those of torrents; the narrowest decides. */
export interface SessionLimits extends Limits {
  /** For each single peer. */
  readonly peerDownloadLimit?: number
  readonly peerUploadLimit?: number
  /**
   * For peers by where they are: `local` in this machine or network (loopback, link-local and private addresses,
   * those of carrier-grade NAT among them), `remote` all others.
   */
  readonly peerClasses?: { readonly [name in PeerClassName]?: PeerClassLimits }
}

/** A host, by its name or address, and a port. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

export interface DhtOptions {
  /**
   * Whom a node asks that knows nobody. Default: those that the programs of this field begin with. Who listens on this
   * machine alone asks nobody outside of it.
   */
  readonly routers?: readonly HostPort[]
  /** BEP 43: asks others, answers nobody. For those who cannot be reached. Default false. */
  readonly isReadOnly?: boolean
}

/** Ways to find peers beside trackers and those that are named by hand. Private torrents (BEP 27) go none of them. */
export interface FindingOptions {
  /** Peers tell each other of others (BEP 11). Default true. */
  readonly pex?: boolean
  /** Torrents are told of in the local networks, and looked for there (BEP 14). Default true. */
  readonly lsd?: boolean
  /** The distributed hash table (BEP 5). False: nothing is said there. Default: on, in a session that `openSession` opens. */
  readonly dht?: DhtOptions | false
}

/** What a session can be told, whatever world it is in. */
export interface OwnSessionOptions extends SessionLimits, QueueLimits, FindingOptions {
  /** When torrents have given enough, unless they have goals of their own. Default: never. */
  readonly goals?: SeedingGoals
  /** Peers at these addresses are neither dialled nor let in; trackers are asked all the same. Default: none. */
  readonly ipFilter?: IpFilter | null
}

export interface SessionOptions extends OwnSessionOptions {
  /**
   * Where torrents and their verified pieces are remembered, by one session at a time. A function names a folder for
   * each torrent instead (it may be asked for one torrent under each of its names), for programs that run side by
   * side. Null: nothing is remembered, and every start checks what is on disk.
   */
  readonly stateFolder?: string | ((torrent: TorrentId) => string) | null
  /** Default: all IPv4 addresses, port 6881 or the next that is free. Empty: nothing is listened for. */
  readonly listen?: readonly ListenAddress[]
  /**
   * Routers are asked to forward the ports that are listened on (PCP, NAT-PMP, UPnP), but for places on this machine alone.
   * Default: true. False: nothing is sent for it.
   */
  readonly portMapping?: boolean
  readonly logger?: Logger
}

/** Where a torrent comes from: the bytes of a torrent file, or a magnet link. */
export type TorrentSource = { readonly torrentFile: Uint8Array } | { readonly magnet: string }

/** Whom to ask for metadata, beside those that the magnet link names. */
export type MetadataOptions = Pick<AddOptions, 'peers' | 'trackers' | 'announceTo'>

/** The limits are for this torrent alone, beside the session's; by default they are as they were left, or none. */
export interface AddOptions extends Limits {
  /** The folder that the torrent's file or folder is put into. */
  readonly folder: string
  /** Which files to fetch, by their path in the torrent (`/` between its parts). Default: as it was left, or all. */
  readonly select?: (path: string) => boolean
  /** In order of place instead of rarest first. Default: as it was left, or false. */
  readonly isSequential?: boolean
  /**
   * BEP 16, for the first seed of a torrent: it shows itself empty and tells each peer of one piece at a time, the next
   * only when another has it. Nothing while the torrent is not complete when it is opened. Default: as it was left, or false.
   */
  readonly isSuperSeeding?: boolean
  /**
   * `full`: room is made for all wanted files before anything is fetched. Default: `sparse`. Files that are chosen later take
   * their room as they come.
   */
  readonly allocation?: Allocation
  /** Peers to try at once, beside those that trackers name. */
  readonly peers?: readonly Address[]
  /**
   * True where the files were made or checked just now (`seed PATH`, `up`): they are taken as verified without
   * hashing them again, and looked for under the very names that the torrent has.
   */
  readonly isKnownGood?: boolean
  /** Trackers beside those in the torrent, a tier each. */
  readonly trackers?: readonly string[]
  /** True: nothing is done with it before `resume`. Default: as it was left, or false. */
  readonly isPaused?: boolean
  /** True: it never waits in the queue, and takes no place there. Default: as it was left, or false. */
  readonly isForced?: boolean
  /** When it has given enough: it is paused then. Default: as it was left, or those of the session. */
  readonly goals?: SeedingGoals
  /** How many of its trackers hear of it at a time (BEP 12). Default: `first`, the first that answers. */
  readonly announceTo?: AnnounceBreadth
  /**
   * True: of a magnet link the metadata is fetched, and nothing else; no file is made or looked at, and the torrent does
   * not go on. See `Session.fetchMetadata`. Default false.
   */
  readonly isMetadataOnly?: boolean
  /**
   * Called once with the metadata, before any file is looked at or made: to put into the folder what is there already elsewhere.
   * Where it rejects, the torrent fails.
   */
  readonly beforeFiles?: (metadata: TorrentFile) => Promise<void>
  /** False: no announces at all. Default true. */
  readonly announces?: boolean
}
