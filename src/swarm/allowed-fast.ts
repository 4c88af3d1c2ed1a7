import { hostBytes } from '../core/address.ts'
import { concatBytes, readU32 } from '../core/bytes.ts'
import type { Digest } from '../core/ports.ts'

/** The set is made of hashes of 20 bytes: five pieces each, and some of them twice. */
const HASHES = 100

/**
 * The canonical allowed-fast set of a peer (BEP 6): the first `count` pieces, all of them where there are no more. Everybody
 * comes to the same set for the same peer, and so does everybody in its /24: who has many addresses, or asks many peers,
 * gets no other pieces. Empty for IPv6, which BEP 6 says nothing of.
 */
export function allowedFastSet(options: {
  count: number
  pieceCount: number
  /** 20 bytes. */
  infoHash: Uint8Array
  /** The peer's. */
  host: string
  digest: Pick<Digest, 'sha1'>
}): Set<number> {
  const { pieceCount, digest } = options
  const pieces = new Set<number>()
  const host = hostBytes(options.host)
  if (host.length !== 4) return pieces
  const count = Math.min(options.count, pieceCount)
  let hash = concatBytes([host.subarray(0, 3), Uint8Array.of(0), options.infoHash])
  for (let hashes = 0; hashes < HASHES && pieces.size < count; hashes++) {
    hash = digest.sha1(hash)
    for (let at = 0; at < 20 && pieces.size < count; at += 4) pieces.add(readU32(hash, at) % pieceCount)
  }
  return pieces
}
