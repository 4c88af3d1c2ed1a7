/** The one kind of HTTP request that the front door reads itself. */

import { DOOR_LIMITS } from './limits.ts'

/** A GET without a body that can mean only one thing. */
export interface PlainGet {
  /** Starts with `/`; not unescaped. */
  readonly path: string
  /** What follows the `?`; not unescaped; empty where there is none. */
  readonly query: string
  /** The connection is kept for the next request. */
  readonly keepsAlive: boolean
  /** HTTP/1.0, where keeping alive must be confirmed. */
  readonly isOld: boolean
}

/** The request line of a GET in origin form; what is outside it (control characters, bytes above 0x7e) is not plain. */
const REQUEST_LINE = /^GET (\/[!-"$->@-~]*)(?:\?([!-"$-~]*))? HTTP\/1\.([01])$/

/** The path of a request line if it begins as that of a plain GET; null where it does not. */
export function pathOf(requestLine: string): string | null {
  return REQUEST_LINE.exec(requestLine)?.[1] ?? null
}

/**
 * Reads the head of a request: all its lines but the empty one at the end, one character a byte. Null for everything
 * that is not plain: a body or the announcement of one, an upgrade, another form of target, a header that is folded,
 * spaced oddly or there twice where once is right. A full HTTP server is the judge of those.
 */
export function parsePlainGet(head: string): PlainGet | null {
  const lines = head.split('\r\n', DOOR_LIMITS.headerLines + 2)
  const match = REQUEST_LINE.exec(lines[0]!)
  if (match === null || lines.length > DOOR_LIMITS.headerLines + 1) return null
  const isOld = match[3] === '0'
  let hosts = 0
  let connection: string | null = null
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i]!
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).toLowerCase()
    if (!HEADER_NAME.test(name) || CONTROL.test(line)) return null
    if (NEVER_PLAIN.has(name)) return null
    if (name === 'host') hosts++
    else if (name === 'content-length' && line.slice(colon + 1).trim() !== '0') return null
    else if (name === 'connection') {
      if (connection !== null) return null
      connection = line
        .slice(colon + 1)
        .trim()
        .toLowerCase()
    }
  }
  if (hosts > 1 || (hosts === 0 && !isOld)) return null
  if (connection !== null && connection !== 'close' && connection !== 'keep-alive') return null
  const keepsAlive = isOld ? connection === 'keep-alive' : connection !== 'close'
  return { path: match[1]!, query: match[2] ?? '', keepsAlive, isOld }
}

/** RFC 9110: a token. */
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/
/** What is neither a tab, nor printable, nor above ASCII: control characters. */
const CONTROL = /[^\t -~\u0080-\u00ff]/
const NEVER_PLAIN: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'expect',
  'upgrade',
  'http2-settings',
  'trailer',
])
