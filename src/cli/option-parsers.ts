/** From the text of a flag to its value. Each throws `UsageError`s that name the flag; commander does the rest. */

import { Option } from 'commander'
import { type Address, isHost, parseAddress } from '../core/address.ts'
import { BitTorrentError, UsageError } from '../core/errors.ts'
import { parseLength, parseRate } from '../core/quantities.ts'
import { METAINFO_LIMITS } from '../metainfo/limits.ts'
import { isPieceLength } from '../metainfo/plan-torrent.ts'

/** `--flag VALUE` with a reader of its own. */
export function valueOption<T>(flags: string, description: string, read: (text: string) => T): Option {
  const option = new Option(flags, description)
  return option.argParser((text: string) => named(option, () => read(text)))
}

/** `--flag VALUE` that may be given several times; the values in their order. */
export function listOption<T>(flags: string, description: string, read: (text: string) => T): Option {
  const option = new Option(flags, description)
  return option.argParser((text: string, before: T[] | undefined) => [
    ...(before ?? []),
    named(option, () => read(text)),
  ])
}

export function readText(text: string): string {
  return text
}

export function readRate(text: string): number {
  return parseRate(text)
}

export function readRatio(text: string): number {
  if (/^\d{1,6}(\.\d{1,6})?$/.test(text)) return Number(text)
  throw new UsageError('ratio-invalid', `"${text.slice(0, 80)}" is not a ratio: a number such as 1 or 2.5`)
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** In seconds. */
export function readDuration(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)([smhd]?)$/.exec(text)
  if (match) return Number(match[1]) * SECONDS[match[2] || 's']!
  throw new UsageError(
    'duration-invalid',
    `"${text.slice(0, 80)}" is not a time: seconds, or a number with s, m, h or d behind it, such as 30m`,
  )
}

export function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text)
  throw new UsageError('port-invalid', `"${text.slice(0, 80)}" is not a port: 0 (any that is free) to 65535`)
}

/** An IP address of this machine, as `--bind` takes it. */
export function readHost(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, '$1')
  if (isHost(host)) return parseAddress(host, 0).host
  throw new UsageError(
    'address-invalid',
    `"${text.slice(0, 80)}" is not an IP address such as 192.0.2.1 or ::`,
  )
}

/** See `isPieceLength`. */
export function readPieceLength(text: string): number {
  const length = parseLength(text)
  if (isPieceLength(length)) return length
  throw new UsageError(
    'piece-length-invalid',
    `"${text}" is not a piece length: a power of two from 16K to ${METAINFO_LIMITS.pieceLength / 2 ** 20}M, such as 256K, 1M or 4MiB`,
  )
}

/** `http:` and `https:`, and whatever `more` allows. */
export function readUrl(text: string, more: readonly string[] = []): string {
  const url = URL.parse(text)
  if (url && ['http:', 'https:', ...more].includes(url.protocol)) return text
  throw new UsageError('url-invalid', `"${text.slice(0, 200)}" is not a URL such as http://host.example/path`)
}

/** Trackers of kinds that cannot be asked yet may still be written into a torrent. */
export function readTrackerUrl(text: string): string {
  return readUrl(text, ['udp:', 'ws:', 'wss:'])
}

/** `HOST:PORT` of a peer; the host may be a name, which is looked up later. */
export interface PeerPlace {
  readonly host: string
  readonly port: number
}

export function readPeer(text: string): PeerPlace {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/[\]]{1,253})):(\d{1,5})$/i.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host !== undefined && port >= 1 && port <= 65535) return { host, port }
  throw new UsageError(
    'peer-invalid',
    `"${text.slice(0, 80)}" is not a peer: HOST:PORT is needed, such as 192.0.2.1:6881 or [2001:db8::1]:6881`,
  )
}

/** An address under which others reach this machine; a port is not needed. */
export function readExternalAddress(text: string): Address {
  return parseAddress(text, 0)
}

function named<T>(option: Option, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof BitTorrentError)) throw error
    throw new UsageError(error.code, `${option.long ?? option.flags}: ${error.message}`, { cause: error })
  }
}
