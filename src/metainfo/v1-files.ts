import { asBytes, asDict, asList, type BencodeDict } from '../bencode/bencode.ts'
import { utf8Text } from '../core/bytes.ts'
import { FormatError } from '../core/errors.ts'
import {
  type ListedFile,
  readAttributes,
  readElements,
  readLength,
  readMtime,
  readSymlink,
} from './listed-file.ts'

/** BitComet marked its pads by name, years before BEP 47. */
const BITCOMET_PAD = '_____padding_file_'

/** The files of a v1 info dictionary (BEP 3): one with `length`, or a list. Throws `FormatError`. */
export function readV1Files(info: BencodeDict): { files: ListedFile[]; isSingleFile: boolean } {
  const list = asList(info.get('files'))
  if (list === null) return { files: [readSingleFile(info)], isSingleFile: true }
  return { files: list.map((entry, index) => readFile(asDict(entry), index)), isSingleFile: false }
}

/** The name of the torrent as it was received; `name.utf-8` is preferred, as it is more likely to be UTF-8. */
export function readName(info: BencodeDict): Uint8Array {
  const name = asBytes(info.get('name.utf-8')) ?? asBytes(info.get('name'))
  if (name === null) throw new FormatError('name-missing', 'the info dictionary has no name that is a string')
  return name
}

function readSingleFile(info: BencodeDict): ListedFile {
  const attributes = readAttributes(info)
  return {
    ...attributes,
    path: [readName(info)],
    length: readLength(info, attributes, () => 'the torrent'),
    symlink: readSymlink(info, attributes, () => 'the torrent'),
    piecesRoot: null,
    mtimeSeconds: readMtime(info),
  }
}

function readFile(file: BencodeDict | null, index: number): ListedFile {
  const where = (): string => `file ${index}`
  if (file === null) throw new FormatError('file-entry-invalid', `${where()} is not a dictionary`)
  const attributes = readAttributes(file)
  const elements = asList(file.get('path.utf-8')) ?? asList(file.get('path')) ?? []
  const path = readElements(elements, () => `the path of ${where()}`)
  const isPad = attributes.isPad || path.some(element => utf8Text(element).includes(BITCOMET_PAD))
  if (path.length === 0 && !isPad) throw new FormatError('path-missing', `${where()} has no path`)
  return {
    ...attributes,
    isPad,
    path,
    length: readLength(file, attributes, where),
    symlink: readSymlink(file, attributes, where),
    piecesRoot: null,
    mtimeSeconds: readMtime(file),
  }
}
