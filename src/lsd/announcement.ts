/** The announces of local service discovery (BEP 14): HTTP in form, in a datagram to everybody in the network. */

import { type Address, address, formatAddress } from '../core/address.ts'
import { formatHex, latin1Bytes, latin1Text, parseHex } from '../core/bytes.ts'
import { LSD_LIMITS } from './limits.ts'

/** Where announces are sent and heard. */
export const LSD_GROUPS: readonly Address[] = [
  address('239.192.152.143', 6771),
  address('ff15::efc0:988f', 6771),
]

const REQUEST = 'BT-SEARCH * HTTP/1.1'
const INFO_HASH_LINE = 'Infohash: \r\n'.length + 40

export interface Announcement {
  /** Where peers are listened for, at the address that the datagram came from. */
  readonly port: number
  /** 20 bytes each, at least one; a hybrid has one for each of its swarms. */
  readonly infoHashes: readonly Uint8Array[]
  /** By which who sent it knows it again. */
  readonly cookie: string | null
}

/** To be sent to `group`; `infoHashesThatFit` says how many info-hashes there may be. */
export function encodeAnnouncement(group: Address, { port, infoHashes, cookie }: Announcement): Uint8Array {
  const lines = [
    REQUEST,
    `Host: ${formatAddress(group)}`,
    `Port: ${port}`,
    ...infoHashes.map(hash => `Infohash: ${formatHex(hash)}`),
    ...(cookie === null ? [] : [`cookie: ${cookie}`]),
  ]
  return latin1Bytes(`${lines.join('\r\n')}\r\n\r\n\r\n`)
}

/** How many info-hashes `datagramLength` has room for, whatever group and port. */
export function infoHashesThatFit(cookie: string): number {
  const length = Math.max(
    ...LSD_GROUPS.map(group => encodeAnnouncement(group, { port: 65_535, infoHashes: [], cookie }).length),
  )
  return Math.floor((LSD_LIMITS.datagramLength - length) / INFO_HASH_LINE)
}

/** Null for what is no announce, or names no port or no torrent. Lines that are not known are passed over. */
export function decodeAnnouncement(datagram: Uint8Array): Announcement | null {
  if (datagram.length > LSD_LIMITS.readLength) return null
  const [request = '', ...lines] = latin1Text(datagram).split('\r\n')
  if (!/^BT-SEARCH \* HTTP\/1\.[01]$/.test(request)) return null
  let port: number | null = null
  let cookie: string | null = null
  const infoHashes: Uint8Array[] = []
  for (const line of lines) {
    if (line === '') break
    const colon = line.indexOf(':')
    const value = line.slice(colon + 1).trim()
    switch (line.slice(0, Math.max(colon, 0)).toLowerCase()) {
      case 'port':
        port ??= portOf(value)
        break
      case 'infohash':
        if (isInfoHash(value) && infoHashes.length < LSD_LIMITS.infoHashes) infoHashes.push(parseHex(value))
        break
      case 'cookie':
        if (value.length <= LSD_LIMITS.cookieLength) cookie ??= value
    }
  }
  return port === null || infoHashes.length === 0 ? null : { port, infoHashes, cookie }
}

function portOf(text: string): number | null {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0
  return port > 0 && port < 65_536 ? port : null
}

function isInfoHash(text: string): boolean {
  return /^[0-9a-fA-F]{40}$/.test(text)
}
