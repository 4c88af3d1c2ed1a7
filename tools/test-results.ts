/** What the lines of `test-reporter.ts` mean: which tests passed, failed and were skipped, and why. */

export type ResultLine =
  | { kind: 'start'; id: number; parent: number; name: string }
  | { kind: 'pass'; id: number; parent: number; name: string; suite: boolean; skip: string | null }
  | {
      kind: 'fail'
      id: number
      parent: number
      name: string
      suite: boolean
      skip: string | null
      onlySubtests: boolean
      error: string
    }
  | { kind: 'note'; message: string }
  | { kind: 'end' }

/** How the process of a test file ended. */
export interface FileEnd {
  readonly exitCode: number | null
  readonly signal: string | null
  /** The runner killed it after this many milliseconds; null where it ended by itself. */
  readonly killedAfter: number | null
}

export interface FileResults {
  /** Tests without tests inside; suites are not counted. */
  passed: number
  readonly failures: { readonly name: string; readonly error: string }[]
  readonly skips: { readonly name: string; readonly reason: string }[]
  readonly notes: string[]
}

/** `allowSkips: false` makes every skip a failure; a skip without a reason is one anyway. */
export function readResults(lines: readonly ResultLine[], end: FileEnd, allowSkips: boolean): FileResults {
  const results: FileResults = { passed: 0, failures: [], skips: [], notes: [] }
  const nameOf = namer(lines)
  const parents = new Set<number>()
  const open = new Map<number, string>()

  for (const line of lines) {
    if (line.kind === 'start') open.set(line.id, nameOf(line.id))
    if (line.kind === 'note') results.notes.push(line.message)
    if (line.kind !== 'pass' && line.kind !== 'fail') continue
    open.delete(line.id)
    parents.add(line.parent)
    const name = nameOf(line.id)
    if (line.skip !== null) addSkip(results, name, line.skip, allowSkips)
    else if (line.kind === 'pass') results.passed += line.suite || parents.has(line.id) ? 0 : 1
    else if (!line.onlySubtests) results.failures.push({ name, error: line.error })
    else if (results.failures.length === 0) results.failures.push({ name, error: line.error })
  }

  const isComplete = lines.some(line => line.kind === 'end')
  const problem = problemOf(end, isComplete, [...open.values()], results)
  if (problem !== null) results.failures.push({ name: '(the file as a whole)', error: problem })
  return results
}

function addSkip(results: FileResults, name: string, reason: string, allowSkips: boolean): void {
  if (reason === '') {
    results.failures.push({ name, error: 'skipped without a reason: say why it cannot run here' })
  } else if (!allowSkips) {
    results.failures.push({ name, error: `skipped, and SHOAL_INTEROP=require allows no skips: ${reason}` })
  } else {
    results.skips.push({ name, reason })
  }
}

function problemOf(
  end: FileEnd,
  isComplete: boolean,
  open: readonly string[],
  results: FileResults,
): string | null {
  const running = open.length === 0 ? '' : `; unfinished: ${open.join(', ')}`
  if (end.killedAfter !== null) {
    const cause =
      open.length === 0 ? '; its tests are over or block it, or something holds its event loop' : ''
    return `killed after ${Math.round(end.killedAfter / 1000)} s${cause}${running}`
  }
  if (end.signal !== null) return `ended by ${end.signal}${running}`
  if (!isComplete && open.length === 0 && results.passed === 0)
    return `reported no tests (exit code ${end.exitCode})`
  if (!isComplete) return `ended with exit code ${end.exitCode} before its tests did${running}`
  const count = results.passed + results.failures.length + results.skips.length
  if (count === 0) return 'has no tests'
  if (end.exitCode !== 0 && results.failures.length === 0) return `ended with exit code ${end.exitCode}`
  return null
}

/** Names with the suites around them: `a suite > a test`. */
function namer(lines: readonly ResultLine[]): (id: number) => string {
  const known = new Map<number, { name: string; parent: number }>()
  for (const line of lines) if ('id' in line) known.set(line.id, line)
  return function nameOf(id: number): string {
    const test = known.get(id)
    if (!test) return ''
    const outer = nameOf(test.parent)
    return outer === '' ? test.name : `${outer} > ${test.name}`
  }
}

export function formatCount(passed: number, failed: number, skipped: number): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
