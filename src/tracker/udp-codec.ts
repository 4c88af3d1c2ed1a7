/**
 * A tracker over UDP as its client sees it: the datagrams to send and those to read (BEP 15, 41). All numbers are big
 * endian; what follows behind the fields that are known is not looked at, as BEP 15 has it.
 */

import { decodeCompact, type Family } from '../core/address.ts'
import { concatBytes, readU32, utf8Bytes, writeU16, writeU32 } from '../core/bytes.ts'
import type {
  AnnounceEvent,
  AnnounceRequest,
  AnnounceResponse,
  ScrapeEntry,
  TrackerPeer,
} from './announce.ts'
import { TRACKER_LIMITS } from './limits.ts'
import { wireText } from './wire-text.ts'

const ACTION_CONNECT = 0
const ACTION_ANNOUNCE = 1
const ACTION_SCRAPE = 2
const ACTION_ERROR = 3

/** The protocol's own id, in place of a connection's. */
const PROTOCOL_ID = 0x41727101980n
const EVENTS: Readonly<Record<Exclude<AnnounceEvent, null>, number>> = {
  completed: 1,
  started: 2,
  stopped: 3,
  // BEP 21 has no number for it: it is an announce like any other.
  paused: 0,
}
const ANNOUNCE_LENGTH = 98
const OPTION_URL_DATA = 2
const LONGEST_OPTION = 255

/** Of one swarm. */
export type UdpCounts = Pick<ScrapeEntry, 'complete' | 'incomplete' | 'downloaded'>

/** What a tracker answers to a request, which is known by its transaction id. */
export type UdpTrackerAnswer = { readonly transactionId: number } & (
  | { readonly kind: 'connected'; readonly connectionId: Uint8Array }
  | { readonly kind: 'announced'; readonly response: AnnounceResponse }
  /** In the order in which they were asked for, as far as the answer goes. */
  | { readonly kind: 'scraped'; readonly counts: readonly UdpCounts[] }
  /** `text` is for people. */
  | { readonly kind: 'refused'; readonly text: string }
)

/** Asks for a connection id: the proof that we are where we seem to be. */
export function encodeConnect(transactionId: number): Uint8Array {
  const datagram = new Uint8Array(16)
  new DataView(datagram.buffer).setBigUint64(0, PROTOCOL_ID)
  writeU32(datagram, 8, ACTION_CONNECT)
  writeU32(datagram, 12, transactionId)
  return datagram
}

/**
 * `connectionId`: 8 bytes. `urlData`: path and query of the tracker's URL, for those that tell their users apart by it
 * (BEP 41); empty where there is neither.
 */
export function encodeAnnounce(announce: {
  readonly connectionId: Uint8Array
  readonly transactionId: number
  readonly request: AnnounceRequest
  readonly urlData: string
}): Uint8Array {
  const { request } = announce
  const datagram = new Uint8Array(ANNOUNCE_LENGTH)
  const view = new DataView(datagram.buffer)
  datagram.set(announce.connectionId)
  writeU32(datagram, 8, ACTION_ANNOUNCE)
  writeU32(datagram, 12, announce.transactionId)
  datagram.set(request.infoHash, 16)
  datagram.set(request.peerId, 36)
  view.setBigUint64(56, BigInt(request.downloaded))
  view.setBigUint64(64, BigInt(request.left))
  view.setBigUint64(72, BigInt(request.uploaded))
  writeU32(datagram, 80, request.event === null ? 0 : EVENTS[request.event])
  // At 84: the address that we come from.
  writeU32(datagram, 88, keyOf(request))
  view.setInt32(92, request.numWant)
  writeU16(datagram, 96, request.port)
  return concatBytes([datagram, ...urlOptions(announce.urlData)])
}

/** `infoHashes`: 20 bytes each, no more than `scrapeHashes`. */
export function encodeScrape(scrape: {
  readonly connectionId: Uint8Array
  readonly transactionId: number
  readonly infoHashes: readonly Uint8Array[]
}): Uint8Array {
  const head = new Uint8Array(16)
  head.set(scrape.connectionId)
  writeU32(head, 8, ACTION_SCRAPE)
  writeU32(head, 12, scrape.transactionId)
  return concatBytes([head, ...scrape.infoHashes])
}

/** `family`: of the address that the datagram came from, which tells how the peers are written. Null for what is no answer. */
export function decodeUdpAnswer(datagram: Uint8Array, family: Family): UdpTrackerAnswer | null {
  if (datagram.length < 8) return null
  const transactionId = readU32(datagram, 4)
  switch (readU32(datagram, 0)) {
    case ACTION_CONNECT:
      if (datagram.length < 16) return null
      return { kind: 'connected', transactionId, connectionId: datagram.slice(8, 16) }
    case ACTION_ANNOUNCE:
      if (datagram.length < 20) return null
      return { kind: 'announced', transactionId, response: readResponse(datagram, family) }
    case ACTION_SCRAPE:
      return { kind: 'scraped', transactionId, counts: readCounts(datagram) }
    case ACTION_ERROR:
      return { kind: 'refused', transactionId, text: wireText(datagram.subarray(8)) }
    default:
      return null
  }
}

function readResponse(datagram: Uint8Array, family: Family): AnnounceResponse {
  return {
    intervalSeconds: Math.min(readU32(datagram, 8), TRACKER_LIMITS.longestIntervalSeconds),
    minIntervalSeconds: null,
    incomplete: readU32(datagram, 12),
    complete: readU32(datagram, 16),
    downloaded: null,
    peers: readPeers(datagram, family),
    warning: null,
    externalHost: null,
    trackerId: null,
  }
}

/** Bounded by `scrapeHashes`. */
function readCounts(datagram: Uint8Array): UdpCounts[] {
  const counts: UdpCounts[] = []
  for (let at = 8; at + 12 <= datagram.length && counts.length < TRACKER_LIMITS.scrapeHashes; at += 12) {
    counts.push({
      complete: readU32(datagram, at),
      downloaded: readU32(datagram, at + 4),
      incomplete: readU32(datagram, at + 8),
    })
  }
  return counts
}

/** Bounded by `answerPeers`. A peer that was cut off is left out. */
function readPeers(datagram: Uint8Array, family: Family): TrackerPeer[] {
  const peers: TrackerPeer[] = []
  const length = family === 4 ? 6 : 18
  for (
    let at = 20;
    at + length <= datagram.length && peers.length < TRACKER_LIMITS.answerPeers;
    at += length
  ) {
    const peer = decodeCompact(datagram, at, family)
    if (peer.port !== 0) peers.push({ address: peer })
  }
  return peers
}

/** A number to know us by when our address changes; our keys are hex digits of one. */
function keyOf({ key }: AnnounceRequest): number {
  return key !== null && /^[0-9a-f]{1,8}$/i.test(key) ? Number.parseInt(key, 16) : 0
}

function urlOptions(urlData: string): Uint8Array[] {
  const bytes = utf8Bytes(urlData).subarray(0, TRACKER_LIMITS.urlDataLength)
  const options: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += LONGEST_OPTION) {
    const part = bytes.subarray(at, at + LONGEST_OPTION)
    options.push(Uint8Array.of(OPTION_URL_DATA, part.length), part)
  }
  return options
}
