/** What all magnet links are made of: parameters, and how the common ones of them are read. */

import { FormatError } from '../core/errors.ts'
import { METAINFO_LIMITS } from './limits.ts'
import { TRACKER_PROTOCOLS, usableUrl } from './torrent-urls.ts'
import { type Warning, Warnings } from './warning.ts'

export interface MagnetPeer {
  /** An IPv4 or IPv6 address without brackets, or a name. */
  readonly host: string
  readonly port: number
}

/** What a magnet link says beside which torrent it is about. */
export interface MagnetPlaces {
  /** `dn`: only for people, as it was written. Null where it is not there. */
  readonly name: string | null
  /** `tr`, each once. */
  readonly trackers: readonly string[]
  /** `ws` (BEP 19). */
  readonly webSeeds: readonly string[]
  /** `x.pe`; the host may be a name. */
  readonly peers: readonly MagnetPeer[]
  /** What was left out because it cannot be used: `tracker-invalid`, `web-seed-invalid`, `peer-invalid`. */
  readonly warnings: readonly Warning[]
}

/** Of what a warning quotes. */
const QUOTED_LENGTH = 80

/** The values of a parameter, in their order, by its name. Throws `FormatError` `magnet-invalid` for what is no magnet link. */
export function magnetParameters(text: string): (name: string) => string[] {
  const link = text.trim()
  if (link.length > METAINFO_LIMITS.magnetLength)
    throw new FormatError('magnet-invalid', 'the magnet link is too long')
  if (!/^magnet:\?/i.test(link)) {
    throw new FormatError('magnet-invalid', `"${link.slice(0, 60)}" does not begin with magnet:?`)
  }
  const parameters = readParameters(link.slice('magnet:?'.length))
  return name => parameters.filter(({ key }) => key === name).map(({ value }) => value)
}

export function readPlaces(values: (name: string) => string[]): MagnetPlaces {
  const warnings = new Warnings()
  return {
    name: values('dn')[0] ?? null,
    trackers: readUrls('tracker', values('tr'), warnings),
    webSeeds: readUrls('web-seed', values('ws'), warnings),
    peers: readPeers(values('x.pe'), warnings),
    warnings: warnings.list(),
  }
}

/** As they stand in a link. */
export function placeParameters(places: Partial<MagnetPlaces>): string[] {
  const { name, trackers = [], webSeeds = [], peers = [] } = places
  return [
    ...(name ? [`dn=${encodeURIComponent(name.toWellFormed())}`] : []),
    ...trackers.map(url => `tr=${encodeURIComponent(url.toWellFormed())}`),
    ...webSeeds.map(url => `ws=${encodeURIComponent(url.toWellFormed())}`),
    ...peers.map(({ host, port }) => `x.pe=${host.includes(':') ? `[${host}]` : host}:${port}`),
  ]
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
