import { parseAddress } from '../../src/core/address.ts'
import { Bitfield } from '../../src/core/bitfield.ts'
import { concatBytes } from '../../src/core/bytes.ts'
import { type BitTorrentError, type ProtocolError, StorageError } from '../../src/core/errors.ts'
import { BLOCK_LENGTH, Geometry } from '../../src/metainfo/geometry.ts'
import { type Account, BandwidthScheduler } from '../../src/swarm/bandwidth.ts'
import type { BlockSource } from '../../src/swarm/block-source.ts'
import { Choker } from '../../src/swarm/choker.ts'
import { FastGrants } from '../../src/swarm/fast-grants.ts'
import type { ExtentPool } from '../../src/swarm/extent-pool.ts'
import { PayloadTally } from '../../src/swarm/payload-tally.ts'
import { PieceAssembly } from '../../src/swarm/piece-assembly.ts'
import { PiecePicker } from '../../src/swarm/piece-picker.ts'
import type { PieceDigest, PieceVerdict, PromisedHashes } from '../../src/swarm/piece-verdict.ts'
import type { PeerLink } from '../../src/swarm/peer-link.ts'
import { SmartBan } from '../../src/swarm/smart-ban.ts'
import { SwarmPeer } from '../../src/swarm/swarm-peer.ts'
import type { PieceKeeper, WriteAnswer } from '../../src/swarm/piece-keeper.ts'
import type { PieceFailure } from '../../src/swarm/torrent-pieces.ts'
import { Torrent } from '../../src/swarm/torrent.ts'
import type { TorrentEvents } from '../../src/swarm/torrent-events.ts'
import { blockBytes, extentPool } from './gathering.ts'
import { testDigest } from './hash-plan.ts'
import { bitsOf } from './picker-board.ts'
import { seededDice } from './seeded-dice.ts'

/** A connection that writes down what it is asked, in words: `request 2.1` is block 1 of piece 2. */
class RecordingLink implements PeerLink {
  onClose: () => void = () => undefined
  isClosed = false
  #said: string[] = []

  /** What was said since the last call. */
  take(): string[] {
    const said = this.#said
    this.#said = []
    return said
  }

  choke = (): void => this.#say('choke')
  unchoke = (): void => this.#say('unchoke')
  interested = (): void => this.#say('interested')
  notInterested = (): void => this.#say('not interested')
  have = (piece: number): void => this.#say(`have ${piece}`)
  haveInPassing = (piece: number): void => this.#say(`have ${piece}`)
  dontHave = (piece: number): void => this.#say(`dont-have ${piece}`)
  request = (piece: number, begin: number): void => this.#say(`request ${piece}.${begin / BLOCK_LENGTH}`)
  cancel = (piece: number, begin: number): void => this.#say(`cancel ${piece}.${begin / BLOCK_LENGTH}`)
  reject = (piece: number, begin: number): void => this.#say(`reject ${piece}.${begin / BLOCK_LENGTH}`)
  allowedFast = (piece: number): void => this.#say(`allowed-fast ${piece}`)
  allowedFastNoMore = (piece: number): void => this.#say(`(allowed-fast no more ${piece})`)
  uploadOnly = (isUploadOnly: boolean): void => this.#say(isUploadOnly ? 'upload-only' : 'not upload-only')
  serve = (): void => this.#say('serve')

  /** As a real connection: the torrent hears that the peer left. */
  close(reason: ProtocolError): void {
    if (this.isClosed) return
    this.isClosed = true
    this.#say(`close ${reason.code}`)
    this.onClose()
  }

  #say(what: string): void {
    this.#said.push(what)
  }
}

/** Hashes and writes nothing until the test says what came of it. */
export class ManualKeeper implements PieceKeeper {
  /** What is to be remembered, in words: `kept 0`, `spilled 1: 0 1`. */
  readonly remembered: string[] = []
  /** What was handed to the disk so far: `1.0-2` are the first two blocks of piece 1. */
  readonly handed: string[] = []
  /** Pieces whose bytes were asked for. */
  readonly readBack: number[] = []
  readonly #digests = new Map<number, (digest: PieceDigest) => void>()
  /** What was handed to be hashed last, by piece. */
  readonly digested = new Map<number, Uint8Array>()
  readonly #stored = new Map<number, (digest: PieceDigest | null) => void>()
  readonly #writes = new Map<number, WriteAnswer[]>()
  readonly #disk = new Map<number, Uint8Array>()

  digest(piece: number, parts: readonly Uint8Array[], done: (digest: PieceDigest) => void): void {
    this.digested.set(piece, concatBytes(parts))
    this.#digests.set(piece, done)
  }

  digestStored(piece: number, done: (digest: PieceDigest | null) => void): void {
    this.#stored.set(piece, done)
  }

  /** The disk gives back what was handed to it last. */
  readStored(piece: number, done: (bytes: Uint8Array | null) => void): void {
    this.readBack.push(piece)
    done(this.#disk.get(piece)?.slice() ?? null)
  }

  write(piece: number, begin: number, parts: readonly Uint8Array[], done: WriteAnswer): void {
    const stored = this.#disk.get(piece) ?? new Uint8Array(0)
    const bytes = concatBytes(parts)
    const grown = new Uint8Array(Math.max(stored.length, begin + bytes.length))
    grown.set(stored)
    grown.set(bytes, begin)
    this.#disk.set(piece, grown)
    const end = begin + parts.reduce((sum, part) => sum + part.length, 0)
    this.handed.push(`${piece}.${begin / BLOCK_LENGTH}-${Math.ceil(end / BLOCK_LENGTH)}`)
    this.#writes.set(piece, [...(this.#writes.get(piece) ?? []), done])
  }

  pieceWritten(piece: number): void {
    this.remembered.push(`kept ${piece}`)
  }

  blocksSpilled(piece: number, blocks: Bitfield): void {
    this.remembered.push(`spilled ${piece}: ${[...blocks].join(' ') || 'none'}`)
  }

  /** Pieces that are being hashed from disk. */
  get hashingStored(): number[] {
    return [...this.#stored.keys()]
  }

  get hashing(): number[] {
    return [...this.#digests.keys()]
  }

  get writing(): number[] {
    return [...this.#writes.keys()]
  }

  hashed(piece: number, digest: PieceDigest): void {
    const done = this.#digests.get(piece) ?? this.#stored.get(piece)!
    this.#digests.delete(piece)
    this.#stored.delete(piece)
    done(digest)
  }

  /** The disk does not give a piece back. */
  unreadable(piece: number): void {
    const done = this.#stored.get(piece)!
    this.#stored.delete(piece)
    done(null)
  }

  written(piece: number): void {
    this.#settle(piece, null)
  }

  refused(piece: number): void {
    this.#settle(piece, new StorageError('disk-full', 'the disk is full'))
  }

  #settle(piece: number, error: StorageError | null): void {
    const all = this.#writes.get(piece)!
    this.#writes.delete(piece)
    for (const done of all) done(error)
  }
}

/** 32 bytes that stand for a hash. */
function fakeHash(of: number): Uint8Array {
  return new Uint8Array(32).fill(of)
}

export interface BenchOptions {
  /** A character a piece: `#` is on disk already. */
  readonly have?: string
  /** `.` is not selected. All, by default. */
  readonly selected?: string
  readonly pieces?: number
  readonly blocks?: number
  /** Bytes that the last piece is shorter. */
  readonly short?: number
  /** Hybrids promise both. Default `v1`. */
  readonly format?: 'v1' | 'v2' | 'hybrid'
  /** Bytes of pad at the end of the only piece. */
  readonly pad?: number
  readonly extents?: number
  readonly slots?: number
  /** Bytes a second. */
  readonly downloadLimit?: number
  readonly uploadLimit?: number
  /** Newcomers get pieces while they are choked. */
  readonly isGenerous?: boolean
}

/** A torrent with real picker, assembly, choker and queues, among peers that do what the test says. */
export class TorrentBench implements TorrentEvents {
  now = 1_000_000
  readonly torrent: Torrent
  readonly picker: PiecePicker
  readonly pool: ExtentPool
  readonly keeper = new ManualKeeper()
  /** What the owner was told since the last `takeEvents`, in words. */
  #events: string[] = []
  lastFailure: PieceFailure | null = null
  readonly #promised: PromisedHashes
  readonly #traffic = new BandwidthScheduler()
  readonly #options: BenchOptions
  readonly #names = new Map<BlockSource, string>()

  constructor(options: BenchOptions = {}) {
    this.#options = options
    const pieceCount = options.pieces ?? options.have?.length ?? options.selected?.length ?? 4
    const pieceLength = (options.blocks ?? 2) * BLOCK_LENGTH
    const pad = options.pad ?? 0
    const geometry = new Geometry({
      pieceLength,
      files: [
        { length: pieceCount * pieceLength - (options.short ?? 0) - pad },
        ...(pad > 0 ? [{ length: pad, isPad: true }] : []),
      ],
      layout: 'packed',
    })
    const dice = seededDice()
    this.pool = extentPool(options.extents ?? 64)
    this.picker = new PiecePicker({
      pieceCount,
      blockCount: piece => geometry.blockCount(piece),
      padBlocks: piece => geometry.padBlocks(piece),
      dice,
      isSequential: true,
    })
    const selected = options.selected ? bitsOf(options.selected) : Bitfield.full(pieceCount)
    for (let piece = 0; piece < pieceCount; piece++) this.picker.setWanted(piece, selected.has(piece))
    const format = options.format ?? 'v1'
    this.#promised = {
      v1: piece => (format === 'v2' ? null : fakeHash(piece + 1)),
      v2: piece => (format === 'v1' ? null : fakeHash(piece + 101)),
    }
    this.torrent = new Torrent({
      geometry,
      selected,
      picker: this.picker,
      assembly: new PieceAssembly({
        pool: this.pool,
        lengthOf: piece => geometry.pieceLengthOf(piece),
        padBlocks: piece => geometry.padBlocks(piece),
      }),
      choker: new Choker({ dice, slots: options.slots ?? 4 }),
      smartBan: new SmartBan({ digest: testDigest }),
      promised: this.#promised,
      keeper: this.keeper,
      events: this,
      tally: new PayloadTally(),
      ...(options.isGenerous && {
        fastGrants: new FastGrants({ geometry, infoHash: new Uint8Array(20), digest: testDigest }),
      }),
    })
    const have = new Bitfield(pieceCount)
    for (const piece of bitsOf(options.have ?? '')) have.set(piece)
    this.torrent.pieces.alreadyHave(have)
    this.torrent.start()
  }

  /** Connects a peer that has these pieces and, by default, lets us download. */
  peer(name: string, pieces: string, how: { hasFast?: boolean; isChoking?: boolean } = {}): BenchPeer {
    const peer = new BenchPeer(this, { hasFast: how.hasFast ?? true, ...this.#accounts() })
    this.#names.set(peer.facts, name)
    this.torrent.joined(peer.facts, this.now)
    if (!peer.link.isClosed) this.torrent.hasPieces(peer.facts, bitsOf(pieces), this.now)
    if (!(how.isChoking ?? false) && !peer.link.isClosed) this.torrent.unchoked(peer.facts, this.now)
    return peer
  }

  /** Somebody who is no peer on the wire can be asked for blocks. */
  source(name: string, make: (download: Account) => BlockSource): void {
    const source = make(this.#accounts().download)
    this.#names.set(source, name)
    this.torrent.sourceJoined(source, this.now)
  }

  /** The hash worker is done with a piece. Leaves: a number a block. */
  hashed(piece: number, verdict: PieceVerdict, leaves?: readonly number[]): void {
    const right = { sha1: this.#promised.v1(piece), merkleRoot: this.#promised.v2(piece) }
    const wrong = { sha1: right.sha1 && fakeHash(255), merkleRoot: right.merkleRoot && fakeHash(255) }
    const found = {
      good: right,
      bad: wrong,
      contradictory: { ...right, sha1: wrong.sha1 },
    }[verdict]
    this.keeper.hashed(piece, { ...found, leaves: leaves ? hashesOf(leaves) : null })
  }

  /** Hash and disk are done with a piece, and it is good. */
  verify(piece: number): void {
    this.hashed(piece, 'good')
    this.keeper.written(piece)
  }

  wait(time: number): void {
    this.now += time
    this.torrent.tick(this.now)
  }

  /** Those whose turn in the limits has come. */
  creditReady(): number {
    return this.#traffic.ready(this.now).length
  }

  takeEvents(): string[] {
    const events = this.#events
    this.#events = []
    return events
  }

  pieceVerified(piece: number): void {
    this.#events.push(`verified ${piece}`)
  }

  pieceFailed(piece: number, suspects: PieceFailure | null): void {
    this.lastFailure = suspects
    this.#events.push(`failed ${piece}${suspects ? ', someone unknown lied' : ''}`)
  }

  completed(): void {
    this.#events.push('completed')
  }

  blocked(error: StorageError): void {
    this.#events.push(`blocked ${error.code}`)
  }

  recovered(): void {
    this.#events.push('recovered')
  }

  awake(): void {
    // The bench looks at `deadline` whenever it waits.
  }

  contradictory(error: BitTorrentError): void {
    this.#events.push(`contradictory ${error.code}`)
  }

  caught(source: BlockSource): void {
    this.#events.push(`caught ${this.#names.get(source)}`)
  }

  #accounts() {
    const { downloadLimit = Number.POSITIVE_INFINITY, uploadLimit = Number.POSITIVE_INFINITY } = this.#options
    const down = this.#traffic.channel('down', downloadLimit)
    const up = this.#traffic.channel('up', uploadLimit)
    return { download: this.#traffic.account([down], 'down'), upload: this.#traffic.account([up], 'up') }
  }
}

/** A peer of the bench, from its own side. Blocks are named `piece.block`. */
export class BenchPeer {
  readonly link = new RecordingLink()
  readonly facts: SwarmPeer
  readonly #bench: TorrentBench

  constructor(bench: TorrentBench, options: { hasFast: boolean } & Pick<SwarmPeer, 'download' | 'upload'>) {
    this.#bench = bench
    this.facts = new SwarmPeer({
      link: this.link,
      address: parseAddress('10.0.0.1:6881'),
      peerId: new Uint8Array(20),
      pieceCount: bench.torrent.geometry.pieceCount,
      now: bench.now,
      ...options,
    })
    this.link.onClose = () => bench.torrent.left(this.facts, bench.now)
  }

  /** What we told it since the last call. */
  heard(): string[] {
    return this.link.take()
  }

  /** Begins to send a block; the rest comes with the call of what is returned. */
  begins(block: string, bytes?: Uint8Array): () => 'taken' | 'thrown away' {
    const { torrent, now } = this.#bench
    const { piece, begin, length } = this.#place(block)
    const place = torrent.downloads.place(this.facts, { piece, begin, length })
    const content = (bytes ?? blockBytes(piece, begin / BLOCK_LENGTH)).subarray(0, length)
    place?.write(content.subarray(0, 100))
    return () => {
      const before = torrent.tally.wasted
      place?.write(content.subarray(100))
      if (place) torrent.downloads.arrived(this.facts, { piece, begin, length }, now)
      else torrent.downloads.wasted(this.facts, { piece, begin, length }, now)
      return torrent.tally.wasted > before ? 'thrown away' : 'taken'
    }
  }

  sends(block: string, bytes?: Uint8Array): 'taken' | 'thrown away' {
    return this.begins(block, bytes)()
  }

  /** Sends a block full of something else. */
  lies(block: string): void {
    this.sends(block, new Uint8Array(BLOCK_LENGTH).fill(0xee))
  }

  rejects(block: string): void {
    const { piece, begin, length } = this.#place(block)
    this.#bench.torrent.rejected(this.facts, piece, begin, length)
  }

  asks(...blocks: string[]): void {
    for (const block of blocks) {
      const { piece, begin, length } = this.#place(block)
      this.#bench.torrent.asked(this.facts, piece, begin, length)
    }
  }

  cancels(block: string): void {
    const { piece, begin, length } = this.#place(block)
    this.#bench.torrent.cancelled(this.facts, piece, begin, length)
  }

  refill(): void {
    this.#bench.torrent.downloads.refill(this.facts, this.#bench.now)
  }

  leaves(): void {
    this.#bench.torrent.left(this.facts, this.#bench.now)
  }

  /** The next run we would read and send it, as the names of its blocks. */
  isServed(): string[] {
    const run = this.#bench.torrent.takeRun(this.facts, this.#bench.now)
    const first = (run?.begin ?? 0) / BLOCK_LENGTH
    return run?.lengths.map((_, index) => `${run.piece}.${first + index}`) ?? []
  }

  #place(name: string): { piece: number; begin: number; length: number } {
    const [piece, block] = name.split('.').map(Number) as [number, number]
    return {
      piece,
      begin: block * BLOCK_LENGTH,
      length: this.#bench.torrent.geometry.blockLength(piece, block),
    }
  }
}

export function hashesOf(numbers: readonly number[]): Uint8Array {
  const hashes = new Uint8Array(numbers.length * 32)
  numbers.forEach((number, index) => hashes.fill(number, index * 32, index * 32 + 32))
  return hashes
}
