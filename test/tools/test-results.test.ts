import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type FileEnd, readResults, type ResultLine } from '../../tools/test-results.ts'

const WELL: FileEnd = { exitCode: 0, signal: null, killedAfter: null }
const END: ResultLine = { kind: 'end' }

function pass(
  id: number,
  name: string,
  more: { parent?: number; suite?: boolean; skip?: string } = {},
): ResultLine {
  return { kind: 'pass', id, parent: 0, suite: false, skip: null, name, ...more }
}

function fail(id: number, name: string, more: { parent?: number; onlySubtests?: boolean } = {}): ResultLine {
  return {
    kind: 'fail',
    id,
    parent: 0,
    suite: false,
    skip: null,
    name,
    onlySubtests: false,
    error: 'no',
    ...more,
  }
}

suite('the results of a test file', () => {
  test('count tests without tests inside, and name them with what is around them', () => {
    const lines = [
      pass(2, 'a', { parent: 1 }),
      fail(3, 'b', { parent: 1 }),
      fail(1, 's', { onlySubtests: true }),
      END,
    ]
    const results = readResults(lines, { ...WELL, exitCode: 1 }, true)
    assert.equal(results.passed, 1)
    assert.deepEqual(results.failures, [{ name: 's > b', error: 'no' }])
  })

  test('do not count suites', () => {
    const results = readResults([pass(1, 'empty', { suite: true }), pass(2, 'a'), END], WELL, true)
    assert.equal(results.passed, 1)
  })

  test('keep the reason of a skip', () => {
    const results = readResults([pass(1, 'a', { skip: 'no aria2c' }), END], WELL, true)
    assert.deepEqual(results.skips, [{ name: 'a', reason: 'no aria2c' }])
    assert.deepEqual(results.failures, [])
  })

  test('make a failure of a skip where none is allowed, and of one without a reason', () => {
    const forbidden = readResults([pass(1, 'a', { skip: 'no aria2c' }), END], WELL, false)
    assert.equal(forbidden.failures.length, 1)
    assert.match(forbidden.failures[0]!.error, /no aria2c/)
    const unexplained = readResults([pass(1, 'a', { skip: '' }), END], WELL, true)
    assert.equal(unexplained.failures.length, 1)
    assert.deepEqual([unexplained.passed, unexplained.skips.length], [0, 0])
  })

  const bad: [what: string, lines: ResultLine[], end: FileEnd, error: RegExp][] = [
    ['no tests', [END], WELL, /no tests/],
    ['an exit before the tests were over', [pass(1, 'a')], WELL, /exit code 0 before its tests did/],
    ['an exit code without a failed test', [pass(1, 'a'), END], { ...WELL, exitCode: 7 }, /exit code 7/],
    ['a signal', [pass(1, 'a')], { ...WELL, exitCode: null, signal: 'SIGSEGV' }, /SIGSEGV/],
    [
      'a time-out',
      [pass(1, 'a'), { kind: 'start', id: 2, parent: 0, name: 'b' }],
      { exitCode: null, signal: 'SIGKILL', killedAfter: 3000 },
      /killed after 3 s; unfinished: b/,
    ],
  ]
  for (const [what, lines, end, error] of bad) {
    test(`${what} is a failure of the file`, () => {
      const { failures } = readResults(lines, end, true)
      assert.equal(failures.length, 1)
      assert.match(failures[0]!.error, error)
    })
  }
})
