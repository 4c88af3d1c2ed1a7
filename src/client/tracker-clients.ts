import type { AnnounceRequest, AnnounceResponse } from '../tracker/announce.ts'
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
    return (isUdpUrl(url) ? this.#udp : this.#http).announce(url, request, options)
  }
}
