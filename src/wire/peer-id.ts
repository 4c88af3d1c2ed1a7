/** Peer ids and the programs they name (BEP 20). */

import { concatBytes, latin1Bytes, latin1Text } from '../core/bytes.ts'
import type { Secrets } from '../core/ports.ts'

/** Azureus style: SH, version 0.1.0. */
const OUR_PREFIX = latin1Bytes('-SH0100-')

export const PEER_ID_LENGTH = 20

/** A peer id of ours: the prefix, then random bytes. */
export function newPeerId(secrets: Secrets): Uint8Array {
  return concatBytes([OUR_PREFIX, secrets.bytes(PEER_ID_LENGTH - OUR_PREFIX.length)])
}

/** The program that a peer id names, such as `libtorrent 2.0.8`; null where it names none that is known. */
export function clientOf(peerId: Uint8Array): string | null {
  const text = latin1Text(peerId)
  return azureusStyle(text) ?? mainlineStyle(text) ?? shadowStyle(text)
}

/** `-LT2080-`: a digit or a letter for each part of the version. */
function azureusStyle(text: string): string | null {
  const match = /^-([A-Za-z~]{2}|[A-Za-z]\d)([0-9A-Za-z]{3})([0-9A-Za-z-])-?/.exec(text)
  const name = match && AZUREUS_STYLE.get(match[1]!)
  if (!name) return null
  return named(name, [...`${match[2]}${match[3] === '-' ? '' : match[3]}`].map(versionPart))
}

/** `M4-20-8-`, and aria2's `A2-1-36-0-`. */
function mainlineStyle(text: string): string | null {
  const match = /^(M|A2-)(\d{1,3})-(\d{1,3})-(\d{1,3})-/.exec(text)
  if (!match) return null
  return named(match[1] === 'M' ? 'BitTorrent' : 'aria2', match.slice(2))
}

/** `T03I-----`: one letter for the program, then up to five of version, then dashes. */
function shadowStyle(text: string): string | null {
  const match = /^([AOQRSTU])([0-9A-Za-z.]{1,5})-*---/.exec(text)
  const name = match && SHADOW_STYLE.get(match[1]!)
  return name ? named(name, [...match[2]!].map(versionPart)) : null
}

/** Zeros at the end say nothing, but two parts are kept. */
function named(name: string, parts: readonly string[]): string {
  let end = parts.length
  while (end > 2 && parts[end - 1] === '0') end--
  return `${name} ${parts.slice(0, end).join('.')}`
}

/** 0 to 9, then A for 10, and so on. */
function versionPart(character: string): string {
  const value = Number.parseInt(character, 36)
  return Number.isNaN(value) ? character : String(value)
}

const AZUREUS_STYLE: ReadonlyMap<string, string> = new Map([
  ['A2', 'aria2'],
  ['AG', 'Ares'],
  ['AR', 'Arctic'],
  ['AZ', 'Azureus'],
  ['BC', 'BitComet'],
  ['BG', 'BTG'],
  ['BI', 'BiglyBT'],
  ['BT', 'BitTorrent'],
  ['CD', 'Enhanced CTorrent'],
  ['CT', 'CTorrent'],
  ['DE', 'Deluge'],
  ['ES', 'electric sheep'],
  ['FL', 'Folx'],
  ['FW', 'FrostWire'],
  ['GT', 'anacrolix/torrent'],
  ['HL', 'Halite'],
  ['KG', 'KGet'],
  ['KT', 'KTorrent'],
  ['LP', 'Lphant'],
  ['LT', 'libtorrent'],
  ['LW', 'LimeWire'],
  ['MO', 'MonoTorrent'],
  ['RN', 'rain'],
  ['RT', 'Retriever'],
  ['SH', 'shoal'],
  ['SZ', 'Shareaza'],
  ['TI', 'Tixati'],
  ['TL', 'Tribler'],
  ['TR', 'Transmission'],
  ['UM', 'µTorrent for Mac'],
  ['UT', 'µTorrent'],
  ['UW', 'µTorrent Web'],
  ['VG', 'Vagaa'],
  ['WD', 'WebTorrent Desktop'],
  ['WW', 'WebTorrent'],
  ['XL', 'Xunlei'],
  ['lt', 'rTorrent'],
  ['qB', 'qBittorrent'],
  ['rQ', 'rqbit'],
])

const SHADOW_STYLE: ReadonlyMap<string, string> = new Map([
  ['A', 'ABC'],
  ['O', 'Osprey Permaseed'],
  ['Q', 'BTQueue'],
  ['R', 'Tribler'],
  ['S', "Shadow's client"],
  ['T', 'BitTornado'],
  ['U', 'UPnP NAT Bit Torrent'],
])
