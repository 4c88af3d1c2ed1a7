/** IP addresses as text and as bytes. Text is read strictly: no octal, no hexadecimal, no missing parts, no zones. */

import { FormatError } from './errors.ts'

/** The 4 or 16 bytes of an IP address; an IPv4 address mapped into IPv6 gives 4. Throws `FormatError` `address-invalid`. */
export function hostBytes(host: string): Uint8Array {
  const bytes = host.includes(':') ? ipv6Bytes(host) : ipv4Bytes(host)
  if (bytes === null) {
    throw new FormatError('address-invalid', `"${host.slice(0, 80)}" is not an IPv4 or IPv6 address`)
  }
  return unmapped(bytes)
}

/** The canonical text of 4 or 16 bytes. Throws `FormatError` `address-invalid` for any other length. */
export function hostFromBytes(bytes: Uint8Array): string {
  if (bytes.length !== 4 && bytes.length !== 16) {
    throw new FormatError('address-invalid', `an IP address has 4 or 16 bytes, not ${bytes.length}`)
  }
  const host = unmapped(bytes)
  return host.length === 4 ? host.join('.') : ipv6Text(host)
}

/** Whether the text is an IP address, and so needs no look-up. */
export function isHost(text: string): boolean {
  return (text.includes(':') ? ipv6Bytes(text) : ipv4Bytes(text)) !== null
}

/** Whether 16 bytes are `::ffff:a.b.c.d`. */
function isMapped(bytes: Uint8Array): boolean {
  if (bytes.length !== 16 || bytes[10] !== 0xff || bytes[11] !== 0xff) return false
  for (let i = 0; i < 10; i++) if (bytes[i] !== 0) return false
  return true
}

function unmapped(bytes: Uint8Array): Uint8Array {
  return isMapped(bytes) ? bytes.subarray(12) : bytes
}

function ipv4Bytes(text: string): Uint8Array | null {
  if (text.length > 15) return null
  const parts = text.split('.')
  if (parts.length !== 4) return null
  const bytes = new Uint8Array(4)
  for (let i = 0; i < 4; i++) {
    const part = parts[i]!
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return null
    bytes[i] = Number(part)
  }
  return bytes
}

/** RFC 4291: up to eight groups, one run of zeros as `::`, the last two groups perhaps as IPv4. */
function ipv6Bytes(text: string): Uint8Array | null {
  if (text.length > 45) return null
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = groupBytes(halves[0]!, halves.length === 1)
  const tail = halves.length === 2 ? groupBytes(halves[1]!, true) : []
  if (head === null || tail === null) return null
  const length = head.length + tail.length
  if (halves.length === 1 ? length !== 16 : length > 14) return null
  const bytes = new Uint8Array(16)
  bytes.set(head)
  bytes.set(tail, 16 - tail.length)
  return bytes
}

function groupBytes(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    if (group.includes('.') && mayEndInIpv4 && index === groups.length - 1) {
      const ipv4 = ipv4Bytes(group)
      if (ipv4 === null) return null
      bytes.push(...ipv4)
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null
      const value = Number.parseInt(group, 16)
      bytes.push(value >>> 8, value & 0xff)
    }
  }
  return bytes
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!)
  const zeros = longestZeroRun(groups)
  const texts = groups.map(group => group.toString(16))
  if (zeros.length < 2) return texts.join(':')
  const head = texts.slice(0, zeros.start).join(':')
  const tail = texts.slice(zeros.start + zeros.length).join(':')
  return `${head}::${tail}`
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  for (let i = 0; i < groups.length; i++) {
    if (groups[i] !== 0) start = i + 1
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start }
  }
  return best
}
