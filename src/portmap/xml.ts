/**
 * As much of XML as routers write: elements and text. There are no document types, no entities of one's own and no outside
 * references, so that a document is never larger than its bytes; attributes are not read.
 */

import { utf8Text } from '../core/bytes.ts'
import { PORTMAP_LIMITS } from './limits.ts'

export interface XmlElement {
  /** Without its prefix: routers choose those as they like. */
  readonly name: string
  /** The text directly in it, put together and trimmed. */
  text: string
  /** Bounded by `documentElements`. */
  readonly children: XmlElement[]
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])
const LONGEST_ENTITY = 10

/** The root element; null for what is not well-formed, too large, too deep, or has a document type. */
export function parseXml(bytes: Uint8Array): XmlElement | null {
  if (bytes.length > PORTMAP_LIMITS.documentLength) return null
  return new XmlReader(utf8Text(bytes).replace(/^\uFEFF/, '')).read()
}

/** Every element below, and the element itself, in the order of the document. */
export function* elementsOf(root: XmlElement): Generator<XmlElement> {
  const waiting = [root]
  for (let element = waiting.pop(); element; element = waiting.pop()) {
    yield element
    waiting.push(...element.children.toReversed())
  }
}

/** The text of the first child of this name; null where there is none. */
export function childText(element: XmlElement, name: string): string | null {
  return element.children.find(child => child.name === name)?.text ?? null
}

class XmlReader {
  readonly #text: string
  #at = 0
  #root: XmlElement | null = null
  /** Those that are not closed yet, with their full names. Bounded by `documentDepth`. */
  readonly #open: { readonly fullName: string; readonly element: XmlElement }[] = []
  #elements = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): XmlElement | null {
    while (this.#at < this.#text.length) {
      const next = this.#text.indexOf('<', this.#at)
      if (!this.#takeText(next < 0 ? this.#text.length : next)) return null
      if (next >= 0 && !this.#takeMarkup()) return null
    }
    return this.#open.length === 0 ? this.#finish(this.#root) : null
  }

  #finish(root: XmlElement | null): XmlElement | null {
    if (root !== null) for (const element of elementsOf(root)) element.text = element.text.trim()
    return root
  }

  #takeText(end: number): boolean {
    const raw = this.#text.slice(this.#at, end)
    this.#at = end
    const open = this.#open.at(-1)?.element
    if (open === undefined) return raw.trim() === ''
    const text = unescaped(raw)
    if (text === null) return false
    open.text += text
    return true
  }

  #takeMarkup(): boolean {
    if (this.#text.startsWith('<?', this.#at)) return this.#skip('?>')
    if (this.#text.startsWith('<!--', this.#at)) return this.#skip('-->')
    if (this.#text.startsWith('<![CDATA[', this.#at)) return this.#takeData()
    if (this.#text.startsWith('<!', this.#at)) return false
    const end = this.#tagEnd()
    if (end < 0) return false
    const tag = this.#text.slice(this.#at + 1, end)
    this.#at = end + 1
    return tag.startsWith('/') ? this.#close(tag.slice(1).trimEnd()) : this.#openTag(tag)
  }

  #skip(end: string): boolean {
    const at = this.#text.indexOf(end, this.#at + 2)
    if (at < 0) return false
    this.#at = at + end.length
    return true
  }

  #takeData(): boolean {
    const end = this.#text.indexOf(']]>', this.#at)
    const open = this.#open.at(-1)?.element
    if (end < 0 || open === undefined) return false
    open.text += this.#text.slice(this.#at + '<![CDATA['.length, end)
    this.#at = end + 3
    return true
  }

  /** A `>` in the value of an attribute is none of the tag. */
  #tagEnd(): number {
    let quote = ''
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const character = this.#text[at]!
      if (quote !== '') quote = character === quote ? '' : quote
      else if (character === '"' || character === "'") quote = character
      else if (character === '>') return at
      else if (character === '<') return -1
    }
    return -1
  }

  #openTag(tag: string): boolean {
    const fullName = /^[A-Za-z_][\w.:-]{0,127}/.exec(tag)?.[0]
    if (fullName === undefined || !/^(?:\s|\/?$)/.test(tag.slice(fullName.length))) return false
    if (++this.#elements > PORTMAP_LIMITS.documentElements) return false
    const element: XmlElement = { name: fullName.slice(fullName.indexOf(':') + 1), text: '', children: [] }
    const parent = this.#open.at(-1)?.element
    if (parent) parent.children.push(element)
    else if (this.#root === null) this.#root = element
    else return false
    if (!tag.endsWith('/')) this.#open.push({ fullName, element })
    return this.#open.length <= PORTMAP_LIMITS.documentDepth
  }

  #close(fullName: string): boolean {
    return this.#open.pop()?.fullName === fullName
  }
}

function unescaped(raw: string): string | null {
  if (!raw.includes('&')) return raw
  let text = ''
  let at = 0
  for (let next = raw.indexOf('&'); next >= 0; next = raw.indexOf('&', at)) {
    const end = raw.indexOf(';', next)
    const character = end < 0 || end - next > LONGEST_ENTITY ? null : characterOf(raw.slice(next + 1, end))
    if (character === null) return null
    text += raw.slice(at, next) + character
    at = end + 1
  }
  return text + raw.slice(at)
}

function characterOf(entity: string): string | null {
  const known = ENTITIES.get(entity)
  if (known !== undefined) return known
  const [, hex, decimal] = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(entity) ?? []
  if (hex === undefined && decimal === undefined) return null
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  const isSurrogate = code >= 0xd800 && code <= 0xdfff
  return code === 0 || code > 0x10ffff || isSurrogate ? null : String.fromCodePoint(code)
}

/** What stands for a text between two tags. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, character =>
    character === '&' ? '&amp;' : character === '<' ? '&lt;' : '&gt;',
  )
}
