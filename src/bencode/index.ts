/** Bencode: the encoding of torrent files, tracker answers and DHT packets (BEP 3). */

export { asBytes, asDict, asInteger, asList, asText, type Bencode, BencodeDict } from './bencode.ts'
export {
  type Decoded,
  type DecodeOptions,
  decodeBencode,
  decodeBencodePrefix,
  decodeBencodeWhole,
  type Oddity,
} from './decode.ts'
export { type Encodable, encodeBencode, RawBencode } from './encode.ts'
export { BENCODE_LIMITS } from './limits.ts'
