/** The launcher as a process of its own, in a folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until as untilTrue } from '../../support/until.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const LAUNCHER = fileURLToPath(new URL('../../../bin/shoal.js', import.meta.url))

export interface Launched {
  readonly child: ChildProcess
  readonly output: { stdout: string; stderr: string }
  readonly ended: Promise<[code: number | null, signal: string | null]>
}

export function launch(
  t: TestContext,
  argv: readonly string[],
  folder: string,
  { launcher = LAUNCHER, env = process.env }: { launcher?: string; env?: NodeJS.ProcessEnv } = {},
): Launched {
  const child = spawn(process.execPath, [launcher, ...argv], {
    cwd: folder,
    env: {
      ...env,
      HOME: folder,
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CACHE_HOME: join(ROOT, 'node_modules', '.cache'), // or each would compile everything anew
    },
  })
  t.after(() => child.kill('SIGKILL'))
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  return { child, output, ended: once(child, 'close') as Launched['ended'] }
}

/** Waits for what a running process is to bring about; fails at once when it has ended without. */
export async function until(condition: () => boolean, { child, output }: Launched): Promise<void> {
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  await untilTrue(() => condition() || hasEnded())
  if (!condition()) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}: ${output.stderr}`)
}

/** The objects of `--json`, whole lines only. */
export function eventsOf(launched: Launched): Record<string, unknown>[] {
  const lines = launched.output.stdout.split('\n').slice(0, -1)
  return lines.map(line => JSON.parse(line) as Record<string, unknown>)
}
