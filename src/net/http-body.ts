import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { concatBytes } from '../core/bytes.ts'
import { ProtocolError } from '../core/errors.ts'
import { requestFailed } from './http-request.ts'
import { redactUrl } from './redact-url.ts'

const gunzipBytes = promisify(gunzip)

interface BodyOptions {
  readonly url: URL
  /** Of the body as it comes, and of what it unpacks to. */
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/**
 * Reads the body of an answer, unpacked. Rejects with `ProtocolError` `response-too-large` as soon as that is known,
 * `response-invalid` or `fetch-failed`, or with the signal's reason.
 */
export async function readHttpBody(response: IncomingMessage, options: BodyOptions): Promise<Uint8Array> {
  const { signal, url } = options
  const abort = () => response.destroy()
  signal.addEventListener('abort', abort, { once: true })
  try {
    const packed = await collect(response, options)
    return await unpack(packed, response.headers['content-encoding'], options)
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof ProtocolError ? error : requestFailed(url, error as NodeJS.ErrnoException)
  } finally {
    signal.removeEventListener('abort', abort)
    response.destroy()
  }
}

async function collect(response: IncomingMessage, options: BodyOptions): Promise<Uint8Array> {
  const { maxBytes, signal } = options
  signal.throwIfAborted()
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(options)
  const chunks: Uint8Array[] = [] // bounded by `maxBytes`
  let length = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge(options)
    chunks.push(chunk)
  }
  return concatBytes(chunks)
}

async function unpack(
  bytes: Uint8Array,
  encoding: string | undefined,
  options: BodyOptions,
): Promise<Uint8Array> {
  switch (encoding?.trim().toLowerCase() ?? 'identity') {
    case '':
    case 'identity':
      return bytes
    case 'gzip':
    case 'x-gzip':
      return bytes.length === 0 ? bytes : await unzip(bytes, options)
    default:
      throw invalid(options, 'it is packed in a way that was not asked for')
  }
}

async function unzip(bytes: Uint8Array, options: BodyOptions): Promise<Uint8Array> {
  try {
    const plain = await gunzipBytes(bytes, { maxOutputLength: options.maxBytes })
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(options)
    throw invalid(options, 'it does not unpack', error)
  }
}

function tooLarge({ url, maxBytes }: BodyOptions): ProtocolError {
  const where = redactUrl(url.href)
  return new ProtocolError('response-too-large', `${where} answers with more than ${maxBytes} bytes`)
}

function invalid({ url }: BodyOptions, why: string, cause?: unknown): ProtocolError {
  return new ProtocolError('response-invalid', `the answer of ${redactUrl(url.href)} is of no use: ${why}`, {
    cause,
  })
}
