/** How long each message may be, checked on its first five bytes, before anything is buffered. */

import { ProtocolError } from '../core/errors.ts'
import { HASH_REQUEST_LENGTH } from './hash-request.ts'
import { WIRE_LIMITS } from './limits.ts'
import { MESSAGE_ID } from './messages.ts'

const FIXED_SIZE: ReadonlyMap<number, number> = new Map([
  [MESSAGE_ID.CHOKE, 1],
  [MESSAGE_ID.UNCHOKE, 1],
  [MESSAGE_ID.INTERESTED, 1],
  [MESSAGE_ID.NOT_INTERESTED, 1],
  [MESSAGE_ID.HAVE, 5],
  [MESSAGE_ID.REQUEST, 13],
  [MESSAGE_ID.CANCEL, 13],
  [MESSAGE_ID.PORT, 3],
  [MESSAGE_ID.SUGGEST, 5],
  [MESSAGE_ID.HAVE_ALL, 1],
  [MESSAGE_ID.HAVE_NONE, 1],
  [MESSAGE_ID.REJECT, 13],
  [MESSAGE_ID.ALLOWED_FAST, 5],
  [MESSAGE_ID.HASH_REQUEST, 1 + HASH_REQUEST_LENGTH],
  [MESSAGE_ID.HASH_REJECT, 1 + HASH_REQUEST_LENGTH],
] as [number, number][])

/** Indexed by id; 0 where the size is not fixed or the id not known. */
const FIXED_SIZES = Uint8Array.from({ length: 256 }, (_, id) => FIXED_SIZE.get(id) ?? 0)

/** Id, piece and begin. */
const PIECE_HEAD = 9

/**
 * Throws where a message of this id may not have this length (its prefix: id and payload).
 * `bitfieldLength` is the payload that a BITFIELD must have, -1 while that is not known.
 */
export function checkMessageSize(id: number, length: number, bitfieldLength: number): void {
  const fixed = FIXED_SIZES[id]!
  if (fixed !== 0) {
    if (length !== fixed) throw fixedSizeError(id, length, fixed)
    return
  }
  switch (id) {
    case MESSAGE_ID.PIECE:
      return checkPiece(length)
    case MESSAGE_ID.BITFIELD:
      return checkBitfield(length - 1, bitfieldLength)
    case MESSAGE_ID.EXTENDED:
      return checkExtended(length)
    case MESSAGE_ID.HASHES:
      return checkHashes(length)
    default:
      if (length > WIRE_LIMITS.messageLength) {
        throw new ProtocolError('message-too-long', `a message of ${length} bytes was announced`)
      }
      if (length > WIRE_LIMITS.unknownMessageLength) {
        throw new ProtocolError(
          'unknown-message-too-long',
          `message ${id} is not known and has ${length} bytes`,
        )
      }
  }
}

function checkPiece(length: number): void {
  if (length < PIECE_HEAD)
    throw new ProtocolError('piece-size', `PIECE has ${length} bytes, its head needs 9`)
  if (length === PIECE_HEAD) throw new ProtocolError('piece-empty', 'PIECE carries no bytes')
  if (length > PIECE_HEAD + WIRE_LIMITS.blockLength) {
    throw new ProtocolError(
      'piece-too-long',
      `PIECE carries ${length - PIECE_HEAD} bytes, we ask for at most 16 KiB`,
    )
  }
}

function checkBitfield(payload: number, expected: number): void {
  const longest = expected >= 0 ? expected : WIRE_LIMITS.unknownPieceCount / 8
  if (payload > longest || (expected >= 0 && payload < expected)) {
    throw bitfieldSizeError(payload, longest)
  }
}

/** Also for a bitfield that came before the size of the torrent was known. */
export function bitfieldSizeError(length: number, expected: number): ProtocolError {
  return new ProtocolError('bitfield-size', `BITFIELD has ${length} bytes where ${expected} are right`)
}

function checkExtended(length: number): void {
  if (length < 2) throw new ProtocolError('extended-size', 'an extended message has no id of its own')
  if (length > WIRE_LIMITS.extendedLength) {
    throw new ProtocolError('extended-too-long', `an extended message of ${length} bytes was announced`)
  }
}

function checkHashes(length: number): void {
  const hashes = length - 1 - HASH_REQUEST_LENGTH
  if (hashes < 0 || hashes % 32 !== 0 || hashes > 32 * WIRE_LIMITS.hashesInMessage) {
    throw hashesSizeError(length)
  }
}

/** Also where the number of hashes is not the one that their request implies. */
export function hashesSizeError(length: number): ProtocolError {
  return new ProtocolError('hashes-size', `HASHES has ${length} bytes, which does not fit what it names`)
}

function fixedSizeError(id: number, length: number, right: number): ProtocolError {
  const told = `has ${length} bytes where ${right} are right`
  switch (id) {
    case MESSAGE_ID.CHOKE:
      return new ProtocolError('choke-size', `CHOKE ${told}`)
    case MESSAGE_ID.UNCHOKE:
      return new ProtocolError('unchoke-size', `UNCHOKE ${told}`)
    case MESSAGE_ID.INTERESTED:
      return new ProtocolError('interested-size', `INTERESTED ${told}`)
    case MESSAGE_ID.NOT_INTERESTED:
      return new ProtocolError('not-interested-size', `NOT INTERESTED ${told}`)
    case MESSAGE_ID.HAVE:
      return new ProtocolError('have-size', `HAVE ${told}`)
    case MESSAGE_ID.REQUEST:
      return new ProtocolError('request-size', `REQUEST ${told}`)
    case MESSAGE_ID.CANCEL:
      return new ProtocolError('cancel-size', `CANCEL ${told}`)
    case MESSAGE_ID.PORT:
      return new ProtocolError('port-size', `PORT ${told}`)
    case MESSAGE_ID.SUGGEST:
      return new ProtocolError('suggest-size', `SUGGEST ${told}`)
    case MESSAGE_ID.HAVE_ALL:
      return new ProtocolError('have-all-size', `HAVE ALL ${told}`)
    case MESSAGE_ID.HAVE_NONE:
      return new ProtocolError('have-none-size', `HAVE NONE ${told}`)
    case MESSAGE_ID.REJECT:
      return new ProtocolError('reject-size', `REJECT ${told}`)
    case MESSAGE_ID.ALLOWED_FAST:
      return new ProtocolError('allowed-fast-size', `ALLOWED FAST ${told}`)
    case MESSAGE_ID.HASH_REQUEST:
      return new ProtocolError('hash-request-size', `HASH REQUEST ${told}`)
    default:
      return new ProtocolError('hash-reject-size', `HASH REJECT ${told}`)
  }
}
