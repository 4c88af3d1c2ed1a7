/**
 * The reporter that every test file runs with: one JSON line an event, which `test-results.ts` reads. It runs in
 * the process of the test file, where errors are still whole.
 */

import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'
import type { ResultLine } from './test-results.ts'

/** Node's own closing lines, which come as diagnostics. */
const SUMMARY_NOTE = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/

// Node demands a default export of a reporter.
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    const line = lineOf(event)
    if (line !== null) yield `${JSON.stringify(line)}\n`
  }
}

function lineOf(event: TestEvent): ResultLine | null {
  switch (event.type) {
    // Not 'test:start', which waits for the tests before it to be reported.
    case 'test:dequeue':
      return { kind: 'start', ...placeOf(event.data) }
    case 'test:pass':
      return { kind: 'pass', ...placeOf(event.data), ...marksOf(event.data) }
    case 'test:fail':
      return {
        kind: 'fail',
        ...placeOf(event.data),
        ...marksOf(event.data),
        onlySubtests: failureTypeOf(event.data.details.error) === 'subtestsFailed',
        error: describeError(event.data.details.error),
      }
    case 'test:diagnostic':
      return SUMMARY_NOTE.test(event.data.message) ? null : { kind: 'note', message: event.data.message }
    case 'test:summary':
      return { kind: 'end' }
    default:
      return null
  }
}

interface Placed {
  readonly name: string
  readonly testId?: number | undefined
  readonly parentId?: number | undefined
}

function placeOf({ name, testId = -1, parentId = 0 }: Placed): { id: number; parent: number; name: string } {
  return { id: testId, parent: parentId, name }
}

function marksOf(data: {
  details: { type?: string | undefined }
  skip?: string | boolean | undefined
  todo?: string | boolean | undefined
}): { suite: boolean; skip: string | null } {
  const mark = data.skip ?? data.todo
  const isMarked = mark !== undefined && mark !== false
  return {
    suite: data.details.type === 'suite',
    skip: isMarked ? (typeof mark === 'string' ? mark : '') : null,
  }
}

function failureTypeOf(error: Error): unknown {
  return 'failureType' in error ? error.failureType : null
}

/** The runner's own frames say nothing about the test. */
const RUNNER_FRAME = /\n +at [^\n]*\bnode:(?:internal\/test_runner|async_hooks)[^\n]*?(?=\n| \{$|$)/g

function describeError(error: Error): string {
  const cause = error.cause
  if (!(cause instanceof Error)) return `${error.message}\n${inspect(cause)}`
  // The message of an assertion has its values already.
  const text = cause.name === 'AssertionError' ? (cause.stack ?? cause.message) : inspect(cause, { depth: 6 })
  return text.replace(RUNNER_FRAME, '')
}
