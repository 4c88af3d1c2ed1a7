/** Who is who: torrents, swarms and peers. */

import { equalBytes, formatHex, parseHex } from './bytes.ts'
import { FormatError } from './errors.ts'

/**
 * The info-hashes of one torrent. A hybrid has both and is still one torrent.
 * v1: 20 bytes, SHA-1 (BEP 3); v2: 32 bytes, SHA-256 (BEP 52). At least one is there.
 */
export interface InfoHashes {
  readonly v1?: Uint8Array
  readonly v2?: Uint8Array
}

/** The 20 bytes under which a swarm meets: the v1 hash, or the v2 hash cut to 20 bytes (BEP 52). */
export type SwarmKey = Uint8Array

/** The local name of a torrent: the canonical hex of its info-hashes. See `torrentIdOf`. */
export type TorrentId = string & { readonly __torrentId: true }

/** The swarms a torrent is in: where a v1 hash is there, its swarm comes first. */
export function swarmKeys(hashes: InfoHashes): SwarmKey[] {
  const keys: SwarmKey[] = []
  if (hashes.v1) keys.push(hashes.v1)
  if (hashes.v2) keys.push(hashes.v2.subarray(0, 20))
  return keys
}

/**
 * The one canonical form, which state, API and URLs answer with: 40 hex digits of the v1 hash where there is one
 * (so a hybrid has the form that older programs know), else 64 hex digits of the v2 hash.
 */
export function torrentIdOf(hashes: InfoHashes): TorrentId {
  const canonical = hashes.v1 ?? hashes.v2
  if (!canonical) throw new FormatError('info-hash-missing', 'a torrent needs a v1 or a v2 info-hash')
  return formatHex(canonical) as TorrentId
}

/** Whether both name the same torrent: they share a hash and contradict each other in none. */
export function sameTorrent(a: InfoHashes, b: InfoHashes): boolean {
  if (a.v1 && b.v1 && !equalBytes(a.v1, b.v1)) return false
  if (a.v2 && b.v2 && !equalBytes(a.v2, b.v2)) return false
  return Boolean((a.v1 && b.v1) || (a.v2 && b.v2))
}

/**
 * Reads an info-hash as people and URLs write it: 40 hex digits (v1, or a v2 hash already cut) or 64 (v2).
 * Throws `FormatError` `info-hash-invalid`.
 */
export function parseInfoHash(text: string): Uint8Array {
  if (!/^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$/.test(text)) {
    throw new FormatError(
      'info-hash-invalid',
      `"${text.slice(0, 80)}" is not an info-hash: 40 or 64 hexadecimal digits are needed`,
    )
  }
  return parseHex(text)
}
