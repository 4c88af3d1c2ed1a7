import { constants } from 'node:os'
import { StorageError } from '../core/errors.ts'

/** Errors that libuv has no name for (those of quotas, and of network disks), by what Node calls them instead. */
const UNNAMED: ReadonlyMap<string, string> = new Map(
  (['EDQUOT', 'ESTALE'] as const).map(name => [`Unknown system error -${constants.errno[name]}`, name]),
)

/** A `StorageError` on its way between two threads. */
export interface PortableFault {
  readonly code: string
  readonly message: string
  readonly path: string | null
  readonly systemCode: string | null
}

/** The `StorageError` for whatever a file call threw. A `StorageError` stays as it is. */
export function diskFault(thrown: unknown, path: string): StorageError {
  if (thrown instanceof StorageError) return thrown
  const systemCode = systemCodeOf(thrown)
  const at = { path, cause: thrown, ...(systemCode !== null && { systemCode }) }
  switch (systemCode) {
    case 'ENOENT':
      return new StorageError('file-missing', `${path} is not there: it was moved or deleted`, at)
    case 'ENOSPC':
    case 'EDQUOT':
      return new StorageError(
        'storage-full',
        `no room for ${path}: free some space on its disk (or quota)`,
        at,
      )
    case 'EROFS':
      return new StorageError('storage-read-only', `${path} is on a disk that is mounted read-only`, at)
    case 'EACCES':
    case 'EPERM':
      return new StorageError('storage-denied', `no permission to use ${path}: check who owns it`, at)
    case 'EMFILE':
    case 'ENFILE':
      return new StorageError(
        'storage-too-many-open-files',
        `${path} cannot be opened: too many files are open; raise the limit (ulimit -n)`,
        at,
      )
    case 'EIO':
    case 'ENXIO':
    case 'ENODEV':
    case 'ESTALE':
      return new StorageError('storage-io-failed', `the disk reports an error (${systemCode}) at ${path}`, at)
    case 'EFBIG':
      return new StorageError(
        'file-too-large',
        `${path} would be larger than its disk (or ulimit -f) allows`,
        at,
      )
    case 'ENAMETOOLONG':
      return new StorageError('file-name-too-long', `${path} has a name that is too long for its disk`, at)
    case 'ELOOP':
      return linkFault(path)
    case 'EISDIR':
    case 'ENOTDIR':
      return notRegularFault(path)
    default:
      return new StorageError('storage-failed', `${path} cannot be used: ${String(thrown)}`, at)
  }
}

export function linkFault(path: string): StorageError {
  return new StorageError(
    'file-is-link',
    `${path} is a symbolic link; links below the folder are not followed`,
    {
      path,
    },
  )
}

export function notRegularFault(path: string): StorageError {
  return new StorageError(
    'file-not-regular',
    `${path} is in the way: a folder or a device where a file should be, or a file where a folder should be`,
    { path },
  )
}

export function packFault(error: StorageError): PortableFault {
  return { code: error.code, message: error.message, path: error.path, systemCode: error.systemCode }
}

export function unpackFault({ code, message, path, systemCode }: PortableFault): StorageError {
  return new StorageError(code, message, {
    ...(path !== null && { path }),
    ...(systemCode !== null && { systemCode }),
  })
}

/** `ENOSPC` and its like; null where what was thrown has none. */
function systemCodeOf(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return null
  if (typeof thrown.code !== 'string') return null
  return UNNAMED.get(thrown.code) ?? thrown.code
}
