import type { Scope } from '../core/address.ts'
import { FormatError, ProtocolError } from '../core/errors.ts'
import { NET_LIMITS } from './limits.ts'
import { redactUrl } from './redact-url.ts'

/** Which URLs may be asked for. What strangers wrote is held to the defaults. */
export interface UrlPolicy {
  /**
   * Whether addresses of this machine and this network may be asked: for what the user typed, or, looked at again after
   * each redirect, by URL. Default: no. From a global address nobody is ever led to a local one.
   */
  readonly allowLocal?: boolean | ((url: URL) => boolean)
  /** Whether ports below 1024 but 80 and 443 may be asked. Default: no. */
  readonly allowLowPorts?: boolean
  /** Whether names in other scripts than ASCII (also written `xn--`) may be asked. Default: no. */
  readonly allowIdna?: boolean
}

/** Reads an absolute `http:` or `https:` URL. Throws `FormatError` `url-invalid`. */
export function parseHttpUrl(text: string, base?: URL): URL {
  const url = text.length > NET_LIMITS.urlLength ? null : URL.parse(text, base?.href)
  if (url === null) throw new FormatError('url-invalid', `"${redactUrl(text)}" is not a URL`)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new FormatError('url-invalid', `"${redactUrl(text)}" is not an http or https URL`)
  }
  url.hash = ''
  return url
}

/** Judges what can be judged before the name is resolved. Throws `ProtocolError` `url-refused`. */
export function checkUrl(url: URL, policy: UrlPolicy): void {
  const port = Number(url.port)
  if (!policy.allowLowPorts && url.port !== '' && port < 1024 && port !== 80 && port !== 443) {
    throw refused(url, `port ${port} belongs to another service`)
  }
  if (!policy.allowIdna && url.hostname.split('.').some(label => label.startsWith('xn--'))) {
    throw refused(url, 'names in other scripts can pretend to be another site')
  }
}

/** What a redirect came from, and who judges addresses. */
export interface HostCheck {
  /** A global address has sent us here: local ones are out of the question. */
  readonly wasGlobal: boolean
  readonly scopeOf: (host: string) => Scope
}

/**
 * The addresses that may be asked for this URL, of those that its name has. Throws `ProtocolError` `url-refused` where
 * none is left.
 */
export function allowedHosts(
  url: URL,
  hosts: readonly string[],
  policy: UrlPolicy,
  check: HostCheck,
): string[] {
  const { allowLocal = false } = policy
  const mayBeLocal = !check.wasGlobal && (typeof allowLocal === 'function' ? allowLocal(url) : allowLocal)
  const allowed = hosts.filter(host => {
    const scope = check.scopeOf(host)
    return scope === 'global' || (mayBeLocal && scope !== 'unusable')
  })
  if (allowed.length > 0) return allowed
  const kind = hosts.some(host => check.scopeOf(host) !== 'unusable') ? 'a local' : 'no usable'
  throw refused(url, `${hosts[0]} is ${kind} address`)
}

/**
 * Where an answer sends us. Throws `ProtocolError` `url-refused` for a step from https down to http, and `FormatError`
 * `url-invalid`.
 */
export function redirectTarget(from: URL, location: string): URL {
  const to = parseHttpUrl(location, from)
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw refused(to, 'it was led to from https, which protects what is asked')
  }
  to.username = ''
  to.password = ''
  return to
}

function refused(url: URL, why: string): ProtocolError {
  return new ProtocolError('url-refused', `${redactUrl(url.href)} is not asked: ${why}`)
}
