import type { Address } from './address.ts'
import { UsageError } from './errors.ts'
import type {
  DatagramNetwork,
  DatagramReceiver,
  DatagramSocket,
  StreamListener,
  StreamNetwork,
  StreamSocket,
} from './ports.ts'

/** How often a number that the system chose for datagrams is tried for streams before giving up. */
const PORT_ATTEMPTS = 16

/** A place that takes streams and datagrams on one number. */
export interface BothListener extends StreamListener {
  /** Sends from the same number. Closed with the place, not alone. */
  readonly datagrams: DatagramSocket
  /** Takes no more streams; datagrams come and go until it is closed. */
  closeStreams(): Promise<void>
}

export interface BothNetworks {
  readonly streams: Pick<StreamNetwork, 'listen'>
  readonly datagrams: DatagramNetwork
  accept(socket: StreamSocket): void
  /** Hears nothing before the place is open as a whole. */
  receive: DatagramReceiver
}

/**
 * Listens for streams and for datagrams on one number: both, or neither. With port 0 another number is tried where
 * the one that was chosen is taken for the other kind. Rejects as `listen` and `bind` do: `UsageError` `port-in-use`,
 * `port-forbidden`, `address-unavailable`, …
 */
export async function listenBoth(at: Address, networks: BothNetworks): Promise<BothListener> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openBoth(at, networks)
    } catch (error) {
      if (at.port !== 0 || attempt === PORT_ATTEMPTS || !isPortInUse(error)) throw error
    }
  }
}

/** Datagrams first: what they bring can be ignored, while a stream that was accepted cannot be taken back. */
async function openBoth(at: Address, networks: BothNetworks): Promise<BothListener> {
  let isOpen = false
  const datagrams = await networks.datagrams.bind(at, (datagram, from) => {
    if (isOpen) networks.receive(datagram, from)
  })
  try {
    const { port } = datagrams.local
    const streams = await networks.streams.listen({ ...at, port }, socket => networks.accept(socket))
    isOpen = true
    return {
      local: streams.local,
      datagrams,
      closeStreams: () => streams.close(),
      async close() {
        await Promise.all([streams.close(), datagrams.close()])
      },
    }
  } catch (error) {
    await datagrams.close()
    throw error
  }
}

function isPortInUse(error: unknown): boolean {
  return error instanceof UsageError && error.code === 'port-in-use'
}
