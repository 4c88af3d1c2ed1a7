/**
 * A tracker over HTTP as its client sees it: the URL to get and the answer to read (BEP 3, 7, 21, 23, 24, 31, 48).
 * The server's side is `announce-query.ts` and `http-answer.ts`.
 */

import { address, decodeCompact, type Family, hostFromBytes, isHost } from '../core/address.ts'
import { latin1Bytes, latin1Text } from '../core/bytes.ts'
import { FormatError, TrackerError } from '../core/errors.ts'
import {
  asBytes,
  asDict,
  asInteger,
  asList,
  asText,
  type Bencode,
  type BencodeDict,
} from '../bencode/bencode.ts'
import { decodeBencode } from '../bencode/decode.ts'
import {
  type AnnounceRequest,
  type AnnounceResponse,
  NUM_WANT_DEFAULT,
  type ScrapeEntry,
  type TrackerPeer,
} from './announce.ts'
import { TRACKER_LIMITS } from './limits.ts'
import { wireText } from './wire-text.ts'

/** The URL of an announce: what `base` has in its own query string stays in front. */
export function announceUrl(base: string, request: AnnounceRequest): string {
  const parameters = [
    `info_hash=${escapeBytes(request.infoHash)}`,
    `peer_id=${escapeBytes(request.peerId)}`,
    `port=${request.port}`,
    `uploaded=${request.uploaded}`,
    `downloaded=${request.downloaded}`,
    `left=${request.left}`,
    `compact=${request.isCompact ? 1 : 0}`,
  ]
  if (request.noPeerId) parameters.push('no_peer_id=1')
  if (request.event) parameters.push(`event=${request.event}`)
  if (request.numWant !== NUM_WANT_DEFAULT) parameters.push(`numwant=${request.numWant}`)
  if (request.key !== null) parameters.push(`key=${encodeURIComponent(request.key)}`)
  if (request.ip !== undefined) parameters.push(`ip=${encodeURIComponent(request.ip)}`)
  if (request.ipv6 !== undefined) parameters.push(`ipv6=${encodeURIComponent(request.ipv6)}`)
  if (request.trackerId !== undefined)
    parameters.push(`trackerid=${escapeBytes(latin1Bytes(request.trackerId))}`)
  return withParameters(base, parameters)
}

/** The URL of a scrape of the same tracker (BEP 48), or null where its announce URL does not lead to one. */
export function scrapeUrl(base: string, infoHashes: readonly Uint8Array[]): string | null {
  const pathEnd = base.search(/[?#]|$/)
  const lastSlash = base.lastIndexOf('/', pathEnd)
  if (!base.startsWith('announce', lastSlash + 1)) return null
  const scrape = `${base.slice(0, lastSlash + 1)}scrape${base.slice(lastSlash + 1 + 'announce'.length)}`
  return withParameters(
    scrape,
    infoHashes.map(hash => `info_hash=${escapeBytes(hash)}`),
  )
}

/**
 * Reads the answer to an announce. Throws `TrackerError` `tracker-refused` with the tracker's own words, and
 * `FormatError` `tracker-answer-invalid` for what is no answer.
 */
export function decodeAnnounceResponse(bytes: Uint8Array): AnnounceResponse {
  const answer = readAnswer(bytes)
  return {
    intervalSeconds: seconds(answer, 'interval'),
    minIntervalSeconds: seconds(answer, 'min interval'),
    complete: count(answer, 'complete'),
    incomplete: count(answer, 'incomplete'),
    downloaded: count(answer, 'downloaded'),
    peers: readPeers(answer),
    warning: shortText(answer, 'warning message'),
    externalHost: readExternalHost(answer),
    trackerId: readTrackerId(answer),
  }
}

/** Reads the answer to a scrape. Throws as `decodeAnnounceResponse` does; entries that make no sense are left out. */
export function decodeScrapeResponse(bytes: Uint8Array): ScrapeEntry[] {
  const files = asDict(readAnswer(bytes).get('files'))
  if (files === null) throw invalid('it has no list of torrents')
  const entries: ScrapeEntry[] = []
  for (const [key, value] of files.entries()) {
    if (entries.length === TRACKER_LIMITS.scrapeHashes) break
    const entry = asDict(value)
    if (key.length !== 20 || entry === null) continue
    entries.push({
      infoHash: latin1Bytes(key),
      complete: count(entry, 'complete') ?? 0,
      incomplete: count(entry, 'incomplete') ?? 0,
      downloaded: count(entry, 'downloaded') ?? 0,
      downloaders: count(entry, 'downloaders'),
    })
  }
  return entries
}

function withParameters(base: string, parameters: readonly string[]): string {
  const hash = base.indexOf('#')
  const url = hash < 0 ? base : base.slice(0, hash)
  const joint = !url.includes('?') ? '?' : url.endsWith('?') || url.endsWith('&') ? '' : '&'
  return url + joint + parameters.join('&')
}

/** RFC 3986: what is not unreserved is escaped. */
const ESCAPED = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  return /[A-Za-z0-9._~-]/.test(character)
    ? character
    : `%${byte.toString(16).padStart(2, '0').toUpperCase()}`
})

function escapeBytes(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += ESCAPED[byte]
  return text
}

function readAnswer(bytes: Uint8Array): BencodeDict {
  let value: Bencode
  try {
    value = decodeBencode(bytes, { depth: TRACKER_LIMITS.answerDepth, tokens: TRACKER_LIMITS.answerTokens })
  } catch (cause) {
    throw invalid(looksLikeMarkup(bytes) ? 'it is a web page' : 'it is not bencoded', cause)
  }
  const answer = asDict(value)
  if (answer === null) throw invalid('it is not a dictionary')
  const failure = shortText(answer, 'failure reason')
  if (failure === null) return answer
  throw new TrackerError('tracker-refused', `the tracker refuses: ${failure}`, {
    wireText: failure,
    retryInSeconds: readRetryIn(answer),
  })
}

/** BEP 31: minutes, or `never`; its own examples write the minutes as a string. */
function readRetryIn(answer: BencodeDict): number | null {
  const value = answer.get('retry in')
  const text = asText(value)
  if (text === 'never') return Number.POSITIVE_INFINITY
  const minutes = text !== null && /^[0-9]{1,9}$/.test(text) ? Number(text) : asInteger(value)
  return minutes === null || minutes < 0 ? null : minutes * 60
}

function seconds(answer: BencodeDict, key: string): number | null {
  const value = asInteger(answer.get(key))
  return value === null || value < 0 ? null : Math.min(value, TRACKER_LIMITS.longestIntervalSeconds)
}

function count(answer: BencodeDict, key: string): number | null {
  const value = asInteger(answer.get(key))
  return value === null || value < 0 ? null : value
}

function shortText(answer: BencodeDict, key: string): string | null {
  const bytes = asBytes(answer.get(key))
  return bytes === null ? null : wireText(bytes)
}

function readExternalHost(answer: BencodeDict): string | null {
  const bytes = asBytes(answer.get('external ip'))
  return bytes !== null && (bytes.length === 4 || bytes.length === 16) ? hostFromBytes(bytes) : null
}

function readTrackerId(answer: BencodeDict): string | null {
  const bytes = asBytes(answer.get('tracker id'))
  return bytes !== null && bytes.length <= TRACKER_LIMITS.trackerIdLength ? latin1Text(bytes) : null
}

/** Bounded by `answerPeers`. */
function readPeers(answer: BencodeDict): TrackerPeer[] {
  const peers: TrackerPeer[] = []
  for (const [key, family] of [
    ['peers', 4],
    ['peers6', 6],
  ] as const) {
    const value = answer.get(key)
    const packed = asBytes(value)
    if (packed !== null) readPackedPeers(packed, family, peers)
    else for (const item of asList(value) ?? []) readPeer(asDict(item), peers)
  }
  return peers
}

function readPackedPeers(packed: Uint8Array, family: Family, peers: TrackerPeer[]): void {
  const length = family === 4 ? 6 : 18
  if (packed.length % length !== 0) throw invalid(`its peers are not whole addresses of ${length} bytes`)
  for (let at = 0; at < packed.length && peers.length < TRACKER_LIMITS.answerPeers; at += length) {
    const peer = decodeCompact(packed, at, family)
    if (peer.port !== 0) peers.push({ address: peer })
  }
}

/** BEP 3 allows a name as `ip`; nobody writes one, and a stranger's names are not looked up. */
function readPeer(peer: BencodeDict | null, peers: TrackerPeer[]): void {
  if (peer === null || peers.length >= TRACKER_LIMITS.answerPeers) return
  const host = asText(peer.get('ip'))
  const port = asInteger(peer.get('port'))
  if (host === null || !isHost(host) || port === null || port < 1 || port > 65535) return
  const peerId = asBytes(peer.get('peer id'))
  const at = address(host, port)
  peers.push(peerId?.length === 20 ? { address: at, peerId } : { address: at })
}

function looksLikeMarkup(bytes: Uint8Array): boolean {
  return /^\s*</.test(latin1Text(bytes.subarray(0, 16)))
}

function invalid(what: string, cause?: unknown): FormatError {
  return new FormatError('tracker-answer-invalid', `the tracker's answer cannot be read: ${what}`, { cause })
}
