import type { Digest } from '../core/ports.ts'
import { BLOCK_LENGTH, type Geometry } from '../metainfo/geometry.ts'
import { allowedFastSet } from './allowed-fast.ts'
import type { BlockRef } from './block.ts'
import { SWARM_LIMITS } from './limits.ts'
import { SWARM_OPTIONS } from './options.ts'
import type { SwarmPeer } from './swarm-peer.ts'

/** Of a torrent no more than this is given away: the rest is for those who give. */
const SHARE = 1 / 10
/**
 * Where more of our peers than this are newcomers, they all came at once, and what goes to everybody is no help to anybody:
 * 20 such leeches, some of them cheats, were complete a tenth later than without.
 */
const NEWCOMERS = 1 / 10

/**
 * What newcomers get of us while we choke them (BEP 6), so that they have something to give: pieces of the canonical set,
 * each block a few times and no more. Who has more pieces than the set is no newcomer any more.
 */
export class FastGrants {
  readonly #geometry: Geometry
  readonly #infoHash: Uint8Array
  readonly #digest: Pick<Digest, 'sha1'>
  readonly #count: number

  /** `infoHash`: 20 bytes, the same for everybody in the swarm. */
  constructor(options: { geometry: Geometry; infoHash: Uint8Array; digest: Pick<Digest, 'sha1'> }) {
    this.#geometry = options.geometry
    this.#infoHash = options.infoHash
    this.#digest = options.digest
    this.#count = Math.min(SWARM_OPTIONS.allowedFastSet, Math.ceil(options.geometry.pieceCount * SHARE))
  }

  /** A peer said what it has: a newcomer is told, once, what it may ask for. */
  offer(peer: SwarmPeer, peers: Iterable<SwarmPeer>): void {
    if (!peer.hasFast || peer.fastGrants || !this.#isNewcomer(peer) || this.#isCrowd(peers)) return
    peer.fastGrants = new Map()
    const { pieceCount } = this.#geometry
    const set = allowedFastSet({
      count: this.#count,
      pieceCount,
      infoHash: this.#infoHash,
      host: peer.address.host,
      digest: this.#digest,
    })
    for (const piece of set) {
      if (peer.has.has(piece)) continue
      peer.fastGrants.set(piece, SWARM_LIMITS.allowedFastRepeats * this.#blocksOf(piece))
      peer.link.allowedFast(piece)
    }
  }

  /** Whether a request of a peer that we choke is answered all the same; it counts from then on. */
  admits(peer: SwarmPeer, { piece }: Pick<BlockRef, 'piece'>): boolean {
    const left = peer.fastGrants?.get(piece) ?? 0
    if (left === 0 || !this.#isNewcomer(peer)) return false
    peer.fastGrants?.set(piece, left - 1)
    if (left === 1) peer.link.allowedFastNoMore(piece)
    return true
  }

  /** A peer is choked: of what it waits for, what it may have all the same stays; the rest is returned. */
  dropOthers(peer: SwarmPeer): BlockRef[] {
    return peer.uploads.clear().filter(request => !this.admits(peer, request) || !peer.uploads.add(request))
  }

  #isNewcomer(peer: SwarmPeer): boolean {
    return peer.has.count <= this.#count && !peer.isSeed && !peer.isUploadOnly
  }

  #isCrowd(peers: Iterable<SwarmPeer>): boolean {
    const all = [...peers]
    return all.filter(peer => this.#isNewcomer(peer)).length > Math.max(1, all.length * NEWCOMERS)
  }

  #blocksOf(piece: number): number {
    return Math.ceil(this.#geometry.pieceLengthOf(piece) / BLOCK_LENGTH)
  }
}
