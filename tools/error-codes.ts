/** Finds every error code that the sources can throw, for docs/ERRORS.md. */

import { bareCode, lineAt } from './source-text.ts'

export interface ErrorCode {
  readonly code: string
  /** The class: `FormatError`. */
  readonly kind: string
  /** The message in the code, with … for what it fills in; empty where it is not a literal. */
  readonly message: string
}

export interface Source {
  readonly path: string
  readonly text: string
}

export interface FoundCodes {
  /** One a code, in the order of their names. */
  readonly codes: readonly ErrorCode[]
  /** Where an error is made with a code that cannot be read: `src/a.ts:3: why`. */
  readonly problems: readonly string[]
}

const KINDS = 'FormatError|ProtocolError|TrackerError|StorageError|UsageError'
const CONSTRUCTION = new RegExp(`\\bnew\\s+(${KINDS})\\s*\\(\\s*`, 'g')
/** `fail(code: string, …)`: functions that make the error for others, which give them the code as a literal. */
const MAKER = /(?:\bfunction\s+|[\n\s])(#?\w+)\s*(?:=\s*)?\(\s*code: string\b/g
const CHOICE = /\bconst code(?:: string)? =([^\n]*(?:\n\s+[?:][^\n]*)*)/g
const KEBAB_CASE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

export function findErrorCodes(sources: readonly Source[]): FoundCodes {
  const codes = new Map<string, ErrorCode>()
  const problems: string[] = []
  const makers: { name: string; kind: string }[] = []

  function add(source: Source, at: number, found: ErrorCode): void {
    if (!KEBAB_CASE.test(found.code)) {
      problems.push(`src/${source.path}:${lineAt(source.text, at)}: "${found.code}" is not in kebab case`)
    } else if ((codes.get(found.code)?.message ?? '') === '') codes.set(found.code, found)
  }

  for (const source of sources) {
    const code = bareCode(source.text)
    for (const match of code.matchAll(CONSTRUCTION)) {
      const at = match.index + match[0].length
      const kind = match[1]!
      const literal = literalAt(source.text, code, at)
      if (literal !== null) {
        add(source, at, { code: literal.text, kind, message: messageAfter(source.text, code, literal.end) })
        continue
      }
      const namesMakers = [...code.matchAll(MAKER)].map(maker => ({ name: maker[1]!, kind }))
      const choices = [...code.matchAll(CHOICE)].flatMap(choice => literalsIn(source.text, code, choice))
      makers.push(...namesMakers)
      for (const choice of choices) add(source, at, { code: choice, kind, message: '' })
      const isPassedOn = /^(?:\w+\.)+code\b/.test(code.slice(at)) || /\{[^{}]*\bcode\b[^{}]*\}\s*:/.test(code)
      if (namesMakers.length + choices.length === 0 && !isPassedOn) {
        const place = `src/${source.path}:${lineAt(source.text, at)}`
        problems.push(`${place}: the code of this ${kind} cannot be read: give it as a literal`)
      }
    }
  }

  for (const source of sources) {
    const code = bareCode(source.text)
    for (const { name, kind } of makers) {
      for (const call of code.matchAll(new RegExp(`(?<![\\w$#])${name}\\(\\s*`, 'g'))) {
        const at = call.index + call[0].length
        const literal = literalAt(source.text, code, at)
        if (literal === null || !KEBAB_CASE.test(literal.text)) continue
        add(source, at, { code: literal.text, kind, message: messageAfter(source.text, code, literal.end) })
      }
    }
  }
  return { codes: [...codes.values()].sort((a, b) => (a.code < b.code ? -1 : 1)), problems }
}

/** A string or template that starts at this place; `end` is just after it. */
function literalAt(text: string, code: string, at: number): { text: string; end: number } | null {
  const quote = code[at]
  if (quote !== "'" && quote !== '"') return null
  const end = code.indexOf(quote, at + 1)
  return { text: text.slice(at + 1, end), end: end + 1 }
}

function literalsIn(text: string, code: string, match: RegExpExecArray): string[] {
  const found: string[] = []
  const end = match.index + match[0].length
  let at = code.indexOf("'", match.index)
  while (at >= 0 && at < end) {
    const literal = literalAt(text, code, at)!
    const isCompared = /[=!]==\s*$/.test(code.slice(0, at)) || /^\s*[=!)]/.test(code.slice(literal.end))
    if (!isCompared) found.push(literal.text)
    at = code.indexOf("'", literal.end)
  }
  return found
}

function messageAfter(text: string, code: string, at: number): string {
  const start = /^\s*,\s*/.exec(code.slice(at))
  if (start === null) return ''
  const from = at + start[0].length
  const literal = literalAt(text, code, from)
  if (literal !== null) return literal.text.replaceAll('\\', '')
  if (code[from] !== '`') return ''
  const template = /^`((?:[^`\\]|\\.|\$\{[^}]*\})*)`/.exec(text.slice(from))
  return template === null ? '' : withoutFillings(template[1]!)
}

/** `"${text.slice(0, 80)}" is not hexadecimal` becomes `"…" is not hexadecimal`. */
function withoutFillings(template: string): string {
  let plain = ''
  let depth = 0
  for (let at = 0; at < template.length; at++) {
    if (template.startsWith('${', at)) {
      if (depth++ === 0) plain += '…'
      at++
    } else if (depth > 0 && template[at] === '{') depth++
    else if (depth > 0 && template[at] === '}') depth--
    else if (depth === 0 && template[at] !== '\\') plain += template[at]
  }
  return plain
}
