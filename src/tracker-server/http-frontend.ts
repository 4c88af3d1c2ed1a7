/**
 * The tracker over HTTP. Plain requests are answered at the front door; what else comes to a tracker (HEAD, POST, an
 * absolute target, a body where none belongs) is answered through `node:http`.
 */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { hostBytes, hostFromBytes, scopeOf } from '../core/address.ts'
import type { Logger } from '../core/ports.ts'
import { isFailure, type TrackerFailure } from '../tracker/announce.ts'
import { parseAnnounceQuery, parseScrapeQuery } from '../tracker/announce-query.ts'
import { HttpAnswerEncoder } from '../tracker/http-answer.ts'
import type { AnnounceSource, TrackerServer } from './server.ts'

const ANNOUNCE = '/announce'
const SCRAPE = '/scrape'

export class HttpFrontend {
  readonly #server: TrackerServer
  readonly #logger: Logger
  readonly #encoder = new HttpAnswerEncoder()

  constructor(options: { server: TrackerServer; logger: Logger }) {
    this.#server = options.server
    this.#logger = options.logger
  }

  /** For the front door. */
  readonly isAnswered = (path: string): boolean => path === ANNOUNCE || path === SCRAPE

  /** For the front door: the body of the answer, valid until the next call. Never throws. */
  readonly answer = (path: string, query: string, source: AnnounceSource): Uint8Array => {
    try {
      return path === ANNOUNCE ? this.#announce(query, source) : this.#scrape(query)
    } catch (error) {
      this.#logger.log('error', 'a request to the tracker failed', { error })
      return this.#refuse({ failure: 'the tracker has a fault', retryInSeconds: 300 })
    }
  }

  /** For `node:http`, where there is no site behind the door. */
  readonly listener: RequestListener = (request, response) => {
    if (!this.listen(request, response)) {
      request.resume()
      end(request, response, 404, 'This is a BitTorrent tracker: add its /announce to a torrent.\n')
    }
  }

  /** For `node:http`, before a site: answers what is meant for the tracker; false where nothing was done. */
  listen(request: IncomingMessage, response: ServerResponse): boolean {
    const target = targetOf(request.url ?? '')
    if (target === null || !this.isAnswered(target.path)) return false
    request.resume()
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      end(request, response, 405, 'Announces and scrapes are GET requests.\n')
    } else if (hasBody(request)) {
      response.setHeader('Connection', 'close')
      end(request, response, 400, 'Announces and scrapes have no body.\n')
    } else {
      const source = sourceOf(request)
      if (source === null) request.destroy()
      else end(request, response, 200, this.answer(target.path, target.query, source))
    }
    return true
  }

  #announce(query: string, source: AnnounceSource): Uint8Array {
    const request = parseAnnounceQuery(query)
    if (isFailure(request)) return this.#refuse(request)
    const answer = this.#server.announce(request, source)
    return isFailure(answer) ? this.#encoder.failure(answer) : this.#encoder.announce(answer, request)
  }

  #scrape(query: string): Uint8Array {
    const hashes = parseScrapeQuery(query)
    return isFailure(hashes) ? this.#refuse(hashes) : this.#encoder.scrape(this.#server.scrape(hashes))
  }

  #refuse(failure: TrackerFailure): Uint8Array {
    return this.#encoder.failure(this.#server.refuse(failure))
  }
}

function end(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: Uint8Array | string,
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body)
  response.writeHead(status, { 'Content-Type': 'text/plain', 'Content-Length': bytes.length })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** Path and query of a request target in origin or absolute form (RFC 9112); null for other forms. */
function targetOf(url: string): { path: string; query: string } | null {
  const origin = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '')
  if (!origin.startsWith('/')) return null
  const question = origin.indexOf('?')
  return question < 0
    ? { path: origin, query: '' }
    : { path: origin.slice(0, question), query: origin.slice(question + 1) }
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

function sourceOf({ socket }: IncomingMessage): AnnounceSource | null {
  const { remoteAddress, localAddress } = socket
  if (remoteAddress === undefined || localAddress === undefined) return null
  const bytes = hostBytes(remoteAddress.split('%', 1)[0]!)
  const host = hostFromBytes(bytes)
  return {
    hostBytes: bytes,
    scope: scopeOf(host),
    localHost: hostFromBytes(hostBytes(localAddress.split('%', 1)[0]!)),
  }
}
