/** One line of a list of addresses, in any of the forms that such lists have. */

import { hostBytes, isHost } from '../core/address.ts'
import { type AddressWords, compareWords, wordsOf } from './address-words.ts'

/** Both ends included. */
export interface AddressRange {
  readonly start: AddressWords
  readonly end: AddressWords
}

/** eMule's: who has a lower level is blocked. */
const ACCESS_LEVEL = 127

const ZERO = 0x30
/** From `0`. */
const DOT = 0x2e - ZERO

/**
 * What a line blocks; `allowed` where it says that it blocks nothing (a comment, an empty line, an access level of 127 or
 * more); null where it cannot be read. Forms: eMule's `ipfilter.dat` (`001.002.003.000 - 001.002.003.255 , 100 ,
 * name`), PeerGuardian's text (`name:1.2.3.0-1.2.3.255`), `1.2.3.0/24`, `1.2.3.4-1.2.3.9`, `1.2.3.4`, and IPv6 in all of them.
 */
export function parseRange(line: string): AddressRange | 'allowed' | null {
  const text = line.trim()
  if (text === '' || text.startsWith('#') || text.startsWith('//') || text.startsWith(';')) return 'allowed'
  return parseDat(text) ?? parsePlain(withoutComment(text)) ?? parseNamed(text)
}

function parseDat(text: string): AddressRange | 'allowed' | null {
  const comma = text.indexOf(',')
  const found = comma < 0 ? null : parseFromTo(text.slice(0, comma))
  if (!found) return null
  const [level = ''] = text.slice(comma + 1).split(',', 1)
  if (!/^\s*[0-9]{1,9}\s*$/.test(level)) return null
  return Number(level) < ACCESS_LEVEL ? found : 'allowed'
}

function parsePlain(text: string): AddressRange | null {
  const slash = text.indexOf('/')
  if (slash >= 0) return parsePrefix(text.slice(0, slash), text.slice(slash + 1))
  if (text.includes('-')) return parseFromTo(text)
  const host = parseHost(text)
  return host && { start: host, end: host }
}

/** A name may have colons, and an IPv6 address has them: the shortest name that leaves a range is it. */
function parseNamed(text: string): AddressRange | null {
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
    const found = parseFromTo(text.slice(colon + 1))
    if (found) return found
  }
  return null
}

function parseFromTo(text: string): AddressRange | null {
  const dash = text.indexOf('-')
  if (dash < 0) return null
  const start = parseHost(text.slice(0, dash).trim())
  const end = parseHost(text.slice(dash + 1).trim())
  if (!start || !end || start.length !== end.length || compareWords(end, 0, start, 0, start.length) < 0)
    return null
  return { start, end }
}

function parsePrefix(host: string, prefix: string): AddressRange | null {
  const start = parseHost(host.trim())
  if (!start || !/^\s*[0-9]{1,3}\s*$/.test(prefix)) return null
  const bits = Number(prefix)
  if (bits > 32 * start.length) return null
  const masks = start.map((_, i) => maskOf(Math.min(32, Math.max(0, bits - 32 * i))))
  return {
    start: start.map((word, i) => (word & ~masks[i]!) >>> 0),
    end: start.map((word, i) => (word | masks[i]!) >>> 0),
  }
}

/** All but the first so many bits of a word. */
function maskOf(bits: number): number {
  return bits === 32 ? 0 : 0xffffffff >>> bits
}

/** IPv4 may have leading zeros, as eMule writes it. */
function parseHost(text: string): AddressWords | null {
  if (!text.includes(':')) return parseIpv4(text)
  return isHost(text) ? wordsOf(hostBytes(text)) : null
}

/** By hand: lists have half a million lines. */
function parseIpv4(text: string): AddressWords | null {
  let address = 0
  let part = 0
  let digits = 0
  let value = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO
    if (digit >= 0 && digit <= 9) {
      value = 10 * value + digit
      if (++digits > 3 || value > 255) return null
    } else {
      if (digit !== DOT || digits === 0 || part === 3) return null
      address = address * 256 + value
      part++
      digits = 0
      value = 0
    }
  }
  if (part !== 3 || digits === 0) return null
  return [address * 256 + value]
}

/** Behind an address there may be a comment. */
function withoutComment(text: string): string {
  const end = text.search(/[#;]/)
  return (end < 0 ? text : text.slice(0, end)).trim()
}
