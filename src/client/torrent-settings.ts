import { strictUtf8Text, utf8Bytes } from '../core/bytes.ts'
import { isSafePath } from '../metainfo/saved-path.ts'
import type { SeedingGoals } from './seeding-goals.ts'

/** What was said of a torrent while it ran, for the next session. What lacks is as it would be without. */
export interface TorrentSettings {
  readonly isPaused?: boolean
  readonly isForced?: boolean
  readonly isSequential?: boolean
  readonly isSuperSeeding?: boolean
  /** Bytes a second. */
  readonly downloadLimit?: number
  readonly uploadLimit?: number
  readonly goals?: SeedingGoals
  /** ms */
  readonly seededFor?: number
  /** It was moved, from the folder that it was added with to this one. */
  readonly movedFrom?: string
  readonly folder?: string
  /** By the file's index, as a decimal number; see `StoragePlace`. */
  readonly names?: Readonly<Record<string, string>>
  /** A digit a file; see `FileChoice`. */
  readonly priorities?: string
}

/** What of it says where the files lie. */
export type SavedPlace = Pick<TorrentSettings, 'movedFrom' | 'folder' | 'names'>

export function placeOf({ movedFrom, folder, names }: TorrentSettings): SavedPlace {
  return {
    ...(movedFrom !== undefined && { movedFrom }),
    ...(folder !== undefined && { folder }),
    ...(names !== undefined && { names }),
  }
}

export function withPlace(settings: TorrentSettings, place: SavedPlace): TorrentSettings {
  const { movedFrom: _from, folder: _folder, names: _names, ...others } = settings
  return { ...others, ...place }
}

const VERSION = 1

export function encodeSettings(settings: TorrentSettings): Uint8Array {
  return utf8Bytes(JSON.stringify({ version: VERSION, ...settings }))
}

/** What cannot be understood, or is of a newer version, says nothing. */
export function decodeSettings(bytes: Uint8Array): TorrentSettings {
  const found = parse(bytes)
  if (found['version'] !== VERSION) return {}
  const goals = objectOf(found['goals'])
  return {
    ...pick(found, ['isPaused', 'isForced', 'isSequential', 'isSuperSeeding'], isBoolean),
    ...pick(found, ['downloadLimit', 'uploadLimit', 'seededFor'], isAmount),
    ...(found['goals'] !== undefined && {
      goals: pick(goals, ['ratio', 'seedingTime', 'idleTime'], isAmount),
    }),
    ...pick(found, ['priorities'], isDigits),
    ...pick(found, ['movedFrom', 'folder'], isText),
    ...(found['names'] !== undefined && { names: namesOf(objectOf(found['names'])) }),
  }
}

type Fields = Readonly<Record<string, unknown>>

function parse(bytes: Uint8Array): Fields {
  try {
    return objectOf(JSON.parse(strictUtf8Text(bytes) ?? ''))
  } catch {
    return {}
  }
}

function objectOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function pick(from: Fields, names: readonly string[], isRight: (value: unknown) => boolean): Fields {
  return Object.fromEntries(names.filter(name => isRight(from[name])).map(name => [name, from[name]]))
}

function namesOf(found: Fields): Record<string, string> {
  const isRight = ([file, name]: [string, unknown]): boolean =>
    /^\d{1,9}$/.test(file) && typeof name === 'string' && isSafePath(name)
  return Object.fromEntries(Object.entries(found).filter(isRight)) as Record<string, string>
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0
}

function isDigits(value: unknown): boolean {
  return typeof value === 'string' && /^[0-7]*$/.test(value)
}
