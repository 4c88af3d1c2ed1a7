import type { Address } from '../core/address.ts'
import type { TorrentTask } from './torrent-task.ts'

/** Opens connections for torrents. */
export interface Dialer {
  readonly mayDial: boolean
  dial(home: TorrentTask, to: Address, expectedPeerId: Uint8Array | null): void
}
