import { hostBytes, hostFromBytes, isHost } from '../core/address.ts'
import { PORTMAP_LIMITS } from './limits.ts'

/** A place on a device of this network: nothing of it was looked up, and nothing leads elsewhere. */
export interface DeviceUrl {
  /** An IP address. */
  readonly host: string
  readonly port: number
  /** Begins with `/`; path and query. */
  readonly path: string
}

const ABSOLUTE = /^http:\/\/([^/?#:@\s]{1,64})(?::([0-9]{1,5}))?([/?#].*)?$/i
/** Printable ASCII without blanks and quotes: what may stand in the first line of a request. */
const PLAIN = /^[!#-&(-~]*$/

/** Reads an absolute URL of `host`, an IPv4 address; null for any other host, scheme or form. */
export function parseDeviceUrl(text: string, host: string): DeviceUrl | null {
  if (text.length > PORTMAP_LIMITS.urlLength || !PLAIN.test(text)) return null
  const [, name, portText = '80', rest = ''] = ABSOLUTE.exec(text) ?? []
  const port = Number(portText)
  if (name === undefined || port < 1 || port > 65_535) return null
  if (!isHost(name) || hostFromBytes(hostBytes(name)) !== host) return null
  return { host, port, path: pathOf(rest) }
}

/** What a link on a device's page means; null where it leads to another host. */
export function resolveDeviceUrl(link: string, base: DeviceUrl): DeviceUrl | null {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return parseDeviceUrl(link, base.host)
  if (link === '' || link.startsWith('//') || link.length > PORTMAP_LIMITS.urlLength || !PLAIN.test(link))
    return null
  if (link.startsWith('/')) return { ...base, path: pathOf(link) }
  const folder = base.path.replace(/\?.*$/s, '').replace(/[^/]*$/, '')
  return { ...base, path: pathOf(folder + link) }
}

export function formatDeviceUrl({ host, port, path }: DeviceUrl): string {
  return `http://${host}:${port}${path}`
}

function pathOf(rest: string): string {
  const plain = rest.split('#', 1)[0]!
  return plain.startsWith('/') ? plain : `/${plain}`
}
