/** The rules of the house, as pure functions: files in, violations out. ARCHITECTURE.md has their reasons. */

import { posix } from 'node:path'
import { bareCode, exportedNames, findImports, hasRunTimeCode, lineAt } from './source-text.ts'

export interface SourceFile {
  /** From `src/` on, with forward slashes: `swarm/piece-picker.ts`. */
  readonly path: string
  readonly text: string
}

/** What a person reads: `src/wire/decoder.ts:12: what is wrong and what to do`. */
export type Violation = string

const LAYERS: readonly (readonly string[])[] = [
  ['core'],
  ['bencode'],
  ['metainfo', 'wire', 'dht', 'ip-filter', 'lsd', 'tracker', 'utp', 'portmap'],
  ['swarm'],
  ['net', 'storage'],
  ['client', 'tracker-server'],
  ['daemon', 'site'],
  ['cli'],
]
/** Below it there is no clock, chance, timer, I/O or anything of Node. */
const FIRST_IMPURE_LAYER = 4
/** `src/index.ts` sees the library, not the programs. */
const HIGHEST_PUBLIC_LAYER = 5
const MAX_LINES = 450

function areaOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : ''
}

/** -1 for a folder that is not in the table. */
function layerOf(path: string): number {
  if (path === 'index.ts') return HIGHEST_PUBLIC_LAYER + 0.5
  return LAYERS.findIndex(areas => areas.includes(areaOf(path)))
}

function isPure(path: string): boolean {
  const layer = layerOf(path)
  return layer >= 0 && layer < FIRST_IMPURE_LAYER
}

/** Where a relative specifier leads, from `src/` on. */
function resolveImport(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier)
}

export function checkLayers(file: SourceFile): Violation[] {
  const layer = layerOf(file.path)
  if (layer < 0) return [`src/${file.path}: no layer has this folder; the table is in tools/architecture.ts`]
  const violations: Violation[] = []
  for (const { specifier, line, isTypeOnly } of findImports(file.text)) {
    const problem = specifier.startsWith('.')
      ? relativeImportProblem(file.path, resolveImport(file.path, specifier), isTypeOnly)
      : packageImportProblem(file.path, specifier)
    if (problem !== null) violations.push(`src/${file.path}:${line}: ${problem}`)
  }
  return violations
}

function packageImportProblem(from: string, specifier: string): string | null {
  if (/^shoal(\/|$)/.test(specifier)) return `imports ${specifier}; inside src/ imports are relative`
  if (!isPure(from)) return null
  return `imports ${specifier}; below net and storage nothing but shoal is imported, so take it as a port`
}

function relativeImportProblem(from: string, to: string, isTypeOnly: boolean): string | null {
  if (to.startsWith('..')) return `imports ${to}, which is outside src/`
  if (!to.endsWith('.ts')) return `imports ${to}; a relative import ends in .ts`
  if (areaOf(from) === areaOf(to)) return null
  const difference = layerOf(from) - layerOf(to)
  if (layerOf(to) < 0 || difference < 0) return `imports ${to}, which is above it in the layer table`
  if (difference === 0) return `imports ${to}; folders of one layer never import one another`
  const isAdapter = layerOf(to) === FIRST_IMPURE_LAYER
  if (areaOf(from) === 'client' && isAdapter && !isTypeOnly && from !== 'client/node.ts') {
    return `imports ${to}; in client/ only node.ts imports adapters (types are free)`
  }
  return null
}

/** Cycles of files, each told once, by the names on the way round. */
export function checkCycles(files: readonly SourceFile[]): Violation[] {
  const imports = new Map<string, string[]>()
  for (const { path, text } of files) {
    const relative = findImports(text).filter(({ specifier }) => specifier.startsWith('.'))
    imports.set(
      path,
      relative.map(({ specifier }) => resolveImport(path, specifier)),
    )
  }
  const violations: Violation[] = []
  const done = new Set<string>()
  function visit(path: string, way: readonly string[]): void {
    const start = way.indexOf(path)
    if (start >= 0)
      violations.push(`import cycle: ${[...way.slice(start), path].map(p => `src/${p}`).join(' -> ')}`)
    if (start >= 0 || done.has(path)) return
    for (const next of imports.get(path) ?? []) visit(next, [...way, path])
    done.add(path)
  }
  for (const path of imports.keys()) visit(path, [])
  return violations
}

const IMPURE_NAMES = [
  ...['Buffer', 'process', 'performance', 'console', 'fetch', 'crypto', 'globalThis', 'navigator', 'require'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'clearTimeout', 'clearInterval'],
  ...['WebSocket', 'Worker', 'XMLHttpRequest'],
]
// Not a property (`.fetch`), not a key (`fetch:`, `fetch?:`).
const IMPURE_GLOBAL = new RegExp(`(?<![.#\\w$])(?:${IMPURE_NAMES.join('|')})\\b(?!\\s*\\??:)`, 'g')
const IMPURE_CALL =
  /\bDate\.now\b|\bMath\.random\b|\bnew\s+Date\b(?!\s*\(\s*[^\s)])|(?<!new\s)(?<![.\w$])Date\s*\(/g

/** No clock, chance, timers, I/O, Node or console below L4. */
export function checkPurity({ path, text }: SourceFile): Violation[] {
  if (!isPure(path)) return []
  const code = bareCode(text)
  const found = [...code.matchAll(IMPURE_GLOBAL), ...code.matchAll(IMPURE_CALL)]
  return found
    .filter(match => !isMethodDeclaration(code, match.index))
    .map(
      ({ 0: name, index }) =>
        `src/${path}:${lineAt(text, index)}: uses ${name}; below L4 it comes as a port (core/ports.ts)`,
    )
}

/** `fetch(url: string): Reply` or `fetch() {` at the start of a line is a name of our own. */
function isMethodDeclaration(code: string, at: number): boolean {
  const lineStart = code.lastIndexOf('\n', at) + 1
  if (!/^\s*((async|static|readonly|get|set|override)\s+)*$/.test(code.slice(lineStart, at))) return false
  return /^\w+\s*\([^()]*\)\s*[:{]/.test(code.slice(at))
}

const FORBIDDEN_NAME = /^(?:.*-)?(?:utils?|types|helpers?|misc|common)$/
const FORBIDDEN_SYNTAX: readonly (readonly [RegExp, string])[] = [
  [/^\s*export\s+default\b|\bas\s+default\b/m, 'has a default export; export it by its name'],
  [/^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w/m, 'has an enum; use a union of literals'],
  [
    /^\s*(?:export\s+)?(?:declare\s+)?(?:namespace|module)\s+[\w.]+\s*\{/m,
    'has a namespace; a file is one already',
  ],
  [/\b(?:interface|type|class)\s+I(?!P)[A-Z][a-z]/, 'has a name with the prefix I; name what it is'],
]

/** Names, size and syntax. `barrels` are the paths that may be called `index.ts`. */
export function checkShape({ path, text }: SourceFile, barrels: readonly string[]): Violation[] {
  const violations: Violation[] = []
  const stem = posix.basename(path, '.ts')
  const lines = text.split('\n').length - 1
  if (lines > MAX_LINES)
    violations.push(`has ${lines} lines, and ${MAX_LINES} are the most; cut it by concept`)
  if (!path.split('/').every(part => /^[a-z0-9]+(-[a-z0-9]+)*(\.ts)?$/.test(part)))
    violations.push('is not in kebab case')
  if (FORBIDDEN_NAME.test(stem)) violations.push(`is called ${stem}; name a file after its concept`)
  if (stem === 'index' && !barrels.includes(path))
    violations.push('is a barrel, and only public subpaths have one')
  const code = bareCode(text)
  for (const [syntax, problem] of FORBIDDEN_SYNTAX) if (syntax.test(code)) violations.push(problem)
  if (!isNamedAfterExport(stem, exportedNames(text))) {
    violations.push(`exports nothing that is called like it; no export has a word of "${stem}" in its name`)
  }
  return violations.map(problem => `src/${path}: ${problem}`)
}

/** Files that hold a family of things, none of which is the main one. */
const FAMILIES = /^(?:errors|limits|node|options|ports|index)$|(?:^|-)(?:messages|codec|errors)$/
const SMALLEST_FAMILY = 3

function isNamedAfterExport(stem: string, names: readonly string[]): boolean {
  // A worker's program exports nothing.
  if (names.length === 0) return true
  const words = wordsOf(stem)
  if (names.some(name => wordsOf(name).some(word => words.some(other => areAkin(word, other))))) return true
  return FAMILIES.test(stem) || names.filter(name => /^[a-z]/.test(name)).length >= SMALLEST_FAMILY
}

/** `check` and `checker`. */
function areAkin(a: string, b: string): boolean {
  return a === b || (a.length > 3 && b.startsWith(a)) || (b.length > 3 && a.startsWith(b))
}

/** `pieceHashes`, `PIECE_HASH` and `piece-hashes` are all `piece`, `hash`. */
function wordsOf(name: string): string[] {
  const spaced = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
  return spaced
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map(word => word.replace(/(?<=sh|ch|x|ss)es$|(?<!s)s$/, ''))
}

/** Only what has code at run time needs a test of its own; tables are judged by the docs test. */
const NEEDS_NO_TEST = /\/(?:limits|options|index)\.ts$/

/** `tests` are paths from `test/unit/` on. */
export function checkTests({ path, text }: SourceFile, tests: ReadonlySet<string>): Violation[] {
  const isMechanism = areaOf(path) === 'core'
  if (!isPure(path) || !hasRunTimeCode(text) || (NEEDS_NO_TEST.test(path) && !isMechanism)) return []
  const test = path.replace(/\.ts$/, '.test.ts')
  return tests.has(test) ? [] : [`src/${path}: has no test at test/unit/${test}`]
}

/** A pure file that was renamed takes its test along; above, tests are named after what they show. */
export function checkStaleTests(tests: ReadonlySet<string>, files: readonly SourceFile[]): Violation[] {
  const paths = new Set(files.map(({ path }) => path.replace(/\.ts$/, '.test.ts')))
  return [...tests]
    .filter(test => isPure(test) && !paths.has(test))
    .map(test => `test/unit/${test}: there is no such file in src/`)
}
