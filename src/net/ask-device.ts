import type { IncomingMessage } from 'node:http'
import { ProtocolError } from '../core/errors.ts'
import { formatDeviceUrl } from '../portmap/device-url.ts'
import { PORTMAP_LIMITS } from '../portmap/limits.ts'
import type { DeviceAnswer, DeviceRequest } from '../portmap/upnp-mapper.ts'
import { withinTime } from './abortable.ts'
import { readHttpBody } from './http-body.ts'
import { requestFailed } from './http-request.ts'
import { NET_LIMITS } from './limits.ts'
import { http } from './node-http.ts'

/**
 * Asks a device of this network over HTTP, such as a router. A policy of its own, as `HttpFetcher` asks no local
 * addresses: it asks the very address in the URL, looks up no name, follows no redirect, sends nothing that was not
 * given and takes little. Rejects with `ProtocolError` `fetch-failed`, `fetch-timeout`, `response-too-large` or
 * `response-invalid`, or with the signal's reason.
 */
export async function askDevice(
  request: DeviceRequest,
  { local, signal }: { local: string; signal: AbortSignal },
): Promise<DeviceAnswer> {
  const url = new URL(formatDeviceUrl(request.url))
  const time = NET_LIMITS.deviceTimeout
  const late = () => new ProtocolError('fetch-timeout', `${url.href} took more than ${time / 1000} s`)
  return await withinTime({ time, late, signal }, async inTime => {
    const response = await send(url, request, local, inTime)
    const bytes = await readHttpBody(response, {
      url,
      maxBytes: PORTMAP_LIMITS.documentLength,
      signal: inTime,
    })
    return { status: response.statusCode ?? 0, bytes }
  })
}

function send(
  url: URL,
  { url: { host, port, path }, method, headers, body }: DeviceRequest,
  localAddress: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      method,
      host,
      port,
      path,
      localAddress,
      // A connection of its own: many routers know no other.
      agent: false,
      headers: { ...headers, Connection: 'close', ...(body && { 'Content-Length': String(body.length) }) },
      maxHeaderSize: NET_LIMITS.headerBytes,
      insecureHTTPParser: false,
    })
    const abort = () => request.destroy()
    signal.addEventListener('abort', abort, { once: true })
    request.once('response', response => {
      signal.removeEventListener('abort', abort)
      resolve(response)
    })
    request.on('error', error => {
      signal.removeEventListener('abort', abort)
      reject(signal.aborted ? signal.reason : requestFailed(url, error))
    })
    request.end(body ?? undefined)
  })
}
