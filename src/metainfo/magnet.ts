import { equalBytes, formatHex, parseHex } from '../core/bytes.ts'
import { FormatError } from '../core/errors.ts'
import type { InfoHashes } from '../core/ids.ts'
import { decodeBase32 } from './base32.ts'
import { type MagnetPlaces, magnetParameters, placeParameters, readPlaces } from './magnet-parameters.ts'
import { formatSelection, parseSelection, type SelectRange } from './select-only.ts'

/** A magnet link (BEP 9, 52, 53): what is needed to find peers and to fetch the metadata from them. */
export interface Magnet extends MagnetPlaces {
  readonly hashes: InfoHashes
  /** `so`: indices of files (pads counted); null where nothing is said. */
  readonly selectOnly: readonly SelectRange[] | null
}

/** Multihash (BEP 52): SHA-256, 32 bytes. */
const SHA256_MULTIHASH = '1220'

/**
 * Reads a magnet link. Parameters that are not known are passed over; trackers, web seeds and peers that cannot be used
 * are left out with a warning; the info-hashes must be right.
 * Throws `FormatError` `magnet-invalid`, `magnet-hash-missing`, `magnet-hash-invalid` or `magnet-hashes-differ`.
 */
export function parseMagnet(text: string): Magnet {
  const values = magnetParameters(text)
  return {
    hashes: readHashes(values('xt'), values('xs')),
    ...readPlaces(values),
    selectOnly: parseSelection(values('so')),
  }
}

/** Writes a magnet link; of a hybrid with both hashes. */
export function formatMagnet(magnet: Partial<Magnet> & Pick<Magnet, 'hashes'>): string {
  const { v1, v2 } = magnet.hashes
  const parts: string[] = []
  if (v1) parts.push(`xt=urn:btih:${formatHex(v1)}`)
  if (v2) parts.push(`xt=urn:btmh:${SHA256_MULTIHASH}${formatHex(v2)}`)
  parts.push(...placeParameters(magnet))
  if (magnet.selectOnly) parts.push(`so=${formatSelection(magnet.selectOnly)}`)
  return `magnet:?${parts.join('&')}`
}

function readHashes(topics: readonly string[], sources: readonly string[]): InfoHashes {
  let v1: Uint8Array | undefined
  let v2: Uint8Array | undefined
  for (const topic of topics) {
    const [, kind, text = ''] = /^urn:(btih|btmh):(.*)$/is.exec(topic) ?? []
    if (kind?.toLowerCase() === 'btih') v1 = agree(v1, readV1Hash(text))
    if (kind?.toLowerCase() === 'btmh') v2 = agree(v2, readV2Hash(text))
  }
  if (!v1 && !v2) {
    throw new FormatError(
      'magnet-hash-missing',
      sources.some(source => /^urn:btpk:/i.test(source))
        ? 'the magnet link names a publisher and no torrent: `shoal follow` gets what he has'
        : 'the magnet link names no torrent: it has no xt=urn:btih or urn:btmh',
    )
  }
  return { ...(v1 && { v1 }), ...(v2 && { v2 }) }
}

/** 40 digits of hex, or 32 of base32 as old links have it. */
function readV1Hash(text: string): Uint8Array {
  if (/^[0-9a-f]{40}$/i.test(text)) return parseHex(text)
  const bytes = text.length === 32 ? decodeBase32(text) : null
  if (bytes === null) {
    throw new FormatError(
      'magnet-hash-invalid',
      `"${text.slice(0, 80)}" is not a v1 info-hash: 40 hex or 32 base32 digits`,
    )
  }
  return bytes
}

function readV2Hash(text: string): Uint8Array {
  if (!/^1220[0-9a-f]{64}$/i.test(text)) {
    throw new FormatError(
      'magnet-hash-invalid',
      `"${text.slice(0, 80)}" is not a v2 info-hash: 1220 and 64 hex digits`,
    )
  }
  return parseHex(text.slice(SHA256_MULTIHASH.length))
}

function agree(known: Uint8Array | undefined, read: Uint8Array): Uint8Array {
  if (known && !equalBytes(known, read)) {
    throw new FormatError('magnet-hashes-differ', 'the magnet link names two different torrents')
  }
  return read
}
