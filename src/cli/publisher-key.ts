/** The key by which a publisher is known (BEP 46): 32 secret bytes in a file of their owner's, as hex. */

import { randomBytes } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { formatHex, parseHex } from '../core/bytes.ts'
import { StorageError, UsageError } from '../core/errors.ts'

/**
 * Reads the key; makes one where there is no such file. Rejects with `UsageError` `publisher-key-invalid`, and with
 * `StorageError` `publisher-key-unusable` where the system refuses.
 */
export async function loadPublisherKey(path: string): Promise<{ secretKey: Uint8Array; isNew: boolean }> {
  try {
    const text = (await readFile(path, 'latin1')).trim()
    if (/^[0-9a-f]{64}$/i.test(text)) return { secretKey: parseHex(text), isNew: false }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unusable(path, error)
    return { secretKey: await makeKey(path), isNew: true }
  }
  throw new UsageError(
    'publisher-key-invalid',
    `${path} is not a key: 64 hexadecimal digits are needed; name a file that is not there to have one made`,
  )
}

/** Nobody but its owner may read it, and it is on the disk before anything is published with it. */
async function makeKey(path: string): Promise<Uint8Array> {
  const secretKey = new Uint8Array(randomBytes(32))
  try {
    await using file = await open(path, 'wx', 0o600)
    await file.writeFile(`${formatHex(secretKey)}\n`)
    await file.sync()
    return secretKey
  } catch (error) {
    throw unusable(path, error)
  }
}

function unusable(path: string, cause: unknown): StorageError {
  const systemCode = (cause as NodeJS.ErrnoException).code ?? 'unknown'
  return new StorageError(
    'publisher-key-unusable',
    `the key ${path} cannot be read or made: the system says ${systemCode}`,
    { path, systemCode, cause },
  )
}
