/**
 * Runs the tests: `node -C shoal-source tools/test.ts [folder or file]...`, without arguments all of `test/`.
 * Each file has a process of its own; its last line is `N passed, N failed, N skipped`.
 *
 * SHOAL_INTEROP=require       a skipped test counts as a failure
 * SHOAL_TEST_TIMEOUT=<ms>     how long one file may take (600000)
 * SHOAL_TEST_JOBS=<n>         how many files run at once (as many as there are cores)
 */

import { globSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type FileRun, killRunningFiles, runFile } from './test-file.ts'
import { formatCount } from './test-results.ts'

const FILE_TIMEOUT = 10 * 60_000

function discover(places: readonly string[]): string[] {
  const files = new Set<string>()
  for (const place of places) {
    const isFile = statSync(place, { throwIfNoEntry: false })?.isFile() === true
    const found = isFile ? [place] : globSync(join(place, '**/*.test.ts'))
    if (found.length === 0) console.log(`none ${place} (no test files there)`)
    for (const file of found) files.add(file)
  }
  return [...files].sort()
}

async function runAll(files: readonly string[]): Promise<FileRun[]> {
  const options = {
    timeout: Number(process.env['SHOAL_TEST_TIMEOUT'] ?? FILE_TIMEOUT),
    allowSkips: process.env['SHOAL_INTEROP'] !== 'require',
  }
  const jobs = Number(process.env['SHOAL_TEST_JOBS'] ?? availableParallelism())
  const waiting = [...files]
  const runs: FileRun[] = []
  async function work(): Promise<void> {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const run = await runFile(file, options)
      runs.push(run)
      console.log(formatRun(run))
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return runs
}

function formatRun({ file, passed, failures, skips, duration }: FileRun): string {
  const verdict = failures.length > 0 ? 'FAIL' : skips.length > 0 ? 'skip' : 'ok  '
  return `${verdict} ${file} (${formatCount(passed, failures.length, skips.length)}, ${Math.round(duration)} ms)`
}

function printDetails(runs: readonly FileRun[]): void {
  for (const { file, failures, output, notes } of runs) {
    if (failures.length === 0) continue
    for (const { name, error } of failures) console.log(`\nFAILED ${file}: ${name}\n${indent(error)}`)
    if (notes.length > 0) console.log(`\n  its diagnostics:\n${indent(notes.join('\n'))}`)
    if (output !== '') console.log(`\n  the end of its output:\n${indent(output.trimEnd())}`)
  }
  console.log('')
  for (const { file, skips } of runs) {
    for (const { name, reason } of skips) console.log(`SKIPPED ${file}: ${name}: ${reason}`)
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ')
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    killRunningFiles()
    process.kill(process.pid, signal)
  })
}

const places = process.argv.length > 2 ? process.argv.slice(2) : ['test']
const runs = (await runAll(discover(places))).sort((a, b) => (a.file < b.file ? -1 : 1))
printDetails(runs)
const passed = runs.reduce((sum, run) => sum + run.passed, 0)
const failed = runs.reduce((sum, run) => sum + run.failures.length, 0)
const skipped = runs.reduce((sum, run) => sum + run.skips.length, 0)
if (passed + failed === 0)
  console.log(`Nothing ran: there are no tests in ${places.join(', ')}, or all were skipped.`)
if (passed + failed === 0 || failed > 0) process.exitCode = 1
console.log(formatCount(passed, failed, skipped))
