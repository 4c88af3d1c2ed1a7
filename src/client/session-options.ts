/** What a session and its torrents can be told when they are opened. */

import type { Address } from '../core/address.ts'
import type { Logger } from '../core/ports.ts'

/** One place to listen: TCP now, UDP on the same number when something needs it. IPv6 sockets take no IPv4. */
export interface ListenAddress {
  /** An address of this machine: `0.0.0.0`, `::`, `127.0.0.1`, … */
  readonly address: string
  /** 0 lets the system choose. */
  readonly port: number
}

export interface SessionOptions {
  /** Where verified pieces are remembered. Null: nothing is, and every start checks what is on disk. */
  readonly stateFolder?: string | null
  /** Default: all IPv4 addresses, port 6881 or the next that is free. Empty: nothing is listened for. */
  readonly listen?: readonly ListenAddress[]
  /** Bytes a second, Infinity for none (the default). Payload of all torrents together. */
  readonly downloadLimit?: number
  readonly uploadLimit?: number
  readonly logger?: Logger
}

/** Where a torrent comes from: the bytes of a torrent file, or a magnet link. */
export type TorrentSource = { readonly torrentFile: Uint8Array } | { readonly magnet: string }

export interface AddOptions {
  /** The folder that the torrent's file or folder is put into. */
  readonly folder: string
  /** Which files to fetch, by their path in the torrent (`/` between its parts). Default: all. */
  readonly select?: (path: string) => boolean
  /** Bytes a second for this torrent alone, beside the session's limits. Infinity for none (the default). */
  readonly downloadLimit?: number
  readonly uploadLimit?: number
  /** In order of place instead of rarest first. */
  readonly isSequential?: boolean
  /** Peers to try at once, beside those that trackers name. */
  readonly peers?: readonly Address[]
  /**
   * True where the files were made or checked just now (`seed PATH`, `up`): they are taken as verified without
   * hashing them again, and looked for under the very names that the torrent has.
   */
  readonly isKnownGood?: boolean
  /** Trackers beside those in the torrent, a tier each. */
  readonly trackers?: readonly string[]
  /** False: no announces at all. Default true. */
  readonly announces?: boolean
}
