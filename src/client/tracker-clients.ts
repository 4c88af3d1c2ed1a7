import type { AnnounceRequest, AnnounceResponse, ScrapeEntry } from '../tracker/announce.ts'
import { isUdpUrl } from '../tracker/udp-url.ts'
import type { TrackerClient } from './session-ports.ts'

/** Asks each tracker in the way that its URL names. */
export class TrackerClients implements TrackerClient {
  readonly #udp: TrackerClient
  readonly #http: TrackerClient

  constructor(options: { udp: TrackerClient; http: TrackerClient }) {
    this.#udp = options.udp
    this.#http = options.http
  }

  announce(
    url: string,
    request: AnnounceRequest,
    options: { signal: AbortSignal },
  ): Promise<AnnounceResponse> {
    return this.#clientFor(url).announce(url, request, options)
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
