import type { Address } from '../core/address.ts'
import { UsageError } from '../core/errors.ts'
import { type BothNetworks, listenBoth } from '../core/listen-both.ts'
import { orAborted } from '../core/or-aborted.ts'
import type { DatagramNetwork, StreamNetwork, StreamSocket } from '../core/ports.ts'
import type { AlertStream } from './alert-stream.ts'
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
  readonly #open = new Set<SessionListener>()
  #isClosed = false
  /** What others are told; it stays when we stop to listen, since trackers know us by it. */
  port = 0

  constructor(options: {
    streams: StreamNetwork
    datagrams: DatagramNetwork
    alerts: AlertStream
    accept: (socket: StreamSocket) => void
  }) {
    const { streams, datagrams, accept } = options
    // Nothing speaks UDP so far. The number is ours all the same, and what comes there is dropped.
    this.#networks = { streams, datagrams, accept, receive: () => undefined }
    this.#alerts = options.alerts
  }

  get places(): readonly Address[] {
    return [...this.#open].map(listener => listener.local)
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
      await bound.close()
    }
    const listener: SessionListener = {
      local: bound.local,
      close: options => orAborted(leave(), options?.signal),
      [Symbol.asyncDispose]: leave,
    }
    this.#open.add(listener)
    if (this.port === 0) this.port = bound.local.port
    this.#alerts.emit({ type: 'listening', address: bound.local })
    return listener
  }

  async closeAll(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#open].map(listener => listener.close()))
  }
}
