import { type Address, address, encodeCompact } from '../../src/core/address.ts'
import type { AnnounceEvent } from '../../src/tracker/announce.ts'
import {
  announceAnswer,
  connectAnswer,
  errorAnswer,
  readAnnounce,
  readConnect,
} from '../support/udp-tracker-datagrams.ts'
import type { SimHost } from './sim-network.ts'
import type { SimTracker } from './sim-tracker.ts'

const EVENTS: readonly AnnounceEvent[] = [null, 'completed', 'started', 'stopped']
const CONNECTION_ID = 0x1234567890abcdefn

/** The same tracker, over UDP from a host of its own. */
export class SimUdpTracker {
  readonly url: string
  /** What was asked, in order: `connect`, `announce`. */
  readonly asked: string[] = []
  /** Path and query as it was told of them. */
  urlData: string | null = null
  /** It hears nothing. */
  isDeaf = false
  readonly #tracker: SimTracker

  private constructor(url: string, tracker: SimTracker) {
    this.url = url
    this.#tracker = tracker
  }

  static async open(host: SimHost, tracker: SimTracker): Promise<SimUdpTracker> {
    const opened = new SimUdpTracker(`udp://${host.at}:6969/announce?key=1`, tracker)
    const socket = await host.bind(address(host.at, 6969), (datagram, from) => {
      if (!opened.isDeaf) void opened.#answer(datagram.slice(), from).then(said => socket.send(said, from))
    })
    return opened
  }

  async #answer(datagram: Uint8Array, from: Address): Promise<Uint8Array> {
    const connectId = readConnect(datagram)
    this.asked.push(connectId === null ? 'announce' : 'connect')
    if (connectId !== null) return connectAnswer(connectId, CONNECTION_ID)
    const announce = readAnnounce(datagram)!
    if (announce.connectionId !== CONNECTION_ID)
      return errorAnswer(announce.transactionId, 'Connection ID mismatch')
    this.urlData = new TextDecoder().decode(announce.options.subarray(2))
    const { infoHash, peerId, port, numWant } = announce
    try {
      const answer = await this.#tracker.announce(
        from.host,
        {
          infoHash,
          peerId,
          port,
          uploaded: Number(announce.uploaded),
          downloaded: Number(announce.downloaded),
          left: Number(announce.left),
          event: EVENTS[announce.event] ?? null,
          numWant,
          key: announce.key.toString(16),
          isCompact: true,
          noPeerId: true,
        },
        AbortSignal.any([]),
      )
      return announceAnswer(announce.transactionId, {
        interval: answer.intervalSeconds ?? 1800,
        leechers: answer.incomplete ?? 0,
        seeders: answer.complete ?? 0,
        peers: answer.peers.map(peer => [...encodeCompact(peer.address)]),
      })
    } catch (error) {
      return errorAnswer(announce.transactionId, error instanceof Error ? error.message : String(error))
    }
  }
}
