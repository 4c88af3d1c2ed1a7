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
  /** Whom a leech is to connect to. */
  readonly peer: { readonly host: string; readonly port: number; readonly family: 4 } | null
}
