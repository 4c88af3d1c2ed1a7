/** Reads TypeScript sources as far as the checks of the architecture need: imports, exports and bare code. */

export interface Import {
  readonly specifier: string
  readonly line: number
  /** Nothing of it is left at run time. */
  readonly isTypeOnly: boolean
}

const REGEX_MAY_FOLLOW =
  /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|throw|new|else|do|await|yield|void|delete))\s*$/

/**
 * The text with the insides of comments, strings, templates and regular expressions made blank. Every other
 * character keeps its place.
 */
export function bareCode(text: string): string {
  let code = ''
  /** Depths of braces at which a `}` goes back into a template. */
  const templates: number[] = []
  let depth = 0
  let at = 0

  function blankTo(end: number): void {
    code += text.slice(at, end).replace(/[^\n]/g, ' ')
    at = end
  }
  function skipTemplate(): void {
    const end = endOfTemplatePart(text, at)
    blankTo(Math.max(at, end - (text[end - 1] === '`' ? 1 : 2)))
    if (text[at] === '$') templates.push(depth)
    code += text.slice(at, end)
    if (text[at] === '$') depth++
    at = end
  }

  while (at < text.length) {
    const char = text[at]!
    const two = text.slice(at, at + 2)
    if (two === '//') blankTo(indexOrEnd(text, '\n', at))
    else if (two === '/*') blankTo(indexOrEnd(text, '*/', at) + 2)
    else if (char === "'" || char === '"' || (char === '/' && REGEX_MAY_FOLLOW.test(code.slice(-40)))) {
      const end = char === '/' ? endOfRegex(text, at) : endOfString(text, at)
      code += char
      at++
      blankTo(end - 1)
      code += text.slice(at, end)
      at = end
    } else {
      if (char === '{') depth++
      if (char === '}') depth--
      code += char
      at++
      const resumes = char === '}' && templates.at(-1) === depth
      if (resumes) templates.pop()
      if (resumes || char === '`') skipTemplate()
    }
  }
  return code
}

function indexOrEnd(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from)
  return found < 0 ? text.length : found
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== text[start]) at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function endOfRegex(text: string, start: number): number {
  let at = start + 1
  let isInClass = false
  while (at < text.length && text[at] !== '\n' && (isInClass || text[at] !== '/')) {
    if (text[at] === '[') isInClass = true
    if (text[at] === ']') isInClass = false
    at += text[at] === '\\' ? 2 : 1
  }
  return at + 1
}

/** Just after the closing backtick, or after the `${` that comes first. */
function endOfTemplatePart(text: string, start: number): number {
  let at = start
  while (at < text.length) {
    if (text[at] === '`') return at + 1
    if (text.startsWith('${', at)) return at + 2
    at += text[at] === '\\' ? 2 : 1
  }
  return at
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

const IMPORT = /\b(?:import|export)\s+(type\s)?([\w*\s{},$]*?)\bfrom\s*(['"])|\bimport\s*\(?\s*(['"])/g

export function findImports(text: string): Import[] {
  const code = bareCode(text)
  const imports: Import[] = []
  for (const match of code.matchAll(IMPORT)) {
    const start = match.index + match[0].length
    const specifier = text.slice(start, code.indexOf(match[3] ?? match[4]!, start))
    const isTypeOnly = match[1] !== undefined || hasOnlyTypes(match[2] ?? '')
    imports.push({ specifier, line: lineAt(text, match.index), isTypeOnly })
  }
  return imports
}

/** `{ type A, type B }` and nothing else. */
function hasOnlyTypes(clause: string): boolean {
  const names =
    /^\s*\{([^}]*)\}\s*$/
      .exec(clause)?.[1]
      ?.split(',')
      .filter(name => name.trim() !== '') ?? []
  return names.length > 0 && names.every(name => name.trim().startsWith('type '))
}

const DECLARATION =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:class|function\*?|const|let|type|interface)\s+([\w$]+)/gm
const EXPORT_LIST = /^export\s+(?:type\s+)?\{([^}]*)\}/gm

export function exportedNames(text: string): string[] {
  const code = bareCode(text)
  const names = [...code.matchAll(DECLARATION)].map(match => match[1]!)
  for (const list of code.matchAll(EXPORT_LIST)) {
    for (const item of list[1]!.split(',')) names.push(item.trim().split(/\s+/).at(-1)!)
  }
  return names.filter(name => name !== '')
}

/** Whether anything of a file is left at run time: declarations or statements of its own. */
export function hasRunTimeCode(text: string): boolean {
  return /^(?:export\s+)?(?:abstract\s+)?(?:async\s+)?(?:class|function|const|let|var)\b/m.test(
    bareCode(text),
  )
}
