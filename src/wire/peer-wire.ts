import { equalBytes } from '../core/bytes.ts'
import { ProtocolError } from '../core/errors.ts'
import type { Machine, Sink } from '../core/machine.ts'
import { Carry } from './carry.ts'
import { type ExtendedHandshake, type ExtendedOffer, extensionNames, NOTHING_SAID } from './extension.ts'
import {
  decodeFeatures,
  encodeFeatures,
  encodeHandshake,
  type Handshake,
  HandshakeReader,
} from './handshake.ts'
import { IncomingMessages } from './incoming-messages.ts'
import { WIRE_LIMITS } from './limits.ts'
import type { PeerEvent } from './peer-event.ts'
import { clientOf } from './peer-id.ts'
import { WireCommands } from './wire-commands.ts'
import type { PeerOutput } from './wire-encoder.ts'

export type { PeerEvent } from './peer-event.ts'
export type { PeerOutput } from './wire-encoder.ts'

export interface PeerWireOptions {
  readonly role: 'initiator' | 'acceptor'
  /** Ours, 20 bytes. */
  readonly peerId: Uint8Array
  /** The swarm key, 20 bytes. An acceptor learns it from the other side. */
  readonly infoHash?: Uint8Array
  /** Initiator, BEP 52: the v2 key of a hybrid that is dialled by its v1 key; the peer may answer under it. */
  readonly upgradeHash?: Uint8Array | null
  /** `infoHash` is a v2 key: messages about hashes are spoken. Default false. */
  readonly isV2?: boolean
  /** Where the address came with a peer id (BEP 3). */
  readonly expectedPeerId?: Uint8Array
  /** Left out while the metadata is not known. */
  readonly pieceCount?: number
  /** What our extension handshake says; it is sent on its own. Left out: BEP 10 is not spoken. */
  readonly extended?: ExtendedOffer
  /** BEP 5: a DHT node runs here. Default false. */
  readonly hasDht?: boolean
  /** Monotonic milliseconds. */
  readonly now: number
}

export interface AcceptOptions {
  /** The key to answer under: the one that was sent, or the v2 key where an upgrade was offered. */
  readonly infoHash: Uint8Array
  readonly isV2?: boolean
  readonly pieceCount?: number
  /** In place of what the constructor was given. */
  readonly extended?: ExtendedOffer
  /** Likewise. */
  readonly hasDht?: boolean
}

/**
 * handshaking: the other side's 68 bytes are awaited. deciding: an acceptor waits for `accept`. open: messages flow.
 * broken: a breach was thrown; events and output that were there before it can still be drained. closed: nothing.
 */
type Phase = 'handshaking' | 'deciding' | 'open' | 'broken' | 'closed'

/**
 * One connection to a peer after encryption, if there is any: BEP 3 with the extensions of BEP 6, 9, 10, 21, 52 and
 * 54. Owns the handshake, keep-alives and time-outs, the sizes, order and ranges of messages, and the choke and
 * interest of both sides. Knows nothing of pieces, files, rates or sockets.
 *
 * `receive` and `tick` throw a `ProtocolError` whose code names the breach; `close` is to follow.
 * Commands are in `WireCommands` and never throw: a breach that comes to light in one is thrown by the next `receive`
 * or `tick`, and `deadline` says that this is due.
 */
export class PeerWire extends WireCommands implements Machine<Uint8Array, PeerOutput, PeerEvent> {
  /** 20 bytes, from the handshake on. */
  remotePeerId: Uint8Array | null = null

  readonly #options: PeerWireOptions
  readonly #events: PeerEvent[] = []
  readonly #reader = new HandshakeReader()
  #incoming: IncomingMessages | null = null
  #phase: Phase = 'handshaking'
  #pieceCount: number | undefined
  #remoteHandshake: Handshake | null = null
  /** What an acceptor got before it answered. Bounded by `earlyBytes`. */
  readonly #early = new Carry()
  /** Found in a command, thrown at the next chance. */
  #breach: unknown = null
  #isDraining = false
  readonly #startedAt: number
  #lastReceived: number
  #lastSent: number

  constructor(options: PeerWireOptions) {
    super()
    this.#options = options
    this.offer = options.extended
    this.#pieceCount = options.pieceCount
    this.#startedAt = options.now
    this.#lastReceived = options.now
    this.#lastSent = options.now
    if (options.role === 'initiator')
      this.#sendHandshake(options.infoHash ?? new Uint8Array(20), options.hasDht)
  }

  override get isOpen(): boolean {
    return this.#phase === 'open'
  }

  /** The peer chokes us. */
  get isChoking(): boolean {
    return this.#incoming?.isChoking ?? true
  }

  /** The peer wants something of ours. */
  get isInterested(): boolean {
    return this.#incoming?.isInterested ?? false
  }

  override get remoteExtended(): ExtendedHandshake {
    return this.#incoming?.extended ?? NOTHING_SAID
  }

  /** The program that the peer says it is; null where it does not say. For people to read, nothing else. */
  get clientName(): string | null {
    return this.remoteExtended.version ?? (this.remotePeerId && clientOf(this.remotePeerId))
  }

  receive(chunk: Uint8Array, now: number): void {
    this.#throwBreach()
    if (this.#isOver() || chunk.length === 0) return
    this.#lastReceived = now
    try {
      if (this.encoder.queuedBytes > WIRE_LIMITS.unreadBytes) {
        throw new ProtocolError('reads-too-slowly', 'the peer sends, but does not read what it is answered')
      }
      this.#feed(chunk, now)
    } catch (error) {
      this.#phase = 'broken'
      throw error
    }
  }

  tick(now: number): void {
    this.#throwBreach()
    if (this.#isOver()) return
    const late = this.#lateness(now)
    if (late) {
      this.#phase = 'broken'
      throw late
    }
    if (this.#phase === 'open' && now >= this.#lastSent + WIRE_LIMITS.keepAliveAfter) {
      if (this.encoder.isEmpty) this.encoder.keepAlive()
      this.#lastSent = now
    }
  }

  deadline(): number {
    if (this.#breach !== null) return this.#lastReceived
    if (this.#isOver()) return Number.POSITIVE_INFINITY
    const idle = this.#lastReceived + WIRE_LIMITS.idleTimeout
    if (this.#phase === 'handshaking') return Math.min(idle, this.#startedAt + WIRE_LIMITS.handshakeTimeout)
    if (this.#phase === 'deciding') return idle
    return Math.min(idle, this.#lastSent + WIRE_LIMITS.keepAliveAfter)
  }

  /** All events come first, whatever room there is: the bytes in them do not outlive the next `receive`. */
  drain(sink: Sink<PeerOutput, PeerEvent>, now: number): void {
    if (this.#isDraining) return
    this.#isDraining = true
    let emitted = 0
    try {
      while (emitted < this.#events.length) sink.emit(this.#events[emitted++]!)
    } finally {
      this.#events.splice(0, emitted)
      this.#isDraining = false
    }
    while (!this.encoder.isEmpty && sink.room() > 0) {
      const output = this.encoder.take()
      if (!output) return
      this.#lastSent = now
      sink.send(output)
    }
  }

  /** Acceptor, after the `handshake` event: answers it. */
  accept(options: AcceptOptions): void {
    const remote = this.#remoteHandshake
    if (this.#phase !== 'deciding' || remote === null) return
    this.offer = options.extended ?? this.offer
    this.#pieceCount = options.pieceCount ?? this.#pieceCount
    this.#sendHandshake(options.infoHash, options.hasDht ?? this.#options.hasDht)
    this.#guard(() => {
      this.#open(remote, options.isV2 ?? false)
      const early = this.#early.bytes.subarray(0, this.#early.length)
      this.#early.release()
      if (early.length > 0) this.#feed(early, this.#lastReceived)
    })
  }

  /** Nothing more is sent or read. Runs that still waited are given back (`taken`). */
  close(): void {
    this.#phase = 'closed'
    this.#breach = null
    this.#early.release()
    this.#events.length = 0
    this.encoder.drop()
  }

  /** The metadata became known: what the peer said it has is checked and emitted. */
  setPieceCount(pieceCount: number): void {
    if (this.#isOver()) return
    this.#pieceCount = pieceCount
    this.#guard(() => this.#incoming?.setPieceCount(pieceCount))
  }

  #feed(chunk: Uint8Array, now: number): void {
    if (this.#incoming) {
      this.#incoming.receive(chunk, now)
      return
    }
    if (this.#phase === 'deciding') {
      this.#hold(chunk)
      return
    }
    const taken = this.#reader.take(chunk)
    const handshake = this.#reader.handshake()
    if (!handshake) return
    this.#greeted(handshake)
    if (taken < chunk.length) this.#feed(chunk.subarray(taken), now)
  }

  #hold(chunk: Uint8Array): void {
    if (this.#early.length + chunk.length > WIRE_LIMITS.earlyBytes) {
      throw new ProtocolError(
        'early-bytes-too-many',
        'the peer sent too much before its handshake was answered',
      )
    }
    this.#early.append(chunk, 0, chunk.length)
  }

  #greeted(remote: Handshake): void {
    const { role, expectedPeerId } = this.#options
    const isUpgraded = role === 'initiator' && this.#checkInfoHash(remote.infoHash)
    if (expectedPeerId && !equalBytes(remote.peerId, expectedPeerId)) {
      throw new ProtocolError(
        'peer-id-mismatch',
        'the peer is not the one that was told to be at this address',
      )
    }
    this.remotePeerId = remote.peerId
    this.#remoteHandshake = remote
    this.#events.push({
      type: 'handshake',
      ...remote,
      offersUpgrade: decodeFeatures(remote.reserved).upgrade,
    })
    if (role === 'initiator') this.#open(remote, isUpgraded || (this.#options.isV2 ?? false))
    else this.#phase = 'deciding'
  }

  /** True where the peer answered under the v2 key that we offered. */
  #checkInfoHash(theirs: Uint8Array): boolean {
    const { infoHash, upgradeHash } = this.#options
    if (infoHash && equalBytes(theirs, infoHash)) return false
    if (upgradeHash && equalBytes(theirs, upgradeHash)) return true
    throw new ProtocolError('info-hash-mismatch', 'the peer answered for another torrent')
  }

  #open(remote: Handshake, isV2: boolean): void {
    const theirs = decodeFeatures(remote.reserved)
    this.#phase = 'open'
    this.hasFast = theirs.fast
    this.hasDht = theirs.dht
    this.hasExtended = theirs.extended && this.offer !== undefined
    this.supportsV2 = isV2
    this.#incoming = new IncomingMessages({
      ours: this.ourSide,
      events: this.#events,
      hasFast: this.hasFast,
      hasExtended: this.hasExtended,
      isV2,
      extensionNames: extensionNames(this.offer ?? {}),
    })
    if (this.#pieceCount !== undefined) this.#incoming.setPieceCount(this.#pieceCount)
    if (this.hasExtended) this.extendedHandshake({})
  }

  #sendHandshake(infoHash: Uint8Array, hasDht: boolean | undefined): void {
    const { peerId, upgradeHash } = this.#options
    const reserved = encodeFeatures({
      dht: hasDht ?? false,
      fast: true,
      extended: this.offer !== undefined,
      upgrade: Boolean(upgradeHash),
    })
    this.encoder.handshake(encodeHandshake({ reserved, infoHash, peerId }))
  }

  #lateness(now: number): ProtocolError | null {
    const { handshakeTimeout, idleTimeout } = WIRE_LIMITS
    if (this.#phase === 'handshaking' && now >= this.#startedAt + handshakeTimeout) {
      return new ProtocolError('handshake-timeout', `no handshake came within ${handshakeTimeout / 1000} s`)
    }
    if (now < this.#lastReceived + idleTimeout) return null
    return new ProtocolError('idle', `nothing came from the peer for ${idleTimeout / 1000} s`)
  }

  #isOver(): boolean {
    return this.#phase === 'broken' || this.#phase === 'closed'
  }

  /** For commands, which never throw. */
  #guard(act: () => void): void {
    try {
      act()
    } catch (breach) {
      this.#breach = breach
      this.#phase = 'broken'
    }
  }

  #throwBreach(): void {
    const breach = this.#breach
    if (breach === null) return
    this.#breach = null
    throw breach
  }
}
