import { equalBytes, formatHex, parseHex } from '../core/bytes.ts'
import { FormatError } from '../core/errors.ts'
import type { InfoHashes } from '../core/ids.ts'
import { decodeBase32 } from './base32.ts'
import { METAINFO_LIMITS } from './limits.ts'
import { formatSelection, parseSelection, type SelectRange } from './select-only.ts'
import { TRACKER_PROTOCOLS, usableUrl } from './torrent-urls.ts'
import { type Warning, Warnings } from './warning.ts'

/** A magnet link (BEP 9, 52, 53): what is needed to find peers and to fetch the metadata from them. */
export interface Magnet {
  readonly hashes: InfoHashes
  /** `dn`: only for people, as it was written. Null where it is not there. */
  readonly name: string | null
  /** `tr`, each once. */
  readonly trackers: readonly string[]
  /** `ws` (BEP 19). */
  readonly webSeeds: readonly string[]
  /** `x.pe`; the host may be a name. */
  readonly peers: readonly MagnetPeer[]
  /** `so`: indices of files (pads counted); null where nothing is said. */
  readonly selectOnly: readonly SelectRange[] | null
  /** What was left out because it cannot be used: `tracker-invalid`, `web-seed-invalid`, `peer-invalid`. */
  readonly warnings: readonly Warning[]
}

export interface MagnetPeer {
  /** An IPv4 or IPv6 address without brackets, or a name. */
  readonly host: string
  readonly port: number
}

/** Multihash (BEP 52): SHA-256, 32 bytes. */
const SHA256_MULTIHASH = '1220'
/** Of what a warning quotes. */
const QUOTED_LENGTH = 80

/**
 * Reads a magnet link. Parameters that are not known are passed over; trackers, web seeds and peers that cannot be used
 * are left out with a warning; the info-hashes must be right.
 * Throws `FormatError` `magnet-invalid`, `magnet-hash-missing`, `magnet-hash-invalid` or `magnet-hashes-differ`.
 */
export function parseMagnet(text: string): Magnet {
  const link = text.trim()
  if (link.length > METAINFO_LIMITS.magnetLength)
    throw new FormatError('magnet-invalid', 'the magnet link is too long')
  if (!/^magnet:\?/i.test(link)) {
    throw new FormatError('magnet-invalid', `"${link.slice(0, 60)}" does not begin with magnet:?`)
  }
  const parameters = readParameters(link.slice('magnet:?'.length))
  const values = (name: string): string[] =>
    parameters.filter(({ key }) => key === name).map(({ value }) => value)
  const warnings = new Warnings()
  return {
    hashes: readHashes(values('xt')),
    name: values('dn')[0] ?? null,
    trackers: readUrls('tracker', values('tr'), warnings),
    webSeeds: readUrls('web-seed', values('ws'), warnings),
    peers: readPeers(values('x.pe'), warnings),
    selectOnly: parseSelection(values('so')),
    warnings: warnings.list(),
  }
}

/** Writes a magnet link; of a hybrid with both hashes. */
export function formatMagnet(magnet: Partial<Magnet> & Pick<Magnet, 'hashes'>): string {
  const { v1, v2 } = magnet.hashes
  const parts: string[] = []
  if (v1) parts.push(`xt=urn:btih:${formatHex(v1)}`)
  if (v2) parts.push(`xt=urn:btmh:${SHA256_MULTIHASH}${formatHex(v2)}`)
  if (magnet.name) parts.push(`dn=${encodeURIComponent(magnet.name.toWellFormed())}`)
  for (const url of magnet.trackers ?? []) parts.push(`tr=${encodeURIComponent(url.toWellFormed())}`)
  for (const url of magnet.webSeeds ?? []) parts.push(`ws=${encodeURIComponent(url.toWellFormed())}`)
  for (const { host, port } of magnet.peers ?? [])
    parts.push(`x.pe=${host.includes(':') ? `[${host}]` : host}:${port}`)
  if (magnet.selectOnly) parts.push(`so=${formatSelection(magnet.selectOnly)}`)
  return `magnet:?${parts.join('&')}`
}

/** `tr.1`, `xt.2` and the like are numbered spellings of `tr` and `xt`. */
function readParameters(query: string): { key: string; value: string }[] {
  return query.split('&').flatMap(part => {
    const equals = part.indexOf('=')
    if (equals === -1) return []
    const key = part
      .slice(0, equals)
      .toLowerCase()
      .replace(/\.\d{1,4}$/, '')
    const value = unescape(part.slice(equals + 1))
    return value === null ? [] : [{ key, value }]
  })
}

/** Null where the escapes are not UTF-8. A plus stands for a space, as forms write it. */
function unescape(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}

function readHashes(topics: readonly string[]): InfoHashes {
  let v1: Uint8Array | undefined
  let v2: Uint8Array | undefined
  for (const topic of topics) {
    const [, kind, text = ''] = /^urn:(btih|btmh):(.*)$/is.exec(topic) ?? []
    if (kind?.toLowerCase() === 'btih') v1 = agree(v1, readV1Hash(text))
    if (kind?.toLowerCase() === 'btmh') v2 = agree(v2, readV2Hash(text))
  }
  if (!v1 && !v2) {
    throw new FormatError(
      'magnet-hash-missing',
      'the magnet link names no torrent: it has no xt=urn:btih or urn:btmh',
    )
  }
  return { ...(v1 && { v1 }), ...(v2 && { v2 }) }
}

/** 40 digits of hex, or 32 of base32 as old links have it. */
function readV1Hash(text: string): Uint8Array {
  if (/^[0-9a-f]{40}$/i.test(text)) return parseHex(text)
  const bytes = text.length === 32 ? decodeBase32(text) : null
  if (bytes === null) {
    throw new FormatError(
      'magnet-hash-invalid',
      `"${text.slice(0, 80)}" is not a v1 info-hash: 40 hex or 32 base32 digits`,
    )
  }
  return bytes
}

function readV2Hash(text: string): Uint8Array {
  if (!/^1220[0-9a-f]{64}$/i.test(text)) {
    throw new FormatError(
      'magnet-hash-invalid',
      `"${text.slice(0, 80)}" is not a v2 info-hash: 1220 and 64 hex digits`,
    )
  }
  return parseHex(text.slice(SHA256_MULTIHASH.length))
}

function agree(known: Uint8Array | undefined, read: Uint8Array): Uint8Array {
  if (known && !equalBytes(known, read)) {
    throw new FormatError('magnet-hashes-differ', 'the magnet link names two different torrents')
  }
  return read
}

const URL_KINDS = {
  tracker: { protocols: TRACKER_PROTOCOLS, limit: METAINFO_LIMITS.trackers, example: '/announce' },
  'web-seed': { protocols: ['http:', 'https:'], limit: METAINFO_LIMITS.webSeeds, example: '/file' },
}

/** Each once. */
function readUrls(kind: 'tracker' | 'web-seed', values: readonly string[], warnings: Warnings): string[] {
  const { protocols, limit, example } = URL_KINDS[kind]
  const urls = new Set<string>()
  for (const value of values.map(text => text.trim())) {
    const url = usableUrl(value, protocols)
    if (url !== null) urls.add(url)
    else if (value !== '') {
      warnings.add(
        `${kind}-invalid`,
        `the ${kind.replace('-', ' ')} "${cut(value)}" is not an address that can be asked (such as http://host.example${example})`,
      )
    }
  }
  return [...urls].slice(0, limit)
}

function readPeers(values: readonly string[], warnings: Warnings): MagnetPeer[] {
  const peers: MagnetPeer[] = []
  for (const value of values) {
    const peer = readPeer(value)
    if (peer) peers.push(peer)
    else if (value.trim() !== '')
      warnings.add('peer-invalid', `the peer "${cut(value)}" is not a host and a port`)
  }
  return peers.slice(0, METAINFO_LIMITS.magnetPeers)
}

/** For people: as much as says which one is meant. */
function cut(text: string): string {
  return text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH).toWellFormed()}…` : text
}

/** `host:port` or `[v6]:port`. */
function readPeer(text: string): MagnetPeer | null {
  const [, bracketed, plain, digits = ''] =
    /^(?:\[([0-9a-f:.]{2,45})\]|([^\s:/[\]@]{1,255})):(\d{1,5})$/i.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : null
}
