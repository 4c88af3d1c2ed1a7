import { formatHex, NO_BYTES, parseHex } from '../core/bytes.ts'
import { FormatError } from '../core/errors.ts'
import { type MagnetPlaces, magnetParameters, placeParameters, readPlaces } from './magnet-parameters.ts'

/**
 * A magnet link that names no torrent, but who publishes it (BEP 46): the DHT says under the key which torrent it is at
 * present. Where peers may be is said as in other links.
 */
export interface PublisherMagnet extends MagnetPlaces {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** Tells apart what one publisher has; 0 to 64 bytes. */
  readonly salt: Uint8Array
}

const KEY_TOPIC = /^urn:btpk:(.*)$/is
/** BEP 44. */
const LONGEST_SALT = 64

/** Throws `FormatError` `magnet-invalid` or `magnet-key-invalid`. */
export function parsePublisherMagnet(text: string): PublisherMagnet {
  const values = magnetParameters(text)
  const keys = values('xs').flatMap(topic => KEY_TOPIC.exec(topic)?.[1] ?? [])
  const [key = '', ...others] = new Set(keys.map(each => each.toLowerCase()))
  if (others.length > 0 || !/^[0-9a-f]{64}$/.test(key)) {
    throw new FormatError(
      'magnet-key-invalid',
      'the magnet link does not name one publisher: xs=urn:btpk: and 64 hex digits are needed',
    )
  }
  const [salt = ''] = values('s')
  if (!/^([0-9a-f]{2})*$/i.test(salt) || salt.length > 2 * LONGEST_SALT) {
    throw new FormatError(
      'magnet-key-invalid',
      `the salt of the magnet link is not of at most ${LONGEST_SALT} bytes in hex digits`,
    )
  }
  return {
    publicKey: parseHex(key),
    salt: salt === '' ? NO_BYTES : parseHex(salt),
    ...readPlaces(values),
  }
}

export function formatPublisherMagnet(
  magnet: Partial<PublisherMagnet> & Pick<PublisherMagnet, 'publicKey'>,
): string {
  const { publicKey, salt } = magnet
  const parts = [`xs=urn:btpk:${formatHex(publicKey)}`]
  if (salt && salt.length > 0) parts.push(`s=${formatHex(salt)}`)
  return `magnet:?${[...parts, ...placeParameters(magnet)].join('&')}`
}
