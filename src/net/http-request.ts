import type { Agent as HttpAgent, IncomingMessage, RequestOptions } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import { isHost } from '../core/address.ts'
import { ProtocolError } from '../core/errors.ts'
import { NET_LIMITS } from './limits.ts'
import { http, https } from './node-http.ts'
import { redactUrl } from './redact-url.ts'

export interface HttpRequest {
  readonly url: URL
  /** The address to connect to. The name in the URL is not looked up again. */
  readonly host: string
  readonly headers: Readonly<Record<string, string>>
  readonly agents: { readonly http: HttpAgent; readonly https: HttpsAgent }
  /** Certificates to trust instead of the system's. */
  readonly ca?: string | undefined
  /** The address of this machine to ask from. */
  readonly from?: string | undefined
  readonly signal: AbortSignal
}

/** An answer's head has come, its body is still on its way; or no connection came about. */
export type HttpOutcome = { readonly response: IncomingMessage } | { readonly unreachable: ProtocolError }

/**
 * Sends one GET to one address. A connection that does not come about is an outcome, so that another address can be
 * tried; anything later rejects with `ProtocolError` `fetch-failed` or `response-invalid`, or the signal's reason.
 */
export async function sendHttpRequest(options: HttpRequest): Promise<HttpOutcome> {
  const first = await attempt(options)
  // A kept-alive connection may be closed by the other side just as we use it: that says nothing about the server.
  return first === 'stale' ? ((await attempt(options)) as HttpOutcome) : first
}

function attempt(options: HttpRequest): Promise<HttpOutcome | 'stale'> {
  const { url, signal } = options
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const isSecure = url.protocol === 'https:'
    const request = isSecure
      ? https.request({ ...requestOptions(options), ...tlsOptions(options), agent: options.agents.https })
      : http.request({ ...requestOptions(options), agent: options.agents.http })
    let isConnected = false
    let timer = setTimeout(
      () => request.destroy(slow('connection', NET_LIMITS.connectTimeout)),
      NET_LIMITS.connectTimeout,
    )
    const connected = () => {
      isConnected = true
      clearTimeout(timer)
      timer = setTimeout(
        () => request.destroy(slow('answer', NET_LIMITS.answerTimeout)),
        NET_LIMITS.answerTimeout,
      )
    }
    const abort = () => request.destroy(new Error('aborted'))
    const settle = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
    signal.addEventListener('abort', abort, { once: true })
    request.once('socket', socket => {
      if (socket.connecting) socket.once(isSecure ? 'secureConnect' : 'connect', connected)
      else connected()
    })
    request.once('response', response => {
      settle()
      resolve({ response })
    })
    request.on('error', error => {
      settle()
      if (signal.aborted) reject(signal.reason)
      else if (isConnected && request.reusedSocket && isReset(error)) resolve('stale')
      else if (isConnected) reject(requestFailed(url, error))
      else resolve({ unreachable: requestFailed(url, error) })
    })
    request.end()
  })
}

function requestOptions({ url, host, headers, from }: HttpRequest): RequestOptions {
  return {
    method: 'GET',
    host,
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port,
    path: url.pathname + url.search,
    headers: { host: url.host, ...headers },
    maxHeaderSize: NET_LIMITS.headerBytes,
    insecureHTTPParser: false,
    ...(from === undefined ? {} : { localAddress: from }),
  }
}

function tlsOptions({ url, ca }: HttpRequest) {
  const name = url.hostname.replace(/^\[|\]$/g, '')
  return {
    rejectUnauthorized: true, // said aloud: the environment must not switch it off
    servername: isHost(name) ? '' : name,
    ...(ca === undefined ? {} : { ca }),
  }
}

function slow(what: string, time: number): Error {
  return new Error(`no ${what} within ${time / 1000} s`)
}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE'
}

/** What went wrong below HTTP, or in it, in a word that stays. */
export function requestFailed(url: URL, cause: NodeJS.ErrnoException): ProtocolError {
  const code = cause.code?.startsWith('HPE_') ? 'response-invalid' : 'fetch-failed'
  return new ProtocolError(code, `${redactUrl(url.href)} cannot be asked: ${cause.message}`, { cause })
}
