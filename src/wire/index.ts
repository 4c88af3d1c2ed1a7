/** The peer wire protocol (BEP 3, 6, 9, 10, 20, 21, 52, 54): codecs, and the machine of one connection. */

export {
  decodeExtendedHandshake,
  encodeExtendedHandshake,
  type ExtendedHandshake,
  type ExtendedOffer,
} from './extension.ts'
export {
  decodeFeatures,
  encodeFeatures,
  encodeHandshake,
  type Features,
  HANDSHAKE_LENGTH,
  type Handshake,
  HandshakeReader,
} from './handshake.ts'
export { type HashRequest, hashesLength, isSameHashRequest } from './hash-request.ts'
export { WIRE_LIMITS } from './limits.ts'
export { type Message, MESSAGE_ID } from './messages.ts'
export type { PeerEvent } from './peer-event.ts'
export { clientOf, newPeerId, PEER_ID_LENGTH } from './peer-id.ts'
export { type AcceptOptions, PeerWire, type PeerWireOptions } from './peer-wire.ts'
export {
  decodeMetadataMessage,
  encodeMetadataHead,
  encodeMetadataReject,
  encodeMetadataRequest,
  METADATA_PIECE_LENGTH,
  type MetadataMessage,
} from './ut-metadata.ts'
export { WireDecoder } from './wire-decoder.ts'
export { PIECE_HEADER_LENGTH, WireEncoder, type PeerOutput, writePieceHeader } from './wire-encoder.ts'
