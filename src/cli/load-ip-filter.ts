/** `--ip-filter FILE`: lists of addresses, plain or gzipped, as one filter. */

import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { StorageError } from '../core/errors.ts'
import type { IpFilter } from '../ip-filter/ip-filter.ts'
import { IpFilterReader } from '../ip-filter/ip-filter-reader.ts'
import { IP_FILTER_LIMITS } from '../ip-filter/limits.ts'
import { type CommandContext, pathOf } from './command-context.ts'

const inflate = promisify(gunzip)

/**
 * Lines that cannot be read are told of, and cost nothing else. Rejects with
 * `StorageError` `ip-filter-unreadable`: what is to be blocked must not come in because its list could not be read.
 */
export async function loadIpFilter(paths: readonly string[], context: CommandContext): Promise<IpFilter> {
  const reader = new IpFilterReader()
  for (const given of paths) {
    const path = pathOf(context, given)
    const { ranges, badLines, firstBadLine } = reader.read(await readList(path))
    if (ranges === 0 && badLines > 0)
      throw unreadable(path, `${path} is no list of IP addresses: not one of its lines can be read`)
    if (badLines > 0)
      context.output.warn(
        `${badLines} of the lines of ${path} cannot be read and block nothing; the first is line ${firstBadLine}`,
      )
  }
  const filter = reader.filter()
  context.output.say(`${filter.size} ranges of addresses are blocked.`)
  return filter
}

async function readList(path: string): Promise<Uint8Array> {
  const { listLength } = IP_FILTER_LIMITS
  let bytes: Uint8Array
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    if (size > listLength) throw tooLong(path)
    bytes = await file.readFile()
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
    return await inflate(bytes, { maxOutputLength: listLength })
  } catch (error) {
    if (error instanceof StorageError) throw error
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLong(path)
    const why = code.startsWith('Z_') ? 'it is no whole gzip file' : `the system says ${code}`
    throw unreadable(path, `the IP filter ${path} cannot be read: ${why}`, error)
  }
}

function tooLong(path: string): StorageError {
  return unreadable(path, `the IP filter ${path} is longer than ${IP_FILTER_LIMITS.listLength} bytes`)
}

function unreadable(path: string, message: string, cause?: unknown): StorageError {
  return new StorageError('ip-filter-unreadable', message, { path, cause })
}
