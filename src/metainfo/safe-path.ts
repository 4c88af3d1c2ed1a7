/**
 * Names from a torrent, made safe for the disk. The rules of all systems hold on every system, because the files of a
 * torrent move between them; they follow what libtorrent does, so that the same torrent gives the same names.
 */

import { strictUtf8Text, utf8Bytes, utf8Text } from '../core/bytes.ts'

/** Names are cut here, so that an extension and a number still fit into NAME_MAX (255). */
const CUT_LENGTH = 240
/** A longer extension is not kept when a name is cut; in bytes, its dot counted. */
const EXTENSION_LENGTH = 9

/** Separators, and characters that cannot be seen or that turn the direction of writing. */
const REMOVED = /[/\\\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/gu
/** Controls, and what Windows and FAT refuse (a colon would name a drive or a hidden stream). */
// oxlint-disable-next-line no-control-regex
const REPLACED = /[\u0000-\u001f\u007f-\u009f?<>"|*:]/gu
/** Names in which nothing has to be changed, as most are: letters that every system takes, none of them to be cut off. */
const PLAIN = /^[\w !#$%&'()+,\-.;=@[\]^`{}~]{0,79}[\w!#$%&'()+,\-;=@[\]^`{}~]$/
/** Devices of Windows, with any extension. */
const RESERVED = /^(con|prn|aux|clock\$|nul|com[0-9¹²³]|lpt[0-9¹²³])$/i

/** One part of a path, made safe. Never empty: where nothing is left it is `_`. */
export function safeElement(bytes: Uint8Array): string {
  return cleanElement(bytes) ?? '_'
}

/** As `safeElement`, but null where nothing is left or the name was `.` or `..`. */
export function cleanElement(bytes: Uint8Array): string | null {
  const decoded = strictUtf8Text(bytes) ?? utf8Text(bytes).replaceAll('\ufffd', '_')
  const name = PLAIN.test(decoded) ? decoded : cleaned(decoded)
  if (name === '') return null
  return isReserved(name) ? `_${name}` : name
}

function cleaned(name: string): string {
  return withoutTail(cut(name.replace(REMOVED, '').replace(REPLACED, '_')))
}

/** Windows drops dots and spaces at the end. `.` and `..` vanish with them. */
function withoutTail(name: string): string {
  let end = name.length
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end--
  return name.slice(0, end)
}

function isReserved(name: string): boolean {
  const dot = name.indexOf('.')
  return RESERVED.test(withoutTail(dot === -1 ? name : name.slice(0, dot)))
}

/** Cuts a name that is too long at a character's end, and keeps a short extension. */
function cut(name: string): string {
  // A character has at most 3 bytes a code unit.
  if (name.length * 3 <= CUT_LENGTH) return name
  const bytes = utf8Bytes(name)
  if (bytes.length <= CUT_LENGTH) return name
  const dot = bytes.lastIndexOf(DOT)
  const hasExtension = dot >= CUT_LENGTH && bytes.length - dot <= EXTENSION_LENGTH
  return headOf(bytes, CUT_LENGTH) + (hasExtension ? utf8Text(bytes.subarray(dot)) : '')
}

const DOT = 0x2e

/** The longest beginning of at most `length` bytes that ends with a whole character. */
function headOf(bytes: Uint8Array, length: number): string {
  let end = Math.min(length, bytes.length)
  while (end > 0 && end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--
  return utf8Text(bytes.subarray(0, end))
}

/** `bar.txt` with 1 becomes `bar.1.txt`, `foo` becomes `foo.1`. Stays within `length` bytes. */
export function numbered(name: string, number: number, length: number): string {
  const dot = name.lastIndexOf('.')
  const [base, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  const suffix = utf8Bytes(`.${number}${extension}`)
  return headOf(utf8Bytes(base), Math.max(1, length - suffix.length)) + utf8Text(suffix)
}

// oxlint-disable-next-line no-control-regex
const ASCII = /^[\0-\x7f]*$/

/** Two names with the same key cannot both be in one folder of a disk that folds case or normalises Unicode. */
export function collisionKey(name: string): string {
  if (ASCII.test(name)) return name.toUpperCase()
  return name.normalize('NFC').toLowerCase().toUpperCase().normalize('NFC')
}
