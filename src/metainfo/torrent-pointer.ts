/** What a publisher puts into the DHT (BEP 46): which torrent is the present one. */

import { asBytes, asDict, type Bencode } from '../bencode/bencode.ts'
import { encodeBencode } from '../bencode/encode.ts'
import type { InfoHashes } from '../core/ids.ts'

/**
 * The bencoded value: `ih` is the v1 hash, or the v2 hash cut to 20 bytes where there is no other. BEP 46 knows no more;
 * `ih2`, the whole v2 hash, is ours, since nobody could fetch v2 metadata by the first 20 bytes of its hash.
 */
export function encodeTorrentPointer({ v1, v2 }: InfoHashes): Uint8Array {
  return encodeBencode({ ih: v1 ?? v2?.subarray(0, 20), ih2: v2 })
}

/** Null for what points to no torrent. */
export function decodeTorrentPointer(value: Bencode | undefined): InfoHashes | null {
  const pointer = asDict(value)
  const ih = asBytes(pointer?.get('ih'))
  const ih2 = asBytes(pointer?.get('ih2'))
  const v2 = ih2?.length === 32 ? ih2.slice() : undefined
  const isCut = ih?.length === 20 && v2 !== undefined && ih.every((byte, i) => byte === v2[i])
  const v1 = ih?.length === 20 && !isCut ? ih.slice() : undefined
  if (!v1 && !v2) return null
  return { ...(v1 && { v1 }), ...(v2 && { v2 }) }
}
