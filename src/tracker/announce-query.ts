/**
 * What a tracker is asked in a query string (BEP 3, 7, 21, 23, 48). Nothing here throws: a stranger's mistake becomes a
 * failure that can be sent.
 */

import {
  type AnnounceEvent,
  type AnnounceRequest,
  NUM_WANT_DEFAULT,
  type TrackerFailure,
} from './announce.ts'
import { TRACKER_LIMITS } from './limits.ts'

/**
 * Reads the query string of an announce (what follows the `?`, one character a byte).
 *
 * - `info_hash`, `peer_id` and `port` must be there. What else is missing gets the value that promises least: a peer
 *   that does not say what is left is no seed.
 * - A parameter that counts may be there once only; unknown ones are skipped. A `+` is a space, as forms write it.
 */
export function parseAnnounceQuery(query: string): AnnounceRequest | TrackerFailure {
  if (query.length > TRACKER_LIMITS.queryLength) return { failure: 'the request is too long' }
  const draft = new Draft()
  for (let at = 0; at < query.length; ) {
    const end = endOf(query, at)
    const equals = query.indexOf('=', at)
    if (equals >= at && equals < end) {
      const problem = draft.take(query.slice(at, equals), query.slice(equals + 1, end))
      if (problem !== null) return { failure: problem }
    }
    at = end + 1
  }
  return draft.finish()
}

/** Reads the query string of a scrape: its info-hashes, in their order, each once. */
export function parseScrapeQuery(query: string): Uint8Array[] | TrackerFailure {
  if (query.length > TRACKER_LIMITS.queryLength) return { failure: 'the request is too long' }
  const hashes = new Map<string, Uint8Array>()
  for (let at = 0; at < query.length; ) {
    const end = endOf(query, at)
    if (query.startsWith('info_hash=', at)) {
      const hash = percentDecoded(query.slice(at + 'info_hash='.length, end), 20)
      if (hash === null) return { failure: 'info_hash must be 20 bytes' }
      hashes.set(hash.join(), hash)
      if (hashes.size > TRACKER_LIMITS.scrapeHashes) {
        return { failure: `at most ${TRACKER_LIMITS.scrapeHashes} torrents can be scraped at once` }
      }
    }
    at = end + 1
  }
  if (hashes.size === 0)
    return { failure: 'info_hash is missing: this tracker does not list all its torrents' }
  return [...hashes.values()]
}

/** An announce while it is read. Its problems are texts for the one who asked. */
class Draft {
  #infoHash: Uint8Array | null = null
  #peerId: Uint8Array | null = null
  #port = 0
  #uploaded = 0
  #downloaded = 0
  #left = Number.MAX_SAFE_INTEGER
  #event: AnnounceEvent = null
  #numWant = NUM_WANT_DEFAULT
  #key: string | null = null
  #isCompact = true
  #noPeerId = false
  #ip: string | undefined
  #ipv6: string | undefined
  #trackerId: string | undefined
  /** A bit for each parameter that was there. */
  #seen = 0

  /** What is wrong with it, or null. */
  take(name: string, value: string): string | null {
    const bit = 1 << PARAMETERS.indexOf(name)
    if (!PARAMETERS.includes(name)) return null
    if ((this.#seen & bit) !== 0) return `${name} is there twice`
    this.#seen |= bit
    switch (name) {
      case 'info_hash':
        this.#infoHash = percentDecoded(value, 20)
        return this.#infoHash === null ? 'info_hash must be 20 bytes' : null
      case 'peer_id':
        this.#peerId = percentDecoded(value, 20)
        return this.#peerId === null ? 'peer_id must be 20 bytes' : null
      case 'port':
        this.#port = /^[0-9]{1,5}$/.test(value) ? Number(value) : 0
        return this.#port < 1 || this.#port > 65535 ? 'port must be from 1 to 65535' : null
      case 'uploaded':
        this.#uploaded = byteCount(value) ?? -1
        return this.#uploaded < 0 ? 'uploaded must be a number of bytes' : null
      case 'downloaded':
        this.#downloaded = byteCount(value) ?? -1
        return this.#downloaded < 0 ? 'downloaded must be a number of bytes' : null
      case 'left':
        return this.#takeLeft(value)
      case 'numwant':
        // Negative, or nothing that can be read: as many as the tracker likes.
        this.#numWant = byteCount(value) ?? NUM_WANT_DEFAULT
        return null
      default:
        this.#takeText(name, value)
        return null
    }
  }

  finish(): AnnounceRequest | TrackerFailure {
    if (this.#infoHash === null) return { failure: 'info_hash is missing' }
    if (this.#peerId === null) return { failure: 'peer_id is missing' }
    if (this.#port === 0) return { failure: 'port is missing' }
    return {
      infoHash: this.#infoHash,
      peerId: this.#peerId,
      port: this.#port,
      uploaded: this.#uploaded,
      downloaded: this.#downloaded,
      left: this.#left,
      event: this.#event,
      numWant: this.#numWant,
      key: this.#key,
      isCompact: this.#isCompact,
      noPeerId: this.#noPeerId,
      ip: this.#ip,
      ipv6: this.#ipv6,
      trackerId: this.#trackerId,
    }
  }

  /** Some clients say -1 while they do not know yet, as with a magnet link. */
  #takeLeft(value: string): string | null {
    if (value === '-1') return null
    const left = byteCount(value)
    if (left === null) return 'left must be a number of bytes'
    this.#left = left
    return null
  }

  #takeText(name: string, value: string): void {
    if (name === 'event') this.#event = EVENTS.get(value) ?? null
    else if (name === 'compact') this.#isCompact = value !== '0'
    else if (name === 'no_peer_id') this.#noPeerId = value === '1'
    else if (name === 'key') this.#key = shortText(value) ?? null
    else if (name === 'ip') this.#ip = shortText(value)
    else if (name === 'ipv6') this.#ipv6 = shortText(value)
    else this.#trackerId = shortText(value)
  }
}

const PARAMETERS = [
  'info_hash',
  'peer_id',
  'port',
  'uploaded',
  'downloaded',
  'left',
  'event',
  'numwant',
  'compact',
  'no_peer_id',
  'key',
  'ip',
  'ipv6',
  'trackerid',
]

/** Everything else, `empty` among it, is a regular announce. */
const EVENTS: ReadonlyMap<string, AnnounceEvent> = new Map([
  ['started', 'started'],
  ['completed', 'completed'],
  ['stopped', 'stopped'],
  ['paused', 'paused'],
] as const)

function endOf(query: string, at: number): number {
  const end = query.indexOf('&', at)
  return end < 0 ? query.length : end
}

/** Digits only; what a number does not hold exactly (INT64_MAX means "not known") becomes the largest that it does. */
function byteCount(text: string): number | null {
  if (!/^[0-9]{1,20}$/.test(text)) return null
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER)
}

/** Undefined where it is too long or not well escaped: such a text is of no use to us. */
function shortText(value: string): string | undefined {
  const bytes = percentDecoded(value, null)
  return bytes === null || bytes.length === 0 ? undefined : String.fromCharCode(...bytes)
}

/** Null where an escape is broken or the length is another one; `length` null allows any up to the bound on texts. */
function percentDecoded(text: string, length: number | null): Uint8Array | null {
  const limit = length ?? TRACKER_LIMITS.textParameterLength
  const bytes = new Uint8Array(limit)
  let count = 0
  for (let at = 0; at < text.length; at++) {
    if (count === limit) return null
    let byte = text.charCodeAt(at)
    if (byte === PERCENT) {
      byte = (hexValue(text.charCodeAt(at + 1)) << 4) | hexValue(text.charCodeAt(at + 2))
      if (byte < 0) return null
      at += 2
    } else if (byte === PLUS) byte = SPACE
    else if (byte > 0xff) return null
    bytes[count++] = byte
  }
  if (length === null) return bytes.subarray(0, count)
  return count === length ? bytes : null
}

const PERCENT = 0x25
const PLUS = 0x2b
const SPACE = 0x20

/** -1 for anything else, the end of the text (NaN) included. */
function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1
}
