import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import {
  checkCycles,
  checkLayers,
  checkPurity,
  checkShape,
  checkStaleTests,
  checkTests,
  type SourceFile,
  type Violation,
} from '../tools/architecture.ts'

function source(path: string, text = ''): SourceFile {
  return { path, text }
}

function assertNone(violations: Violation[]): void {
  if (violations.length > 0) assert.fail(`\n${violations.join('\n')}`)
}

function assertOne(violations: Violation[], expected: RegExp): void {
  assert.equal(violations.length, 1, `expected one violation, got:\n${violations.join('\n')}`)
  assert.match(violations[0]!, expected)
}

suite('the sources of shoal', () => {
  const paths = globSync('**/*.ts', { cwd: 'src' }).sort()
  const files = paths.map(path => source(path.replaceAll('\\', '/'), readFileSync(`src/${path}`, 'utf8')))
  const tests = new Set(
    globSync('**/*.test.ts', { cwd: 'test/unit' }).map(path => path.replaceAll('\\', '/')),
  )
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, { 'shoal-source'?: string }>
  }
  const barrels = Object.values(exports).map(entry => (entry['shoal-source'] ?? '').replace('./src/', ''))

  test('are found', () => assert.ok(files.length > 10, `only ${files.length} files in src/`))
  test('keep to the layers', () => assertNone(files.flatMap(checkLayers)))
  test('have no import cycles', () => assertNone(checkCycles(files)))
  test('are pure below the line', () => assertNone(files.flatMap(checkPurity)))
  test('have the right names, sizes and syntax', () =>
    assertNone(files.flatMap(file => checkShape(file, barrels))))
  test('have a test a pure file', () => assertNone(files.flatMap(file => checkTests(file, tests))))
  test('have no tests of files that are gone', () => assertNone(checkStaleTests(tests, files)))
})

suite('checkLayers', () => {
  const good: [path: string, text: string][] = [
    ['swarm/torrent.ts', `import { a } from './choker.ts'\nimport { b } from '../core/ids.ts'`],
    ['bencode/decode.ts', `import type { A } from '../core/errors.ts'`],
    ['net/tcp.ts', `import net from 'node:net'`],
    ['client/node.ts', `import { FileStorage } from '../storage/file-storage.ts'`],
    ['client/session.ts', `import type { TorrentStorage } from '../storage/torrent-storage.ts'`],
    ['client/session.ts', `import { type A, type B } from '../storage/torrent-storage.ts'`],
    ['tracker-server/server.ts', `import { listen } from '../net/tcp.ts'`],
    ['cli/commands/seed.ts', `import { a } from '../main.ts'\nimport { b } from '../../client/session.ts'`],
    ['index.ts', `export { Session } from './client/session.ts'`],
    [
      'core/ids.ts',
      `// import { x } from '../cli/main.ts'\nconst text = "import { x } from '../cli/main.ts'"`,
    ],
  ]
  for (const [path, text] of good)
    test(`allows ${path}: ${text}`, () => assertNone(checkLayers(source(path, text))))

  const bad: [path: string, text: string, violation: RegExp][] = [
    ['core/ids.ts', `import { a } from '../bencode/decode.ts'`, /core\/ids\.ts:1: .*above it/],
    ['wire/mse.ts', `\nimport { a } from '../metainfo/info.ts'`, /wire\/mse\.ts:2: .*one layer/],
    ['net/tcp.ts', `import type { A } from '../storage/journal.ts'`, /one layer/],
    ['swarm/torrent.ts', `export * from '../client/session.ts'`, /above it/],
    ['swarm/torrent.ts', `const a = await import('../client/session.ts')`, /above it/],
    ['swarm/torrent.ts', `import {\n  a,\n  b,\n} from '../net/tcp.ts'`, /above it/],
    ['wire/mse.ts', `import { createHash } from 'node:crypto'`, /node:crypto.*port/],
    ['wire/mse.ts', `import 'node:crypto'`, /node:crypto/],
    ['core/ids.ts', `import { z } from 'zod'`, /imports zod/],
    ['client/session.ts', `import { FileStorage } from '../storage/file-storage.ts'`, /only node\.ts/],
    ['client/session.ts', `import { type A, B } from '../storage/file-storage.ts'`, /only node\.ts/],
    ['cli/main.ts', `import { decode } from 'shoal/bencode'`, /relative/],
    ['cli/main.ts', `import { a } from '../../test/sim/world.ts'`, /outside/],
    ['cli/main.ts', `import { a } from './output.js'`, /ends in \.ts/],
    ['index.ts', `export { main } from './cli/main.ts'`, /above it/],
    ['index.ts', `export { Daemon } from './daemon/daemon.ts'`, /above it/],
    ['shared/thing.ts', '', /no layer/],
  ]
  for (const [path, text, violation] of bad) {
    test(`refuses ${path}: ${JSON.stringify(text)}`, () =>
      assertOne(checkLayers(source(path, text)), violation))
  }
})

suite('checkCycles', () => {
  test('allows two ways to the same file', () => {
    assertNone(
      checkCycles([
        source('core/a.ts', `import './b.ts'\nimport './c.ts'`),
        source('core/b.ts', `import './d.ts'`),
        source('core/c.ts', `import './d.ts'`),
        source('core/d.ts'),
      ]),
    )
  })

  test('finds a cycle of three, types included, and says the way round', () => {
    const violations = checkCycles([
      source('core/a.ts', `import './b.ts'`),
      source('core/b.ts', `import type { C } from './c.ts'`),
      source('core/c.ts', `export { b } from './b.ts'`),
    ])
    assertOne(violations, /^import cycle: src\/core\/b\.ts -> src\/core\/c\.ts -> src\/core\/b\.ts$/)
  })
})

suite('checkPurity', () => {
  const good = [
    `// process.exit, Date.now() and Buffer in a comment`,
    `const text = 'process' + "Buffer" + \`console\``,
    `const found = /Math.random/.test(text)`,
    `this.#tracker.fetch(url); peer.process(); options.crypto`,
    `const options = { crypto: 1 }`,
    `interface Source {\n  fetch(url: string): void\n  process?: boolean\n}`,
    `class Machine {\n  async process(input: Input) {\n  }\n}`,
    `const when = new Date(seconds * 1000)`,
    `const processed = preprocess(bufferOf(x))`,
  ]
  for (const text of good)
    test(`allows ${text}`, () => assertNone(checkPurity(source('wire/decoder.ts', text))))

  const bad: [text: string, name: RegExp][] = [
    ['const now = Date.now()', /Date\.now/],
    ['const now = new Date()', /new Date/],
    ['const now = performance.now()', /performance/],
    ['const n = Math.random()', /Math\.random/],
    ['const bytes = Buffer.alloc(3)', /Buffer/],
    ['function a(bytes: Buffer) {}', /Buffer/],
    ['process.exit(1)', /process/],
    ['console.log(1)', /console/],
    ['const reply = await fetch(url)', /fetch/],
    ['const reply = ok ? fetch(url) : null', /fetch/],
    ['const n = `${Math.random()}`', /Math\.random/],
    ['crypto.getRandomValues(bytes)', /crypto/],
    ['globalThis.x = 1', /globalThis/],
    ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name): [string, RegExp] => [
      `${name}(() => {}, 5)`,
      new RegExp(name),
    ]),
  ]
  for (const [text, name] of bad) {
    test(`refuses ${text} below L4 and allows it above`, () => {
      assertOne(checkPurity(source('swarm/choker.ts', `\n${text}`)), name)
      assertOne(checkPurity(source('swarm/choker.ts', `\n${text}`)), /choker\.ts:2: /)
      assertNone(checkPurity(source('net/tcp.ts', text)))
    })
  }
})

suite('checkShape', () => {
  const check = (path: string, text: string) => checkShape(source(path, text), ['wire/index.ts'])
  const good: [path: string, text: string][] = [
    ['swarm/piece-picker.ts', 'export class PiecePicker {}'],
    ['core/ids.ts', 'export function torrentIdOf() {}'],
    ['client/checker.ts', 'export function checkExisting() {}'],
    ['swarm/limits.ts', 'export const swarmLimits = {}'],
    ['core/quantities.ts', 'export function formatRate() {}\nexport function a() {}\nexport const b = 1'],
    ['wire/index.ts', `export { Decoder } from './decoder.ts'`],
    ['storage/disk-worker.ts', 'work()'],
    ['core/address.ts', 'export interface IPv4Address {}'],
    ['core/rate.ts', `export class Rate {}\nconst text = 'export default enum'`],
  ]
  for (const [path, text] of good) test(`allows ${path}: ${text}`, () => assertNone(check(path, text)))

  const bad: [path: string, text: string, violation: RegExp][] = [
    ['core/rate.ts', `export class Rate {}${'\n'.repeat(451)}`, /451 lines/],
    ['core/pieceRate.ts', 'export class PieceRate {}', /kebab/],
    ['cli/Commands/rate.ts', 'export class Rate {}', /kebab/],
    ['core/rate-utils.ts', 'export class Rate {}', /rate-utils/],
    ['core/types.ts', 'export type Types = 1', /called types/],
    ['swarm/index.ts', `export { Torrent } from './torrent.ts'`, /barrel/],
    ['core/rate.ts', 'export class Speed {}', /"rate"/],
    ['core/rate.ts', 'export class Rate {}\nexport default Rate', /default/],
    ['core/rate.ts', 'class Rate {}\nexport { Rate as default, Rate }', /default/],
    ['core/rate.ts', 'export enum Rate { A }', /enum/],
    ['core/rate.ts', 'export class Rate {}\nconst enum A { B }', /enum/],
    ['core/rate.ts', 'export namespace Rate {}\nexport class Rate {}', /namespace/],
    ['core/rate.ts', 'export interface IRate {}', /prefix I/],
  ]
  for (const [path, text, violation] of bad) {
    test(`refuses ${path}: ${text.trim()}`, () => assertOne(check(path, text), violation))
  }
})

suite('checkTests', () => {
  const tests = new Set(['core/rate.test.ts', 'core/gone.test.ts'])
  const rate = source('core/rate.ts', 'export class Rate {}')
  const speed = source('core/speed.ts', 'export const SPEED = 1')

  test('wants a test for each pure file with code', () => {
    assertNone(checkTests(rate, tests))
    assertOne(checkTests(speed, tests), /test\/unit\/core\/speed\.test\.ts/)
  })

  test('wants none for types, tables, barrels and adapters', () => {
    assertNone(checkTests(source('core/machine.ts', 'export interface Machine {\n  a: 1\n}'), tests))
    assertNone(checkTests(source('wire/limits.ts', 'export const wireLimits = {}'), tests))
    assertNone(checkTests(source('wire/index.ts', `export { A } from './a.ts'`), tests))
    assertNone(checkTests(source('net/tcp.ts', 'export class Tcp {}'), tests))
  })

  test('finds tests of files that are gone', () => {
    assertOne(checkStaleTests(tests, [rate, speed]), /core\/gone\.test\.ts/)
    assertNone(checkStaleTests(new Set(['net/all-of-it.test.ts']), [rate]))
  })
})
