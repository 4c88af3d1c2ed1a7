import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { defineLimits, describeLimits } from '../src/core/limits.ts'
import { defineOptions, describeOptions } from '../src/core/options.ts'
import { checkErrorsPage, formatErrorsPage, formatLimitsPage } from '../tools/docs-pages.ts'
import { codeBlocks, moduleOf } from '../tools/doc-code.ts'
import { findErrorCodes } from '../tools/error-codes.ts'
import { findStrayTables, gatherLimits, gatherOptions, readSources } from '../tools/gather-docs.ts'

const CURE = '`npm run docs` brings it up to date'

function assertNone(problems: readonly string[]): void {
  if (problems.length > 0) assert.fail(`\n${problems.join('\n')}`)
}

function dependenciesIn(path: string): string[] {
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, object | undefined>
  const fields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']
  return fields.flatMap(field => Object.keys(manifest[field] ?? {}))
}

interface NamedTest {
  readonly file: string
  readonly name: string
}

/** In the last cell of a row: `file`: "name of a test", "name of another"; `another file`: … */
function testsNamedIn(row: string): NamedTest[] {
  return [...row.matchAll(/`(test\/[^`]+)`: ((?:"[^"]+"(?:, )?)+)/g)].flatMap(([, file, names]) =>
    [...names!.matchAll(/"([^"]+)"/g)].map(match => ({ file: file!, name: match[1]! })),
  )
}

suite('the written docs', () => {
  const sources = readSources()
  const { codes, problems } = findErrorCodes(sources)

  test('name every error by a literal in kebab case', () => assertNone(problems))

  test('have a row for each error code, and none for others', () => {
    assert.ok(codes.length > 5, `only ${codes.length} codes found`)
    const wrong = checkErrorsPage(codes, readFileSync('docs/ERRORS.md', 'utf8'))
    assertNone(wrong.map(problem => `docs/ERRORS.md: ${problem}; ${CURE}`))
  })

  test('show the limits and options that the code has', async () => {
    const page = formatLimitsPage(await gatherLimits(), await gatherOptions())
    assert.equal(readFileSync('docs/LIMITS.md', 'utf8'), page, `docs/LIMITS.md is out of date; ${CURE}`)
  })

  test('say of each dependency why it is there, and of no other', () => {
    const named = ['package.json', 'tools/runtime/package.json'].flatMap(dependenciesIn).sort()
    const page = readFileSync('docs/DEPENDENCIES.md', 'utf8')
    const explained = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(match => match[1]!).sort()
    assert.deepEqual(explained, named)
  })

  test('have programs that fit what the library is', () => {
    const pages = ['README.md', 'docs/LIBRARY.md']
    const blocks = pages.flatMap(page => codeBlocks(readFileSync(page, 'utf8')))
    assert.ok(blocks.length > 5, `only ${blocks.length} programs found`)
    const folder = mkdtempSync('.docs-code-')
    try {
      writeFileSync(`${folder}/programs.ts`, moduleOf(blocks))
      writeFileSync(
        `${folder}/tsconfig.json`,
        '{ "extends": "../tsconfig.json", "include": [], "files": ["programs.ts"] }',
      )
      const { status, stdout } = spawnSync('node_modules/.bin/tsc', ['-p', folder], { encoding: 'utf8' })
      assert.equal(status, 0, stdout)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('name tests of faults that are there', () => {
    const rows = readFileSync('docs/FAULTS.md', 'utf8')
      .split('\n')
      .filter(line => line.startsWith('| '))
    const named = rows.flatMap(row => testsNamedIn(row))
    assert.ok(named.length > 30, `only ${named.length} tests are named`)
    const isThere = ({ file, name }: NamedTest): boolean =>
      existsSync(file) && readFileSync(file, 'utf8').includes(name)
    assertNone(
      named.filter(it => !isThere(it)).map(({ file, name }) => `docs/FAULTS.md: no "${name}" in ${file}`),
    )
    const isShown = (row: string): boolean => /^\| (Fault|---) \|/.test(row) || testsNamedIn(row).length > 0
    assertNone(
      rows.filter(row => !isShown(row)).map(row => `docs/FAULTS.md: no test shows ${row.slice(0, 60)}`),
    )
  })

  test('miss no table of limits or options', () => assertNone(findStrayTables(sources)))
})

suite('findErrorCodes', () => {
  const find = (text: string) => findErrorCodes([{ path: 'core/a.ts', text }])
  const codesIn = (text: string) => find(text).codes.map(({ code }) => code)

  test('reads the code, its class and its message', () => {
    assert.deepEqual(
      find('throw new FormatError(\'hex-invalid\', `"${text.slice(0, 80)}" is not hex`)').codes,
      [{ code: 'hex-invalid', kind: 'FormatError', message: '"…" is not hex' }],
    )
    assert.deepEqual(find("return new StorageError(\n  'file-missing',\n  'it is gone',\n)").codes, [
      { code: 'file-missing', kind: 'StorageError', message: 'it is gone' },
    ])
  })

  test('reads codes that a function of the file takes', () => {
    const text = `
function fail(code: string, message: string): FormatError { return new FormatError(code, message) }
throw fail('too-deep', 'too deep')`
    assert.deepEqual(codesIn(text), ['too-deep'])
  })

  test('reads codes that are chosen', () => {
    const text = `const code = cause.code === 'EX' ? 'fetch-refused' : 'fetch-failed'\nthrow new ProtocolError(code, '')`
    assert.deepEqual(codesIn(text), ['fetch-failed', 'fetch-refused'])
  })

  test('lets an error pass its code on', () => {
    assert.deepEqual(find('throw new UsageError(error.code, error.message)'), { codes: [], problems: [] })
  })

  test('reads nothing in comments', () => {
    assert.deepEqual(codesIn("// throw new UsageError('never-thrown', '')"), [])
  })

  test('tells of codes that cannot be read or are not in kebab case', () => {
    assert.match(find('\nthrow new UsageError(makeCode(), message)').problems.join(), /a\.ts:2: .*literal/)
    assert.match(find("throw new UsageError('notKebab', message)").problems.join(), /"notKebab"/)
  })
})

suite('the page of errors', () => {
  const codes = [
    { code: 'a-b', kind: 'UsageError', message: 'one | two' },
    { code: 'c-d', kind: 'FormatError', message: '' },
  ]
  const page = formatErrorsPage(codes, '')

  test('is right when it was just written', () => {
    assertNone(checkErrorsPage(codes, page))
    assert.equal(formatErrorsPage(codes, page), page)
  })

  test('keeps what people wrote, drops rows of codes that are gone and adds new ones', () => {
    const written = page.replace('one \\| two', 'What it means').replace('# Errors', '# All errors')
    const updated = formatErrorsPage([codes[0]!, { ...codes[1]!, code: 'e-f' }], written)
    assert.match(updated, /^# All errors/)
    assert.match(updated, /\| `a-b` \| What it means \|/)
    assert.match(updated, /\| `e-f` \| e f \(FormatError\) \|/)
    assert.doesNotMatch(updated, /`c-d`/)
  })

  test('is wrong where a row is missing, stale or there twice', () => {
    assert.deepEqual(checkErrorsPage([...codes, { ...codes[0]!, code: 'x-y' }], page), ['no row for x-y'])
    assert.deepEqual(checkErrorsPage(codes.slice(1), page), ['a row for a-b, which no code has'])
    assert.deepEqual(checkErrorsPage(codes, `${page}| \`a-b\` | again | nothing |\n`), ['two rows for a-b'])
  })
})

suite('the page of limits', () => {
  const limits = defineLimits('wire', {
    message: [2 << 20, 'bytes', 'no | more'],
    depth: [100, 'levels', 'deep enough'],
  })
  const options = defineOptions('wire', { name: ['x', 'what it is called'], slots: [8000, 'how many'] })

  test('shows values as people read them', () => {
    const page = formatLimitsPage(describeLimits(limits)!, describeOptions(options)!)
    assert.match(page, /\| wire \| `message` \| 2 MiB \| no \\\| more \|/)
    assert.match(page, /\| wire \| `depth` \| 100 levels \| deep enough \|/)
    assert.match(page, /\| wire \| `name` \| `"x"` \| what it is called \|/)
    assert.match(page, /\| wire \| `slots` \| 8,000 \| how many \|/)
  })

  test('wants tables where they are found', () => {
    const problems = findStrayTables([
      { path: 'wire/limits.ts', text: 'export const a = defineLimits(1)' },
      { path: 'wire/decoder.ts', text: 'const a = defineLimits(1)' },
      { path: 'wire/decoder.ts', text: '// defineOptions(1)' },
    ])
    assert.deepEqual(problems, [
      'src/wire/decoder.ts: calls defineLimits; the docs find such tables only in a limits.ts',
    ])
  })
})
