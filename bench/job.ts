/** What a peer program is told on its command line, as JSON. */
export interface PeerJob {
  readonly role: 'seed' | 'leech'
  readonly torrent: string
  /** Where the content is, or goes. */
  readonly folder: string
  /** Where it listens. */
  readonly host: string
  readonly port: number
  readonly trackers: readonly string[]
  /** Whom a leech is to connect to; null where a tracker tells it. */
  readonly peer: { readonly host: string; readonly port: number; readonly family: 4 } | null
  /** A leech of shoal says that it is done when it has so many bytes; else when it has all. */
  readonly until?: number | null
  /** A peer of shoal measures its turns: a leech until it is done, a seed from the first line that comes in to the second. */
  readonly isProbed?: boolean
}

/** What the peers that trickle are told. */
export interface TrickleJob {
  readonly torrent: string
  /** The content, one file. */
  readonly file: string
  readonly leech: { readonly host: string; readonly port: number }
  readonly connections: number
  /** Of each. */
  readonly bytesPerSecond: number
}

/** What a session with idle torrents is told. */
export interface IdleJob {
  readonly role: 'prepare' | 'measure'
  /** The URL of the compiled module that opens sessions. */
  readonly build: string
  /** Where torrents, content and state lie. */
  readonly place: string
  readonly torrents: number
  readonly tracker: string
  readonly idleSeconds: number
}

/** What a session with several torrents is told. */
export interface SeveralJob {
  readonly role: 'seed' | 'leech'
  /** The URL of the compiled module that opens sessions. */
  readonly build: string
  readonly torrents: readonly { readonly torrent: string; readonly folder: string }[]
  readonly stateFolder: string
  readonly host: string
  readonly port: number
  /** Whom a leech is to connect to. */
  readonly peer: { readonly host: string; readonly port: number; readonly family: 4 } | null
  /** Of each torrent of a leech. */
  readonly bytesPerSecond: number
}
