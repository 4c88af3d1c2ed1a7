/** What a device that speaks UPnP says of itself: whether it is a router, and where it takes orders. */

import { printable } from '../core/printable.ts'
import { type DeviceUrl, parseDeviceUrl, resolveDeviceUrl } from './device-url.ts'
import { PORTMAP_LIMITS } from './limits.ts'
import { childText, elementsOf, parseXml, type XmlElement } from './xml.ts'

/** A way out of a router, and where it is asked for ports. */
export interface WanService {
  /** `urn:schemas-upnp-org:service:WANIPConnection:1` and the like. */
  readonly type: string
  readonly version: number
  readonly control: DeviceUrl
}

export interface DeviceDescription {
  /** For people; empty where it says none. */
  readonly name: string
  /** The best first; empty of what is no router. Bounded by `documentElements`. */
  readonly services: readonly WanService[]
}

const WAN_SERVICE = /^urn:schemas-upnp-org:service:(WANIPConnection|WANPPPConnection):([1-9])$/

/** Reads the document at `url`; null for what is none. Services that lead to another host are left out. */
export function parseDeviceDescription(bytes: Uint8Array, url: DeviceUrl): DeviceDescription | null {
  const root = parseXml(bytes)
  if (root?.name !== 'root') return null
  const base = baseOf(root, url)
  const services: WanService[] = []
  let name = ''
  for (const element of elementsOf(root)) {
    if (element.name === 'friendlyName') name ||= element.text
    const service = element.name === 'service' ? serviceOf(element, base) : null
    if (service !== null) services.push(service)
  }
  services.sort((a, b) => rankOf(a) - rankOf(b))
  return { name: printable(name.slice(0, PORTMAP_LIMITS.textLength)), services }
}

/** UPnP 1.0 has a base of its own for links; one of another host is not believed. */
function baseOf(root: XmlElement, url: DeviceUrl): DeviceUrl {
  const base = childText(root, 'URLBase')
  return (base && parseDeviceUrl(base, url.host)) || url
}

function serviceOf(element: XmlElement, base: DeviceUrl): WanService | null {
  const type = childText(element, 'serviceType') ?? ''
  const version = WAN_SERVICE.exec(type)?.[2]
  const control = resolveDeviceUrl(childText(element, 'controlURL') ?? '', base)
  return version === undefined || control === null ? null : { type, version: Number(version), control }
}

/** Nearly all lines are IP today; a router with both has PPP for those that dial in. */
function rankOf({ type, version }: WanService): number {
  return (type.includes('WANPPP') ? 10 : 0) - version
}
