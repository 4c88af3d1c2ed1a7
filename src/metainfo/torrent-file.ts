import { asDict, asInteger, asList, asText, type Bencode } from '../bencode/bencode.ts'
import { decodeBencodeWhole } from '../bencode/decode.ts'
import { type Encodable, encodeBencode, RawBencode } from '../bencode/encode.ts'
import { latin1Text, parseHex } from '../core/bytes.ts'
import { FormatError } from '../core/errors.ts'
import type { Digest } from '../core/ports.ts'
import { type Info, type ParseOptions, parseInfo, readInfo } from './info.ts'
import { METAINFO_LIMITS } from './limits.ts'
import { readPieceLayers } from './piece-layers.ts'
import { readTiers, readUrls } from './torrent-urls.ts'
import { type Warning, Warnings } from './warning.ts'

/** A host of the DHT that a torrent names (BEP 5). The host may be a name. */
export interface DhtNode {
  readonly host: string
  readonly port: number
}

/** A torrent file, read and checked. */
export interface TorrentFile {
  readonly info: Info
  /** BEP 12: tiers of tracker URLs, the first tier first. Where there are none, `announce` is the only tier. */
  readonly trackers: readonly (readonly string[])[]
  /** BEP 19: http and https URLs. */
  readonly webSeeds: readonly string[]
  readonly nodes: readonly DhtNode[]
  readonly comment: string | null
  readonly createdBy: string | null
  /** Seconds since 1970. */
  readonly creationDate: number | null
  /** v2: the hashes of the pieces of each file that is larger than a piece, by the hex of its root. Checked. */
  readonly layers: ReadonlyMap<string, Uint8Array>
  /** Of the file and of its info dictionary. */
  readonly warnings: readonly Warning[]
}

/**
 * Reads and checks a torrent file (BEP 3, 5, 12, 19, 27, 47, 52). What concerns the content must be right; what only
 * helps to find peers is left out where it is not, with a warning. Throws `FormatError` with a code for each fault.
 */
export function parseTorrentFile(bytes: Uint8Array, digest: Digest, options: ParseOptions = {}): TorrentFile {
  if (bytes.length > METAINFO_LIMITS.torrentFileLength) {
    throw new FormatError(
      'torrent-file-too-long',
      `a torrent file of ${bytes.length} bytes is too long; ${METAINFO_LIMITS.torrentFileLength} are allowed`,
    )
  }
  const own = new Uint8Array(bytes)
  const { value, oddities } = decodeBencodeWhole(own, options)
  const file = asDict(value)
  if (file === null)
    throw new FormatError('torrent-not-a-dictionary', 'this is not a torrent file: no dictionary')
  const infoBytes = file.rawOf('info')
  const infoDict = asDict(file.get('info'))
  if (infoBytes === null || infoDict === null) {
    throw new FormatError('info-missing', 'the torrent file has no info dictionary')
  }
  // An oddity may be inside or outside of it: reading it alone tells.
  const isPlain = oddities.length === 0
  const info = isPlain ? readInfo(infoDict, infoBytes, digest) : parseInfo(infoBytes, digest, options)
  const warnings = new Warnings()
  return {
    info,
    trackers: readTiers(file, warnings),
    webSeeds: readUrls(
      file.get('url-list'),
      ['http:', 'https:'],
      METAINFO_LIMITS.webSeeds,
      'web-seed',
      warnings,
    ),
    nodes: readNodes(file.get('nodes'), warnings),
    comment: asText(file.get('comment.utf-8')) ?? asText(file.get('comment')),
    createdBy: asText(file.get('created by')),
    creationDate: asInteger(file.get('creation date')),
    layers: readPieceLayers(file.get('piece layers'), info, digest, warnings),
    warnings: [...info.warnings, ...warnings.list()],
  }
}

/** What goes around an info dictionary. */
export interface TorrentFileParts {
  readonly infoBytes: Uint8Array
  readonly trackers?: readonly (readonly string[])[]
  readonly webSeeds?: readonly string[]
  readonly nodes?: readonly DhtNode[]
  readonly comment?: string | null
  readonly createdBy?: string | null
  /** Seconds since 1970. */
  readonly creationDate?: number | null
  readonly layers?: ReadonlyMap<string, Uint8Array>
}

/** What a torrent file was read as, to be written again: a v1 torrent has no piece layers, not even none. */
export function partsOfTorrentFile({ info, layers, ...file }: TorrentFile): TorrentFileParts {
  return { ...file, infoBytes: info.bytes, ...(info.version !== 'v1' && { layers }) }
}

/** Writes a torrent file; the info dictionary is kept byte for byte. */
export function encodeTorrentFile(parts: TorrentFileParts): Uint8Array {
  const tiers = (parts.trackers ?? []).filter(tier => tier.length > 0)
  const first = tiers[0]?.[0]
  const isList = tiers.length > 1 || (tiers[0]?.length ?? 0) > 1
  const file: { [key: string]: Encodable | undefined } = {
    announce: first,
    'announce-list': isList ? tiers : undefined,
    comment: parts.comment ?? undefined,
    'created by': parts.createdBy ?? undefined,
    'creation date': parts.creationDate ?? undefined,
    info: new RawBencode(parts.infoBytes),
    nodes: parts.nodes?.length ? parts.nodes.map(({ host, port }) => [host, port]) : undefined,
    'piece layers': encodeLayers(parts.layers),
    'url-list': parts.webSeeds?.length ? parts.webSeeds : undefined,
  }
  return encodeBencode(file)
}

function encodeLayers(layers: ReadonlyMap<string, Uint8Array> | undefined): Encodable | undefined {
  if (layers === undefined) return undefined
  return new Map(Array.from(layers, ([hex, hashes]) => [latin1Text(parseHex(hex)), hashes]))
}

/** `[[host, port], …]`; entries that are something else are left out. */
function readNodes(value: Bencode | undefined, warnings: Warnings): DhtNode[] {
  const nodes: DhtNode[] = []
  for (const entry of asList(value) ?? []) {
    const node = readNode(entry)
    if (node === null) warnings.add('node-invalid', 'a DHT node in the torrent is not a host and a port')
    else if (nodes.length < METAINFO_LIMITS.nodes) nodes.push(node)
    else
      warnings.add(
        'too-many-nodes',
        `more than ${METAINFO_LIMITS.nodes} DHT nodes are named; the rest is left out`,
      )
  }
  return nodes
}

function readNode(entry: Bencode): DhtNode | null {
  const [host, port] = asList(entry) ?? []
  const hostText = asText(host)
  const portNumber = asInteger(port)
  if (!hostText || hostText.length > 255 || portNumber === null || portNumber < 1 || portNumber > 65_535)
    return null
  return { host: hostText, port: portNumber }
}
