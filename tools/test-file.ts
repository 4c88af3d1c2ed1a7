/** Runs one test file in a process group of its own, so that what it leaves behind can be ended with it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type FileResults, readResults, type ResultLine } from './test-results.ts'

/** How much of a file's own output is kept for the report. */
const KEPT_OUTPUT = 64 * 1024

/** Each with the folder of its events. */
const running = new Map<ChildProcess, string>()

export interface FileRun extends FileResults {
  readonly file: string
  readonly output: string
  readonly duration: number
}

export interface RunOptions {
  readonly timeout: number
  readonly allowSkips: boolean
}

export async function runFile(file: string, { timeout, allowSkips }: RunOptions): Promise<FileRun> {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-test-'))
  const events = join(folder, 'events.jsonl')
  const started = performance.now()
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn(
    process.execPath,
    [
      '--conditions=shoal-source',
      `--test-reporter=${new URL('./test-reporter.ts', import.meta.url).href}`,
      `--test-reporter-destination=${events}`,
      file,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env },
  )
  running.set(child, folder)
  let output = ''
  const keep = (text: string) => {
    output = (output + text).slice(-KEPT_OUTPUT)
  }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)

  let killedAfter: number | null = null
  const timer = setTimeout(() => {
    killedAfter = timeout
    killGroup(child)
  }, timeout)
  const closed = once(child, 'close')
  const [exitCode, signal] = (await once(child, 'exit')) as [number | null, string | null]
  clearTimeout(timer)
  killGroup(child)
  running.delete(child)
  // A process that left the group may hold the pipes open for ever.
  await Promise.race([closed, delay(1000, undefined, { ref: false })])
  child.stdout.destroy()
  child.stderr.destroy()

  const lines = readLines(events)
  rmSync(folder, { recursive: true, force: true })
  const results = readResults(lines, { exitCode, signal, killedAfter }, allowSkips)
  return { ...results, file, output, duration: performance.now() - started }
}

/** For when the runner itself is told to stop. */
export function killRunningFiles(): void {
  for (const [child, folder] of running) {
    killGroup(child)
    rmSync(folder, { recursive: true, force: true })
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL')
  } catch {
    // The group is gone, as it should be.
  }
}

/** A process that was killed may leave half a line at the end. */
function readLines(path: string): ResultLine[] {
  const lines: ResultLine[] = []
  let text = ''
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return lines
  }
  for (const line of text.split('\n').slice(0, -1)) lines.push(JSON.parse(line) as ResultLine)
  return lines
}
