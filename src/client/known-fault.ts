import { BitTorrentError, UsageError } from '../core/errors.ts'

/** What stopped a torrent, as one of our errors: anything else that is thrown is a fault of this program. */
export function knownFault(error: unknown): BitTorrentError {
  if (error instanceof BitTorrentError) return error
  const message = `a fault of this program stopped the torrent: ${String(error)}`
  return new UsageError('internal-fault', message, { cause: error })
}
