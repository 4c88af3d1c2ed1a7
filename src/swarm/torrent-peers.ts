import { Bitfield } from '../core/bitfield.ts'
import { ProtocolError } from '../core/errors.ts'
import { SWARM_LIMITS } from './limits.ts'
import type { PiecePicker } from './piece-picker.ts'
import type { SwarmPeer } from './swarm-peer.ts'

/** Who is connected, what they have, and whether we and they are interested in one another. */
export class TorrentPeers {
  /** Bounded by the session's connection limit. */
  readonly #peers = new Set<SwarmPeer>()
  readonly #picker: PiecePicker
  readonly #selected: Bitfield

  constructor(options: { picker: PiecePicker; selected: Bitfield }) {
    this.#picker = options.picker
    this.#selected = options.selected
  }

  get size(): number {
    return this.#peers.size
  }

  get seeds(): number {
    let seeds = 0
    for (const peer of this.#peers) if (peer.isSeed) seeds++
    return seeds
  }

  [Symbol.iterator](): IterableIterator<SwarmPeer> {
    return this.#peers.values()
  }

  joined(peer: SwarmPeer): void {
    this.#peers.add(peer)
    this.#picker.peerJoined(peer.has)
  }

  /** False where it had left already. */
  left(peer: SwarmPeer): boolean {
    if (!this.#peers.delete(peer)) return false
    this.#picker.peerLeft(peer.has)
    return true
  }

  /** All that it has; what it said before is void. */
  hasAllOf(peer: SwarmPeer, bits: Bitfield): void {
    this.#picker.peerLeft(peer.has)
    peer.has = bits
    this.#picker.peerJoined(bits)
    this.recount(peer)
  }

  has(peer: SwarmPeer, piece: number): void {
    if (!peer.has.set(piece)) return
    this.#picker.peerHas(piece)
    if (this.#isUseful(piece)) {
      peer.useful++
      this.#showInterest(peer)
    }
  }

  lacks(peer: SwarmPeer, piece: number): void {
    if (!peer.has.clear(piece)) return
    this.#picker.peerLacks(piece, peer.has)
    if (this.#isUseful(piece)) {
      peer.useful--
      this.#showInterest(peer)
    }
  }

  /** We have a piece more: all are told, at once where they may want it, and interest that rested on it ends. */
  weHave(piece: number): void {
    for (const peer of this.#peers) {
      peer.allowedFast.delete(piece)
      peer.suggested.delete(piece)
      if (!peer.has.has(piece)) {
        peer.link.have(piece)
        continue
      }
      peer.link.haveInPassing(piece)
      if (!this.#selected.has(piece)) continue
      peer.useful--
      this.#showInterest(peer)
    }
  }

  /** We have a piece less; it is wanted again of those who have it. */
  weLost(piece: number): void {
    for (const peer of this.#peers) {
      peer.link.dontHave(piece)
      if (!peer.has.has(piece) || !this.#isUseful(piece)) continue
      peer.useful++
      this.#showInterest(peer)
    }
  }

  /** What we want changed at large: selection, or pieces that were lost. */
  recountAll(): void {
    if (this.#peers.size === 0) return
    const wanted = new Bitfield(this.#selected.length)
    for (let piece = 0; piece < wanted.length; piece++) if (this.#isUseful(piece)) wanted.set(piece)
    for (const peer of this.#peers) {
      peer.useful = peer.has.countCommon(wanted)
      this.#showInterest(peer)
    }
  }

  /** Counts anew what a peer has for us. */
  recount(peer: SwarmPeer): void {
    peer.useful = 0
    for (const piece of peer.has) if (this.#isUseful(piece)) peer.useful++
    this.#showInterest(peer)
  }

  /** BEP 6: bounded, and only pieces that we want. */
  allowedFast(peer: SwarmPeer, piece: number): void {
    if (this.#isUseful(piece) && peer.allowedFast.size < SWARM_LIMITS.allowedFast) peer.allowedFast.add(piece)
  }

  /** BEP 6: what it would like us to fetch of it. The latest count. */
  suggested({ suggested }: SwarmPeer, piece: number): void {
    if (!this.#isUseful(piece)) return
    suggested.delete(piece)
    suggested.add(piece)
    if (suggested.size <= SWARM_LIMITS.suggestedPieces) return
    for (const oldest of suggested) return void suggested.delete(oldest)
  }

  /** We have all that we want: who wants nothing either has no reason to stay, on both sides. */
  closeThoseWithoutNeed(): void {
    for (const peer of this.#peers) this.closeIfWithoutNeed(peer)
  }

  closeIfWithoutNeed(peer: SwarmPeer): void {
    if (!this.#picker.isComplete || !(peer.isSeed || peer.isUploadOnly)) return
    peer.link.close(new ProtocolError('both-seeds', 'both sides have all they want', { severity: 'ignore' }))
  }

  #isUseful(piece: number): boolean {
    return this.#picker.isWanted(piece)
  }

  #showInterest(peer: SwarmPeer): void {
    const isInterested = peer.useful > 0
    if (isInterested === peer.amInterested) return
    peer.amInterested = isInterested
    if (isInterested) peer.link.interested()
    else peer.link.notInterested()
  }
}
