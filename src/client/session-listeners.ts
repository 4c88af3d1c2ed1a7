import type { Address } from '../core/address.ts'
import { UsageError } from '../core/errors.ts'
import { type BothListener, type BothNetworks, listenBoth } from '../core/listen-both.ts'
import { orAborted } from '../core/or-aborted.ts'
import type { DatagramNetwork, DatagramReceiver, StreamNetwork, StreamSocket } from '../core/ports.ts'
import type { AlertStream } from './alert-stream.ts'
import type { SessionDatagrams } from './session-datagrams.ts'
import type { WaitOptions } from './wait-options.ts'

/** A place that a session listens at. */
export interface SessionListener extends AsyncDisposable {
  /** The address and the port that were really bound. */
  readonly local: Address
  /** Takes no more connections; those that are there go on. The signal ends the waiting, not the closing. */
  close(options?: WaitOptions): Promise<void>
}

/** Where a session can be reached. */
export class SessionListeners {
  readonly #networks: BothNetworks
  readonly #alerts: AlertStream
  readonly #open = new Map<SessionListener, BothListener>()
  readonly #datagrams: SessionDatagrams
  readonly #changed: (places: readonly Address[]) => void
  #isClosed = false
  /** What others are told; it stays when we stop to listen, since trackers know us by it. */
  port = 0

  constructor(options: {
    streams: StreamNetwork
    network: DatagramNetwork
    datagrams: SessionDatagrams
    receive: DatagramReceiver
    alerts: AlertStream
    accept: (socket: StreamSocket) => void
    /** These are all places now. */
    changed: (places: readonly Address[]) => void
  }) {
    const { streams, network, accept, receive } = options
    this.#networks = { streams, datagrams: network, accept, receive }
    this.#datagrams = options.datagrams
    this.#alerts = options.alerts
    this.#changed = options.changed
  }

  get places(): readonly Address[] {
    return [...this.#open.keys()].map(listener => listener.local)
  }

  async listen(at: Address, { signal }: WaitOptions = {}): Promise<SessionListener> {
    signal?.throwIfAborted()
    const bound = await listenBoth(at, this.#networks)
    if (this.#isClosed || signal?.aborted) {
      await bound.close()
      signal?.throwIfAborted()
      throw new UsageError('session-closed', 'the session is closed: it does not listen any more')
    }
    const leave = async (): Promise<void> => {
      this.#open.delete(listener)
      this.#datagrams.remove(bound.datagrams)
      this.#changed(this.places)
      await bound.close()
    }
    const listener: SessionListener = {
      local: bound.local,
      close: options => orAborted(leave(), options?.signal),
      [Symbol.asyncDispose]: leave,
    }
    this.#open.set(listener, bound)
    this.#datagrams.add(bound.datagrams)
    if (this.port === 0) this.port = bound.local.port
    this.#alerts.emit({ type: 'listening', address: bound.local })
    this.#changed(this.places)
    return listener
  }

  /** From now on nobody comes in, and nothing is opened any more. What is said over UDP goes on. */
  async stopAccepting(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#open.values()].map(bound => bound.closeStreams()))
  }

  async closeAll(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#open.keys()].map(listener => listener.close()))
  }
}
