/** The search for routers that speak UPnP: HTTP heads in datagrams (UPnP Device Architecture 1.1, section 1.3). */

import { type Address, address, scopeOf } from '../core/address.ts'
import { latin1Text, utf8Bytes } from '../core/bytes.ts'
import { type DeviceUrl, parseDeviceUrl } from './device-url.ts'
import { PORTMAP_LIMITS } from './limits.ts'

/** All that speak UPnP listen here. */
export const SSDP_PLACE: Address = address('239.255.255.250', 1900)

/** One that speaks version 2 answers for version 1 as well; the services are for those that say it wrongly. */
export const SEARCH_TARGETS = [
  'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
  'urn:schemas-upnp-org:device:InternetGatewayDevice:2',
  'urn:schemas-upnp-org:service:WANIPConnection:1',
  'urn:schemas-upnp-org:service:WANPPPConnection:1',
] as const

/** Seconds over which many devices shall spread their answers. */
const SPREAD_SECONDS = 1

export function encodeSearch(target: string): Uint8Array {
  const lines = [
    'M-SEARCH * HTTP/1.1',
    `HOST: ${SSDP_PLACE.host}:${SSDP_PLACE.port}`,
    'MAN: "ssdp:discover"',
    `MX: ${SPREAD_SECONDS}`,
    `ST: ${target}`,
  ]
  return utf8Bytes(`${lines.join('\r\n')}\r\n\r\n`)
}

/**
 * Where a device that answers a search describes itself; null for anything else. It is believed only of its own address,
 * and only where that is one of this network and not of this machine. `gateway`: a router that is known by itself, which
 * may have any address.
 */
export function decodeSearchAnswer(
  bytes: Uint8Array,
  from: Address,
  gateway: string | null,
): DeviceUrl | null {
  if (bytes.length > PORTMAP_LIMITS.ssdpAnswerLength || !mayBeRouter(from.host, gateway)) return null
  const [first = '', ...lines] = latin1Text(bytes).split('\r\n')
  if (!/^HTTP\/1\.[01] 200(?: |$)/.test(first)) return null
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase()
    if (name !== '' && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim())
  }
  const location = headers.get('location')
  return location === undefined ? null : parseDeviceUrl(location, from.host)
}

function mayBeRouter(host: string, gateway: string | null): boolean {
  const scope = scopeOf(host)
  if (scope === 'private' || scope === 'link-local') return true
  return scope === 'global' && host === gateway
}
