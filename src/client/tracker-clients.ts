import type { AnnounceRequest, AnnounceResponse, ScrapeEntry } from '../tracker/announce.ts'
import { isUdpUrl } from '../tracker/udp-url.ts'
import type { TrackerClient } from './session-ports.ts'

/** Asks each tracker in the way that its URL names. */
export class TrackerClients implements TrackerClient {
  readonly #udp: TrackerClient
  readonly #http: TrackerClient
  readonly #seenAt: (tracker: string, host: string) => void

  /** `seenAt`: hears where a tracker, by its name, says that it sees us (BEP 24). */
  constructor(options: {
    udp: TrackerClient
    http: TrackerClient
    seenAt: (tracker: string, host: string) => void
  }) {
    this.#udp = options.udp
    this.#http = options.http
    this.#seenAt = options.seenAt
  }

  async announce(
    url: string,
    request: AnnounceRequest,
    options: { signal: AbortSignal },
  ): Promise<AnnounceResponse> {
    const answer = await this.#clientFor(url).announce(url, request, options)
    const tracker = URL.parse(url)?.hostname
    if (tracker && answer.externalHost !== null) this.#seenAt(tracker, answer.externalHost)
    return answer
  }

  scrape(
    url: string,
    infoHashes: readonly Uint8Array[],
    options: { signal: AbortSignal },
  ): Promise<ScrapeEntry[]> {
    return this.#clientFor(url).scrape(url, infoHashes, options)
  }

  #clientFor(url: string): TrackerClient {
    return isUdpUrl(url) ? this.#udp : this.#http
  }
}
