/** One model of what is asked of a tracker and what it answers, for every transport. */

import type { Address } from '../core/address.ts'

/**
 * BEP 3; null is one of the regular announces. `paused` is BEP 21: said in every announce by who has all that he wants,
 * but not everything.
 */
export type AnnounceEvent = 'started' | 'completed' | 'stopped' | 'paused' | null

/** What `numWant` is where the asker leaves the number to the tracker (BEP 15 writes it so). */
export const NUM_WANT_DEFAULT = -1

/** What a peer tells a tracker (BEP 3). */
export interface AnnounceRequest {
  /** 20 bytes: the v1 hash, or the v2 hash cut to 20 bytes (BEP 52). */
  readonly infoHash: Uint8Array
  /** 20 bytes. */
  readonly peerId: Uint8Array
  /** 1 to 65535. */
  readonly port: number
  /** Bytes of content sent since `started`. */
  readonly uploaded: number
  /** Bytes of content received since `started`. */
  readonly downloaded: number
  /** Bytes still to be had; 0 is a seed; `Number.MAX_SAFE_INTEGER` where it is not known yet. */
  readonly left: number
  readonly event: AnnounceEvent
  /** How many peers are wanted; `NUM_WANT_DEFAULT` leaves it to the tracker. */
  readonly numWant: number
  /** BEP 7: the same for one torrent during one session, whatever the source address; 8 hex digits of ours. */
  readonly key: string | null
  /** BEP 23: packed peers. What we ask for by default. */
  readonly isCompact: boolean
  /** The dictionaries may leave `peer id` out. */
  readonly noPeerId: boolean
  /** BEP 3: the address that the peer says it has. Trackers mostly do not believe it (BEP 7). */
  readonly ip?: string | undefined
  /** BEP 7, discouraged there: an address of the other family. */
  readonly ipv6?: string | undefined
  /** What the tracker gave as `tracker id` before; one character a byte. */
  readonly trackerId?: string | undefined
}

/** A peer as a tracker names it. */
export interface TrackerPeer {
  readonly address: Address
  /** 20 bytes, in dictionary answers only. */
  readonly peerId?: Uint8Array
}

/** What a tracker answers (BEP 3, 7, 23, 24). */
export interface AnnounceResponse {
  /** Seconds to wait before the next regular announce; null where the tracker did not say. */
  readonly intervalSeconds: number | null
  /** Seconds that must pass before any announce; null where the tracker did not say. */
  readonly minIntervalSeconds: number | null
  /** Seeds; null where the tracker did not say. */
  readonly complete: number | null
  /** Peers that are no seeds; null where the tracker did not say. */
  readonly incomplete: number | null
  /** How often the torrent was completed; null where the tracker did not say. */
  readonly downloaded: number | null
  readonly peers: readonly TrackerPeer[]
  /** For people. */
  readonly warning: string | null
  /** BEP 24: the address that the tracker sees us at. A vote, not a fact. */
  readonly externalHost: string | null
  /** To be sent back with the next announce; one character a byte. */
  readonly trackerId: string | null
}

/** The counts of one swarm (BEP 48, 21). */
export interface ScrapeEntry {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  readonly complete: number
  readonly incomplete: number
  /** How often the torrent was completed, as the tracker knows. */
  readonly downloaded: number
  /** BEP 21: `incomplete` without the partial seeds; null where the tracker did not say. */
  readonly downloaders: number | null
}

/** Why a tracker does not do what was asked, as it goes on the wire (BEP 3, 31). */
export interface TrackerFailure {
  readonly failure: string
  /** Seconds until asking again is welcome, Infinity for never. Left out: nothing is said. */
  readonly retryInSeconds?: number
}

export function isFailure(value: object): value is TrackerFailure {
  return 'failure' in value
}
