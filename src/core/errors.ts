/**
 * The errors of shoal. Every error has a stable `code` (kebab-case, a row in docs/ERRORS.md) that tests and
 * programs may rely on; the message is for people and says what, where and what to do.
 */

interface BitTorrentErrorOptions {
  readonly cause?: unknown
}

/** The root of all errors that shoal throws on purpose. Anything else that is thrown is a bug. */
export abstract class BitTorrentError extends Error {
  /** Stable name of what went wrong, such as `bencode-too-deep`. */
  readonly code: string

  constructor(code: string, message: string, options: BitTorrentErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.name = new.target.name
  }
}

/** Bytes or text that are not what their format demands. */
export class FormatError extends BitTorrentError {
  /** Where in the input, in bytes from its start, or -1 where no place can be named. */
  readonly offset: number

  constructor(code: string, message: string, options: BitTorrentErrorOptions & { offset?: number } = {}) {
    super(code, message, options)
    this.offset = options.offset ?? -1
  }
}

/** What a breach of protocol by the other side leads to. */
export type Severity = 'ignore' | 'disconnect' | 'ban'

/** The other side broke the protocol, or the connection ended for a reason that has a name. */
export class ProtocolError extends BitTorrentError {
  readonly severity: Severity

  constructor(code: string, message: string, options: BitTorrentErrorOptions & { severity?: Severity } = {}) {
    super(code, message, options)
    this.severity = options.severity ?? 'disconnect'
  }
}

/** A tracker refused or could not be asked; on the tracker's side, a request that is refused. */
export class TrackerError extends BitTorrentError {
  /** The text that may go on the wire as `failure reason`; null where nothing may be told. */
  readonly wireText: string | null
  /** BEP 31: seconds until asking again is welcome; Infinity for never, null where nothing was said. */
  readonly retryInSeconds: number | null

  constructor(
    code: string,
    message: string,
    options: BitTorrentErrorOptions & { wireText?: string | null; retryInSeconds?: number | null } = {},
  ) {
    super(code, message, options)
    this.wireText = options.wireText ?? null
    this.retryInSeconds = options.retryInSeconds ?? null
  }
}

/** The disk, a file or the saved state would not do what was asked. */
export class StorageError extends BitTorrentError {
  /** The file or folder concerned, or null where there is none. */
  readonly path: string | null
  /** The system's own name of the fault (`ENOSPC`, `EACCES`), or null. */
  readonly systemCode: string | null

  constructor(
    code: string,
    message: string,
    options: BitTorrentErrorOptions & { path?: string; systemCode?: string } = {},
  ) {
    super(code, message, options)
    this.path = options.path ?? null
    this.systemCode = options.systemCode ?? null
  }
}

/** The caller (a person at a terminal, a program that embeds shoal) asked for something that cannot be. */
export class UsageError extends BitTorrentError {}
