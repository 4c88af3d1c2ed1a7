/** The one stream of what happens in a session. `session.on(type)` is a filtered view of it. */

import type { Address } from '../core/address.ts'
import type { BitTorrentError } from '../core/errors.ts'
import type { TorrentId } from '../core/ids.ts'
import type { PortMapping } from '../portmap/port-mapping.ts'
import type { SeedingGoal } from './seeding-goals.ts'

export type Alert =
  | { readonly type: 'listening'; readonly address: Address }
  /** A router passes on to us what comes in at a port of it: for the first time, or at another port or address than before. */
  | ({ readonly type: 'port-mapped' } & PortMapping)
  /** No router forwards ports to this address of ours; it is asked again every 15 minutes. */
  | { readonly type: 'port-mapping-failed'; readonly localHost: string; readonly error: BitTorrentError }
  /** Where the world sees this machine, as enough of trackers and peers agree, or the router says. */
  | { readonly type: 'external-address'; readonly host: string }
  /** The DHT answers: so many nodes are known. Told once. */
  | { readonly type: 'dht-ready'; readonly nodes: number }
  | { readonly type: 'torrent-added'; readonly torrent: TorrentId; readonly name: string }
  /** A magnet's metadata came and was right. */
  | { readonly type: 'metadata-received'; readonly torrent: TorrentId; readonly name: string }
  | { readonly type: 'checking'; readonly torrent: TorrentId; readonly pieces: number }
  | { readonly type: 'checked'; readonly torrent: TorrentId; readonly good: number; readonly pieces: number }
  | { readonly type: 'piece-verified'; readonly torrent: TorrentId; readonly piece: number }
  /** A whole piece had a wrong hash; it was not written as good and will be fetched again. */
  | { readonly type: 'piece-failed'; readonly torrent: TorrentId; readonly piece: number }
  /** A recheck found a piece bad that was had: it is not served any more, and fetched again. */
  | { readonly type: 'piece-lost'; readonly torrent: TorrentId; readonly piece: number }
  /** Every selected file is verified and on disk. */
  | { readonly type: 'completed'; readonly torrent: TorrentId }
  /** The disk says that it has less room than the download needs, in bytes. It begins all the same. */
  | {
      readonly type: 'space-short'
      readonly torrent: TorrentId
      readonly folder: string
      readonly needed: number
      readonly free: number
    }
  /** A symbolic link of the torrent (BEP 47) cannot be made. All else goes on. */
  | {
      readonly type: 'link-failed'
      readonly torrent: TorrentId
      readonly code: string
      readonly path: string | null
      readonly message: string
    }
  | {
      readonly type: 'peer-connected'
      readonly torrent: TorrentId
      readonly address: Address
      readonly client: string
    }
  | {
      readonly type: 'peer-disconnected'
      readonly torrent: TorrentId | null
      readonly address: Address
      /** The code of the reason: `peer-is-self`, `info-hash-unknown`, `both-seeds`, … */
      readonly reason: string
      readonly message: string
    }
  | {
      readonly type: 'peer-banned'
      readonly torrent: TorrentId
      readonly address: Address
      readonly message: string
    }
  /** So many addresses and connections were turned away by the IP filter since the last time. */
  | { readonly type: 'addresses-blocked'; readonly count: number }
  | {
      readonly type: 'tracker-answered'
      readonly torrent: TorrentId
      readonly tracker: string
      readonly event: 'started' | 'completed' | 'stopped' | null
      readonly peers: number
      readonly seeds: number | null
      readonly leeches: number | null
      readonly warning: string | null
    }
  | {
      readonly type: 'tracker-failed'
      readonly torrent: TorrentId
      readonly tracker: string
      readonly error: BitTorrentError
      readonly retryInSeconds: number
    }
  /** The torrent waits or has stopped; `isWaiting` where it goes on by itself once the cause is gone. */
  | {
      readonly type: 'torrent-error'
      readonly torrent: TorrentId
      readonly error: BitTorrentError
      readonly isWaiting: boolean
    }
  | { readonly type: 'torrent-recovered'; readonly torrent: TorrentId }
  | { readonly type: 'torrent-paused'; readonly torrent: TorrentId }
  | { readonly type: 'torrent-resumed'; readonly torrent: TorrentId }
  /** Others come before it: it waits for its turn, and goes on by itself. */
  | { readonly type: 'torrent-queued'; readonly torrent: TorrentId }
  | { readonly type: 'torrent-dequeued'; readonly torrent: TorrentId }
  /** Its files lie elsewhere, or are called otherwise. `leftBehind`: old ones that could not be removed. */
  | {
      readonly type: 'torrent-moved'
      readonly torrent: TorrentId
      readonly folder: string
      readonly leftBehind: readonly string[]
    }
  /** It has given enough, and is paused. */
  | { readonly type: 'goal-reached'; readonly torrent: TorrentId; readonly goal: SeedingGoal }
  | { readonly type: 'torrent-removed'; readonly torrent: TorrentId }

export type AlertType = Alert['type']
export type AlertOf<T extends AlertType> = Extract<Alert, { readonly type: T }>
