import type { Family } from '../core/address.ts'
import { BitTorrentError, FormatError, TrackerError } from '../core/errors.ts'
import type { AnnounceRequest, AnnounceResponse, ScrapeEntry } from '../tracker/announce.ts'
import {
  announceUrl,
  decodeAnnounceResponse,
  decodeScrapeResponse,
  scrapeUrl,
} from '../tracker/http-codec.ts'
import type { Fetch, FetchResponse } from './fetch.ts'
import { NET_LIMITS } from './limits.ts'
import { redactUrl } from './redact-url.ts'

export interface TrackerAsk {
  readonly fetch: Fetch
  readonly signal?: AbortSignal
  /** The address of this machine to announce from (BEP 7: once for each family that is listened on). */
  readonly from?: string
  /** Only the tracker's addresses of this family. */
  readonly family?: Family
  /** True where the user typed this tracker's URL, so that it may lead anywhere. */
  readonly isUserGiven?: boolean
}

/**
 * Announces over HTTP (BEP 3). Rejects with `TrackerError`: `tracker-refused` with the tracker's words,
 * `tracker-unreachable`, `tracker-unsupported` (no http or https URL), `tracker-family-missing` (it has no address of our family), `tracker-http-status`; with
 * `FormatError` `tracker-answer-invalid`; or with the signal's reason.
 */
export async function announce(
  trackerUrl: string,
  request: AnnounceRequest,
  options: TrackerAsk,
): Promise<AnnounceResponse> {
  return await ask(trackerUrl, announceUrl(trackerUrl, request), decodeAnnounceResponse, options)
}

/**
 * Asks for the counts of swarms (BEP 48). Rejects as `announce` does, and with `TrackerError` `tracker-no-scrape` where
 * the tracker's URL leads to none.
 */
export async function scrape(
  trackerUrl: string,
  infoHashes: readonly Uint8Array[],
  options: TrackerAsk,
): Promise<ScrapeEntry[]> {
  const url = scrapeUrl(trackerUrl, infoHashes)
  if (url !== null) return await ask(trackerUrl, url, decodeScrapeResponse, options)
  throw new TrackerError(
    'tracker-no-scrape',
    `the tracker ${redactUrl(trackerUrl)} cannot be asked for counts: the last part of its URL is not "announce"`,
    { retryInSeconds: Number.POSITIVE_INFINITY },
  )
}

async function ask<T>(
  trackerUrl: string,
  url: string,
  decode: (bytes: Uint8Array) => T,
  options: TrackerAsk,
): Promise<T> {
  const response = await get(trackerUrl, url, options)
  if (response.status === 200) return decode(response.bytes)
  try {
    decode(response.bytes) // some trackers put their reason into the body of a 4xx
  } catch (error) {
    if (error instanceof TrackerError) throw error
  }
  const message = `${redactUrl(trackerUrl)} answers with HTTP status ${response.status}`
  throw new TrackerError('tracker-http-status', message, { retryInSeconds: retryAfter(response) })
}

async function get(trackerUrl: string, url: string, options: TrackerAsk): Promise<FetchResponse> {
  const { fetch, signal, from, family, isUserGiven = false } = options
  try {
    return await fetch(url, {
      signal,
      from,
      family,
      allowLocal: isUserGiven || isTrackerPath,
      allowLowPorts: true,
      allowIdna: isUserGiven,
      maxBytes: NET_LIMITS.trackerAnswerBytes,
    })
  } catch (error) {
    if (!(error instanceof BitTorrentError)) throw error
    if (error instanceof FormatError) throw unsupported(trackerUrl, error)
    const code = error.code === 'family-missing' ? 'tracker-family-missing' : 'tracker-unreachable'
    // It begins with the URL, query and all, which says nothing new.
    const reason = error.message.replace(`${redactUrl(url)} cannot be asked: `, '')
    throw new TrackerError(code, `the tracker ${redactUrl(trackerUrl)} cannot be asked: ${reason}`, {
      cause: error,
    })
  }
}

/** Asking again would change nothing. */
function unsupported(trackerUrl: string, cause: FormatError): TrackerError {
  return new TrackerError(
    'tracker-unsupported',
    `the tracker ${redactUrl(trackerUrl)} is not asked: only http, https and udp trackers are, so far`,
    { cause, retryInSeconds: Number.POSITIVE_INFINITY },
  )
}

/**
 * A tracker in the local network is a common thing, and so is a router whose settings change with one GET: only what
 * looks like a tracker's path is asked there when a torrent file says so.
 */
function isTrackerPath(url: URL): boolean {
  const parts = url.pathname.split('/')
  return [parts[1], parts.at(-1)].some(part => /^(announce|scrape)(\.php)?$/.test(part ?? ''))
}

/** RFC 9110; only the form in seconds. */
function retryAfter(response: FetchResponse): number | null {
  const text = response.headers.get('retry-after') ?? ''
  return /^[0-9]{1,7}$/.test(text) ? Number(text) : null
}
