/** The contract of a tracker's memory of swarms. `test/contract/swarm-store` says the same as a suite. */

import type { Scope } from '../core/address.ts'

/** A peer that announces, as the store needs it. */
export interface SwarmAnnounce {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** Where the peer can be reached: 4 or 16 bytes, never an IPv4 address mapped into IPv6. */
  readonly host: Uint8Array
  /** 1 to 65535. */
  readonly port: number
  /** The scope of `host`: how far the peer can be told of. */
  readonly scope: Scope
  /** The scope of the address that the announce came from: whom the peer can be told of. */
  readonly askedFrom: Scope
  /** 20 bytes. */
  readonly peerId: Uint8Array
  readonly isSeed: boolean
  /** BEP 21: it has all that it wants, but not everything. */
  readonly isPartialSeed: boolean
  /** It begins just now: where it says that it is a seed, it may not know yet what it lacks. */
  readonly hasStarted: boolean
  /** It became a seed just now. Counted once, and only of whom the store knew as no seed. */
  readonly hasCompleted: boolean
  /** It leaves: it is forgotten, and gets no peers. */
  readonly hasStopped: boolean
  /** Peers wanted, at most `TRACKER_LIMITS.numWantMax`. */
  readonly numWant: number
  /** Their ids are wanted, too: for an answer as dictionaries. */
  readonly wantsPeerIds: boolean
}

/** The counts of one swarm. */
export interface SwarmCounts {
  /** Seeds. */
  complete: number
  /** Peers that are no seeds, partial seeds among them. */
  incomplete: number
  /** How often somebody became a seed. */
  downloaded: number
  /** BEP 21: `incomplete` without partial seeds. */
  downloaders: number
}

/** Peers of one family, packed as they go on the wire. */
export interface PackedPeers {
  count: number
  /** The first `count` times 6 (IPv4) or 18 (IPv6) bytes count. */
  readonly addresses: Uint8Array
  /** Where they were wanted, the first `count` times 20 bytes count; zeros where the store keeps no peer ids. */
  readonly peerIds: Uint8Array
}

/** What an announce is answered with. Valid until the next call of the store. */
export interface SwarmAnswer extends SwarmCounts {
  /** False where there was no room to remember the peer: a bound was reached. */
  isRemembered: boolean
  /**
   * Other peers that the asker can reach, picked at random: for a seed those that still download, and in its first
   * announce seeds where places are left; for others seeds first, a quarter of the places kept for those who download
   * too.
   */
  readonly ipv4: PackedPeers
  readonly ipv6: PackedPeers
}

export interface SwarmStoreStats {
  readonly swarms: number
  readonly seeds: number
  /** Peers that are no seeds. */
  readonly leeches: number
  /** Bytes of memory in use, and the bound. */
  readonly memoryUsed: number
  readonly memoryLimit: number
}

/** Knows who is in which swarm. Everything in it expires; everything in it has a bound. */
export interface SwarmStore {
  announce(announce: SwarmAnnounce, now: number): SwarmAnswer
  /** Null where the swarm is not known. Valid until the next call. */
  scrape(infoHash: Uint8Array): SwarmCounts | null
  /**
   * Forgets the peers that were silent for longer than their lifetime, and swarms that nothing is known of any more.
   * `part` of the store at a time, 1 being all: called often with a small part, nobody waits for it.
   */
  sweep(now: number, part: number): void
  stats(): SwarmStoreStats
}
