/**
 * The one way out for HTTP: trackers, torrent files by URL, later web seeds and feeds. What strangers wrote may name
 * any URL, so a name is resolved once, every address is judged, and the connection goes to the address that was
 * judged.
 */

import type { Agent as HttpAgent, IncomingMessage } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import type { Family } from '../core/address.ts'
import { ProtocolError } from '../core/errors.ts'
import { type Scope, scopeOf } from '../core/scope.ts'
import { withinTime } from './abortable.ts'
import { readHttpBody } from './http-body.ts'
import { sendHttpRequest } from './http-request.ts'
import { NET_LIMITS } from './limits.ts'
import { http, https } from './node-http.ts'
import { redactUrl } from './redact-url.ts'
import { type Lookup, resolveHost } from './resolve.ts'
import { Slots } from './slots.ts'
import { allowedHosts, checkUrl, parseHttpUrl, redirectTarget, type UrlPolicy } from './url-policy.ts'

export interface FetchOptions extends UrlPolicy {
  readonly signal?: AbortSignal | undefined
  /** An address of this machine to ask from; only addresses of its family are asked then. */
  readonly from?: string | undefined
  /** Only addresses of this family are asked. */
  readonly family?: Family | undefined
  /** Sent along; `authorization` and `cookie` only to the first URL's origin. */
  readonly headers?: Readonly<Record<string, string>>
  /** Of the body, also when unpacked. Default 10 MiB. */
  readonly maxBytes?: number
  /** For everything together, redirects included. Default 30 s. */
  readonly timeout?: number
}

export interface FetchResponse {
  /** Any status but those that redirect; judging it is the caller's. */
  readonly status: number
  /** Names in lower case; fields that came more than once are joined with a comma. */
  readonly headers: ReadonlyMap<string, string>
  readonly bytes: Uint8Array
  /** The URL that answered, after redirects and without credentials. */
  readonly url: string
  /** The address that answered. */
  readonly host: string
}

/**
 * Gets a URL. Rejects with `FormatError` `url-invalid`; with `ProtocolError` `url-refused` (the policy forbids it),
 * `name-unresolved`, `family-missing`, `fetch-failed`, `fetch-timeout`, `too-busy`, `too-many-redirects`,
 * `response-too-large` or `response-invalid`; or with the signal's reason.
 */
export type Fetch = (url: string, options?: FetchOptions) => Promise<FetchResponse>

const SENSITIVE = new Set(['authorization', 'cookie'])

/** Owns the connections that are kept for the next request. */
export class HttpFetcher {
  readonly fetch: Fetch
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent }
  readonly #slots: Slots
  readonly #lookup: Lookup | undefined
  readonly #userAgent: string
  readonly #ca: string | undefined
  readonly #scopeOf: (host: string) => Scope

  /**
   * `lookup` replaces the system's resolver, `ca` its certificates (PEM), `scopeOf` the judgement of addresses (for
   * tests, which have no global address to ask).
   */
  constructor(
    options: { userAgent?: string; lookup?: Lookup; ca?: string; scopeOf?: (host: string) => Scope } = {},
  ) {
    const keep = {
      keepAlive: true,
      maxFreeSockets: NET_LIMITS.idleConnections,
      timeout: NET_LIMITS.idleConnectionTimeout,
    }
    this.#agents = { http: new http.Agent(keep), https: new https.Agent(keep) }
    this.#slots = new Slots({
      limit: NET_LIMITS.fetches,
      waitingLimit: NET_LIMITS.waitingFetches,
      what: 'HTTP requests',
    })
    this.#userAgent = options.userAgent ?? 'shoal'
    this.#lookup = options.lookup
    this.#ca = options.ca
    this.#scopeOf = options.scopeOf ?? scopeOf
    this.fetch = (url, fetchOptions = {}) => this.#fetch(url, fetchOptions)
  }

  /** Closes what is kept open. Requests that are under way break off. */
  close(): void {
    this.#agents.http.destroy()
    this.#agents.https.destroy()
  }

  async #fetch(text: string, options: FetchOptions): Promise<FetchResponse> {
    const url = parseHttpUrl(text)
    const release = await this.#slots.acquire(options.signal ?? NEVER)
    const time = options.timeout ?? NET_LIMITS.fetchTimeout
    const late = () =>
      new ProtocolError('fetch-timeout', `${redactUrl(text)} took more than ${time / 1000} s`)
    try {
      return await withinTime({ time, late, signal: options.signal }, signal =>
        this.#follow(url, options, signal),
      )
    } finally {
      release()
    }
  }

  async #follow(first: URL, options: FetchOptions, signal: AbortSignal): Promise<FetchResponse> {
    let url = first
    let wasGlobal = false
    for (let redirects = 0; redirects <= NET_LIMITS.redirects; redirects++) {
      const hosts = await this.#hostsFor(url, options, wasGlobal, signal)
      const headers = this.#headersFor(url, first, options)
      const { host, response } = await this.#ask(url, hosts, headers, options, signal)
      const location = redirectLocation(response)
      if (location === null) return await finish(response, { url, host, options, signal })
      response.destroy()
      wasGlobal ||= this.#scopeOf(host) === 'global'
      url = redirectTarget(url, location)
    }
    const where = redactUrl(first.href)
    throw new ProtocolError(
      'too-many-redirects',
      `${where} leads on and on: more than ${NET_LIMITS.redirects} times`,
    )
  }

  async #hostsFor(
    url: URL,
    options: FetchOptions,
    wasGlobal: boolean,
    signal: AbortSignal,
  ): Promise<string[]> {
    checkUrl(url, options)
    const family = options.from === undefined ? options.family : options.from.includes(':') ? 6 : 4
    const name = url.hostname.replace(/^\[|\]$/g, '')
    const hosts = await resolveHost(name, { signal, lookup: this.#lookup, family })
    const check = { wasGlobal, scopeOf: this.#scopeOf }
    return allowedHosts(url, hosts, options, check).slice(0, NET_LIMITS.connectAttempts)
  }

  /** Asks one address after the other until one takes the connection. */
  async #ask(
    url: URL,
    hosts: readonly string[],
    headers: Readonly<Record<string, string>>,
    options: FetchOptions,
    signal: AbortSignal,
  ): Promise<{ host: string; response: IncomingMessage }> {
    let unreachable: ProtocolError | null = null
    const request = { url, headers, agents: this.#agents, ca: this.#ca, from: options.from, signal }
    for (const host of hosts) {
      const outcome = await sendHttpRequest({ ...request, host })
      if ('response' in outcome) return { host, response: outcome.response }
      unreachable ??= outcome.unreachable
    }
    throw unreachable ?? new ProtocolError('fetch-failed', `${redactUrl(url.href)} has no address`)
  }

  #headersFor(url: URL, first: URL, options: FetchOptions): Record<string, string> {
    const headers: Record<string, string> = { 'user-agent': this.#userAgent, 'accept-encoding': 'gzip' }
    const isSameOrigin = url.origin === first.origin
    if (isSameOrigin && first.username !== '') headers['authorization'] = basicAuthorization(first)
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      if (isSameOrigin || !SENSITIVE.has(name.toLowerCase())) headers[name.toLowerCase()] = value
    }
    return headers
  }
}

const NEVER = new AbortController().signal

async function finish(
  response: IncomingMessage,
  from: { url: URL; host: string; options: FetchOptions; signal: AbortSignal },
): Promise<FetchResponse> {
  const { url, host, options, signal } = from
  const maxBytes = options.maxBytes ?? NET_LIMITS.fetchedBytes
  const bytes = await readHttpBody(response, { url, maxBytes, signal })
  const shown = new URL(url)
  shown.username = ''
  shown.password = ''
  return { status: response.statusCode ?? 0, headers: headersOf(response), bytes, url: shown.href, host }
}

function redirectLocation(response: IncomingMessage): string | null {
  const isRedirect = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0)
  return isRedirect ? (response.headers.location ?? null) : null
}

/** A Map, because a stranger chooses the names. */
function headersOf(response: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>()
  const { rawHeaders } = response
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    const known = headers.get(name)
    headers.set(name, known === undefined ? rawHeaders[i + 1]! : `${known}, ${rawHeaders[i + 1]}`)
  }
  return headers
}

function basicAuthorization(url: URL): string {
  const pair = `${unescaped(url.username)}:${unescaped(url.password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
