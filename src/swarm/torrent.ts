import type { Bitfield } from '../core/bitfield.ts'
import { FormatError, ProtocolError, type StorageError } from '../core/errors.ts'
import { BLOCK_LENGTH, type Geometry } from '../metainfo/geometry.ts'
import type { BlockSource } from './block-source.ts'
import type { Choker } from './choker.ts'
import { ContentCount } from './content-count.ts'
import type { FastGrants } from './fast-grants.ts'
import { SWARM_LIMITS } from './limits.ts'
import { SWARM_OPTIONS } from './options.ts'
import type { PayloadTally } from './payload-tally.ts'
import type { PieceAssembly } from './piece-assembly.ts'
import type { PieceKeeper } from './piece-keeper.ts'
import type { PiecePicker } from './piece-picker.ts'
import type { PromisedHashes } from './piece-verdict.ts'
import { liarsAmong, type SmartBan } from './smart-ban.ts'
import { SuperSeeding } from './super-seeding.ts'
import type { SwarmPeer } from './swarm-peer.ts'
import type { TorrentEvents } from './torrent-events.ts'
import { TorrentDownloads } from './torrent-downloads.ts'
import { TorrentPeers } from './torrent-peers.ts'
import { type PieceFailure, type PieceFates, TorrentPieces } from './torrent-pieces.ts'
import type { UploadRun } from './upload-queue.ts'

/**
 * One torrent among its peers: carries facts to those who decide (picker, assembly, request queues, choker) and
 * their decisions to the peers. It keeps no clock and no socket, and does no arithmetic on pieces.
 */
export class Torrent implements PieceFates {
  readonly geometry: Geometry
  readonly peers: TorrentPeers
  readonly pieces: TorrentPieces
  readonly downloads: TorrentDownloads
  readonly picker: PiecePicker
  readonly #assembly: PieceAssembly
  readonly #choker: Choker<SwarmPeer>
  readonly #smartBan: SmartBan
  readonly #events: TorrentEvents
  readonly #fastGrants: FastGrants | null
  /** The pieces that hold something of a selected file. */
  readonly #selected: Bitfield
  readonly tally: PayloadTally
  #wantsSuperSeeding: boolean
  /** Null where it is not wanted, and for a torrent that was not complete when it began or was told to. */
  #superSeeding: SuperSeeding<SwarmPeer> | null = null
  readonly #count: ContentCount
  #isComplete = false
  #isDiskRefusing = false
  #now = 0
  #nextTick = Number.POSITIVE_INFINITY
  #retryWritesAt = Number.POSITIVE_INFINITY

  constructor(options: {
    geometry: Geometry
    selected: Bitfield
    picker: PiecePicker
    assembly: PieceAssembly
    choker: Choker<SwarmPeer>
    smartBan: SmartBan
    promised: PromisedHashes
    keeper: PieceKeeper
    events: TorrentEvents
    tally: PayloadTally
    /** What newcomers get though we choke them; nothing by default. */
    fastGrants?: FastGrants
    isSuperSeeding?: boolean
  }) {
    this.tally = options.tally
    this.#wantsSuperSeeding = options.isSuperSeeding ?? false
    this.geometry = options.geometry
    this.#count = new ContentCount(piece => options.geometry.contentBytes(piece))
    this.picker = options.picker
    this.#assembly = options.assembly
    this.#choker = options.choker
    this.#smartBan = options.smartBan
    this.#events = options.events
    this.#fastGrants = options.fastGrants ?? null
    this.#selected = options.selected
    this.pieces = new TorrentPieces({
      pieceCount: options.geometry.pieceCount,
      contentBytes: piece => options.geometry.contentBytes(piece),
      picker: options.picker,
      assembly: options.assembly,
      promised: options.promised,
      keeper: options.keeper,
      fates: this,
    })
    this.downloads = new TorrentDownloads({
      geometry: options.geometry,
      picker: options.picker,
      assembly: options.assembly,
      pieces: this.pieces,
      tally: options.tally,
      wake: now => this.#wake(now),
    })
    this.peers = new TorrentPeers({ picker: options.picker, selected: options.selected })
  }

  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Bytes of content: of the wanted pieces, and how many of them are verified. */
  get progress(): { readonly wanted: number; readonly verified: number } {
    return { wanted: this.#count.wanted, verified: this.#count.verified }
  }

  /** Bytes of content that are not had, as trackers are told. */
  get missingBytes(): number {
    return this.#count.missing
  }

  /** What was on disk before has been judged, the selection is made: from here on peers may come. */
  start(): void {
    this.#count.all(this.pieces.have, this.#selected)
    this.#setComplete(this.picker.isComplete)
    const isSuperSeeding = this.#wantsSuperSeeding && this.pieces.have.isFull
    const availability = (piece: number): number => this.picker.availability(piece)
    this.#superSeeding = isSuperSeeding ? new SuperSeeding({ have: this.pieces.have, availability }) : null
  }

  /** What was said of our pieces is not so any more: those who are connected are to come again. */
  setSuperSeeding(isWanted: boolean): void {
    this.#wantsSuperSeeding = isWanted
    if (this.isSuperSeeding === (isWanted && this.pieces.have.isFull)) return
    const changed = new ProtocolError('super-seeding-changed', 'what we have is to be said anew', {
      severity: 'ignore',
    })
    for (const peer of [...this.peers]) peer.link.close(changed)
    this.start()
  }

  /** Peers are told of one piece at a time (BEP 16). */
  get isSuperSeeding(): boolean {
    return this.#superSeeding !== null
  }

  /** Other pieces are wanted from now on, with these priorities (`PiecePicker.setPriority`); 0: not. */
  select(priorityOf: (piece: number) => number, now: number): void {
    const wasComplete = this.#isComplete
    this.picker.setPriorities(priorityOf)
    for (let piece = 0; piece < this.geometry.pieceCount; piece++) {
      if (priorityOf(piece) > 0) this.#selected.set(piece)
      else this.#selected.clear(piece)
    }
    this.#count.all(this.pieces.have, this.#selected)
    this.downloads.dropUnwanted()
    this.peers.recountAll()
    if (this.picker.isComplete) {
      if (!wasComplete) this.#completed()
    } else {
      this.#setComplete(false)
      if (wasComplete) for (const peer of this.peers) peer.link.uploadOnly(false)
      this.downloads.refillAll()
      this.#wake(now)
    }
  }

  /** Somebody waits for these pieces, in this order; none: no more. */
  hurry(waiter: object, pieces: readonly number[], now: number): void {
    this.picker.setUrgent(waiter, pieces)
    if (pieces.length === 0) return
    this.downloads.refillAll()
    this.#wake(now)
  }

  hasVerified(piece: number): boolean {
    return this.pieces.have.has(piece)
  }

  isSelected(piece: number): boolean {
    return this.#selected.has(piece)
  }

  /** A piece that is not had was found good on disk. */
  found(piece: number): void {
    this.pieces.found(piece)
  }

  /** A verified piece is not on disk any more. */
  lost(piece: number): void {
    if (!this.pieces.have.has(piece)) return
    this.pieces.lost(piece)
    this.#count.changed(piece, -1, this.#selected.has(piece))
    const wasComplete = this.#isComplete
    this.#setComplete(this.picker.isComplete)
    this.peers.weLost(piece)
    this.#wake(this.#now)
    for (const peer of this.peers) {
      if (wasComplete && !this.#isComplete) peer.link.uploadOnly(false)
      for (const { begin, length } of peer.uploads.cancelPiece(piece)) peer.link.reject(piece, begin, length)
    }
  }

  /** The torrent ends, after its peers have left: nothing may be called any more. */
  close(): void {
    this.#nextTick = Number.POSITIVE_INFINITY
    this.#retryWritesAt = Number.POSITIVE_INFINITY
    this.pieces.close()
  }

  // Peers come and go.

  joined(peer: SwarmPeer, now: number): void {
    this.peers.joined(peer)
    this.downloads.joined(peer)
    this.#superSeeding?.joined(peer, now)
    this.#wake(now)
  }

  left(peer: SwarmPeer, now: number): void {
    if (!this.peers.left(peer)) return
    this.#superSeeding?.left(peer)
    this.downloads.left(peer)
    if (!peer.amChoking) this.#choke(now)
    this.#restIfAlone()
  }

  /** Blocks can be had of somebody who is no peer on the wire. */
  sourceJoined(source: BlockSource, now: number): void {
    this.picker.peerJoined(source.has)
    this.downloads.joined(source)
    this.downloads.refill(source, now)
  }

  sourceLeft(source: BlockSource): void {
    this.picker.peerLeft(source.has)
    this.downloads.left(source)
    this.#restIfAlone()
  }

  // What they say.

  hasPieces(peer: SwarmPeer, bits: Bitfield, now: number): void {
    this.peers.hasAllOf(peer, bits)
    this.#superSeeding?.hasMany(peer, now)
    this.peers.closeIfWithoutNeed(peer)
    if (!this.#superSeeding) this.#fastGrants?.offer(peer, this.peers)
    this.downloads.refill(peer, now)
  }

  hasPiece(peer: SwarmPeer, piece: number): void {
    this.peers.has(peer, piece)
    this.#superSeeding?.has(peer, piece, this.#now)
    if (peer.isSeed) this.peers.closeIfWithoutNeed(peer)
  }

  uploadOnly(peer: SwarmPeer, isUploadOnly: boolean): void {
    peer.isUploadOnly = isUploadOnly
    this.peers.closeIfWithoutNeed(peer)
  }

  /** Without BEP 6 a choke forgets what we asked; with it each request is answered or rejected one by one. */
  choked(peer: SwarmPeer): void {
    peer.isChoking = true
    if (!peer.hasFast) this.downloads.release(peer)
  }

  unchoked(peer: SwarmPeer, now: number): void {
    peer.isChoking = false
    this.downloads.refill(peer, now)
  }

  interested(peer: SwarmPeer, isInterested: boolean, now: number): void {
    if (peer.isInterested === isInterested) return
    peer.isInterested = isInterested
    if (isInterested ? this.#choker.hasPlace : !peer.amChoking) this.#choke(now)
    this.#wake(now)
  }

  rejected(peer: SwarmPeer, piece: number, begin: number, length: number): void {
    if (!this.downloads.dropped(peer, { piece, begin, length })) return
    if (peer.isChoking) peer.allowedFast.delete(piece)
    else peer.isPaused = true
  }

  // Blocks for them.

  /** A request of theirs; with BEP 6 one that is not answered is rejected. More than a block is never answered. */
  asked(peer: SwarmPeer, piece: number, begin: number, length: number): void {
    const isBlock = length <= BLOCK_LENGTH && this.geometry.isRange(piece, begin, length)
    const isShown = this.#superSeeding?.wasTold(peer, piece) ?? true
    const isThere = isBlock && isShown && this.pieces.have.has(piece)
    const mayAsk = isThere && (!peer.amChoking || (this.#fastGrants?.admits(peer, { piece }) ?? false))
    if (!mayAsk || !peer.uploads.add({ piece, begin, length })) peer.link.reject(piece, begin, length)
    else peer.link.serve()
    this.#wake(this.#now)
  }

  cancelled(peer: SwarmPeer, piece: number, begin: number, length: number): void {
    if (peer.uploads.cancel(piece, begin, length)) peer.link.reject(piece, begin, length)
  }

  /** The next run to read and send to a peer, paid for; null where nothing waits or the limits say: later. */
  takeRun(peer: SwarmPeer, now: number): UploadRun | null {
    const next = peer.uploads.nextRun(SWARM_LIMITS.runBlocks, SWARM_LIMITS.runBytes)
    if (!next) return null
    const credit = peer.upload.take(next.length, now)
    if (credit === 0) return null
    const run = peer.uploads.takeRun(SWARM_LIMITS.runBlocks, credit)
    peer.upload.giveBack(credit - (run?.length ?? 0))
    return run
  }

  sent(peer: SwarmPeer, length: number, now: number): void {
    this.tally.uploaded += length
    peer.uploadRate.add(length, now)
  }

  // Time.

  tick(now: number): void {
    this.#now = now
    if (now >= this.#retryWritesAt) {
      this.#retryWritesAt = Number.POSITIVE_INFINITY
      this.pieces.retryWrites()
    }
    if (now < this.#nextTick) return
    this.#nextTick = Number.POSITIVE_INFINITY
    if (this.#choker.isDue(this.peers, now)) this.#choke(now)
    this.downloads.tick(now)
    this.#superSeeding?.tick(now)
    if (this.downloads.isBusy || (this.#superSeeding && this.peers.size > 0)) this.#wake(now)
    for (const peer of this.peers) {
      if (peer.uploads.size > 0) {
        peer.link.serve()
        this.#wake(now)
      } else if (peer.isInterested) this.#nextTick = Math.min(this.#nextTick, this.#choker.deadline())
    }
    // Slow peers must not hold all memory, and where nothing is under way none is needed.
    const isQuiet = this.#nextTick > now + SWARM_OPTIONS.tickInterval
    if (isQuiet || this.#assembly.isShort) this.pieces.spillSlowest()
    if (isQuiet && this.pieces.canSpill) this.#wake(now)
  }

  deadline(): number {
    return Math.min(this.#nextTick, this.#retryWritesAt)
  }

  // What became of pieces (PieceFates).

  pieceVerified(piece: number): void {
    this.#count.changed(piece, 1, this.#selected.has(piece))
    this.peers.weHave(piece)
    this.downloads.refillAll()
    this.#events.pieceVerified(piece)
    if (!this.#isComplete && this.picker.isComplete) this.#completed()
  }

  pieceGood(piece: number, _sources: readonly (object | null)[], parts: readonly Uint8Array[]): void {
    for (const liar of this.#smartBan.pieceGood(piece, parts)) this.#caught(liar as BlockSource, piece)
  }

  isSuspect = (piece: number): boolean => this.#smartBan.isSuspect(piece)

  pieceFailed(piece: number, failure: PieceFailure): void {
    this.tally.wasted += this.geometry.fetchedBytes(piece)
    const liars = this.#smartBan.pieceFailed(piece, failure.sources, failure.parts)
    for (const liar of liars) this.#caught(liar as BlockSource, piece)
    this.#events.pieceFailed(piece, liars.size > 0 ? null : failure)
  }

  /** The leaves of a piece that failed are known (BEP 52): every block that differs has a liar behind it. */
  leavesCame(piece: number, failure: Pick<PieceFailure, 'sources' | 'leaves'>, leaves: Uint8Array): void {
    if (!failure.leaves) return
    for (const liar of liarsAmong(failure.sources, failure.leaves, leaves))
      this.#caught(liar as BlockSource, piece)
  }

  writeFailed(_piece: number, error: StorageError): void {
    this.#retryWritesAt = Math.min(this.#retryWritesAt, this.#now + SWARM_OPTIONS.retryWritesAfter)
    if (this.#isDiskRefusing) return
    this.#isDiskRefusing = true
    this.#events.blocked(error)
  }

  writesRecovered(): void {
    this.#isDiskRefusing = false
    this.#events.recovered()
  }

  hashesContradict(piece: number): void {
    this.#events.contradictory(
      new FormatError(
        'hybrid-hashes-contradict',
        `the v1 and v2 hashes of piece ${piece} promise different bytes: this torrent was made wrongly or to deceive, and nobody can complete it`,
      ),
    )
  }

  // Decisions carried out.

  #restIfAlone(): void {
    if (this.downloads.size === 0 && !this.pieces.canSpill) this.#nextTick = Number.POSITIVE_INFINITY
  }

  /** Time is looked at again in a while, and from then on until all is quiet: an idle torrent is never woken. */
  #wake(now: number): void {
    this.#now = Math.max(this.#now, now)
    if (this.#nextTick <= now + SWARM_OPTIONS.tickInterval) return
    this.#nextTick = now + SWARM_OPTIONS.tickInterval
    this.#events.awake()
  }

  #choke(now: number): void {
    const unchoked = this.#choker.choose([...this.peers], now)
    for (const peer of this.peers) {
      const shallChoke = !unchoked.has(peer)
      if (shallChoke === peer.amChoking) continue
      peer.amChoking = shallChoke
      if (!shallChoke) peer.link.unchoke()
      else {
        peer.link.choke()
        peer.uploadEpoch++
        const dropped = this.#fastGrants?.dropOthers(peer) ?? peer.uploads.clear()
        for (const { piece, begin, length } of dropped) peer.link.reject(piece, begin, length)
      }
    }
  }

  #caught(source: BlockSource, piece: number): void {
    const error = new ProtocolError('piece-corrupt', `it sent wrong data in piece ${piece}`, {
      severity: 'ban',
    })
    this.#events.caught(source, error)
    source.close(error)
  }

  #completed(): void {
    this.#setComplete(true)
    for (const peer of this.peers) peer.link.uploadOnly(true)
    this.#events.completed()
    this.peers.closeThoseWithoutNeed()
  }

  #setComplete(isComplete: boolean): void {
    this.#isComplete = isComplete
    this.#choker.isSeeding = isComplete
  }
}
