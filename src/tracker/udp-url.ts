import { FormatError } from '../core/errors.ts'

/** Where a UDP tracker is, and what of its URL it is told (BEP 41). */
export interface UdpTrackerPlace {
  /** A name or an IP address, without brackets. */
  readonly host: string
  readonly port: number
  /** Path and query; empty where the path is none. */
  readonly urlData: string
}

export function isUdpUrl(url: string): boolean {
  return /^udp:/i.test(url)
}

/** Reads `udp://host:port/path?query`. Throws `FormatError` `url-invalid`; there is no usual port. */
export function parseUdpUrl(text: string): UdpTrackerPlace {
  const url = URL.parse(text)
  if (url?.protocol !== 'udp:' || url.hostname === '') throw invalid(text, 'it is not like udp://host:port')
  const port = Number(url.port)
  if (port === 0) throw invalid(text, 'it names no port')
  const host = decodeHost(url.hostname)
  if (host === null) throw invalid(text, 'its host cannot be read')
  const { pathname, search } = url
  return { host, port, urlData: pathname === '/' && search === '' ? '' : pathname + search }
}

/** Of a URL with a scheme that it does not know, `URL` escapes what is not ASCII. */
function decodeHost(hostname: string): string | null {
  if (hostname.startsWith('[')) return hostname.slice(1, -1)
  try {
    return decodeURIComponent(hostname)
  } catch {
    return null
  }
}

function invalid(text: string, why: string): FormatError {
  // Without its path, which may be a key to a private tracker.
  const place = text.slice(0, 200).split(/(?<=[^/:])[/?#]/, 1)[0]
  return new FormatError('url-invalid', `${place} is no URL of a UDP tracker: ${why}`)
}
