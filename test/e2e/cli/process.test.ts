/** The command line as a process of its own: signals, pipes, and what is left behind. */

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from './temporary-folder.ts'

const LAUNCHER = fileURLToPath(new URL('../../../bin/shoal.js', import.meta.url))

interface Launched {
  readonly child: ChildProcess
  readonly output: { stdout: string; stderr: string }
  readonly ended: Promise<[code: number | null, signal: string | null]>
}

function launch(t: TestContext, argv: readonly string[], folder: string): Launched {
  const child = spawn(process.execPath, [LAUNCHER, ...argv], {
    cwd: folder,
    env: { ...process.env, HOME: folder, XDG_STATE_HOME: join(folder, 'state') },
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

async function until(condition: () => boolean, { child, output }: Launched): Promise<void> {
  while (!condition()) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${output.stderr}`)
    await new Promise(setImmediate)
  }
}

function eventsOf(launched: Launched): Record<string, unknown>[] {
  const lines = launched.output.stdout.split('\n').slice(0, -1)
  return lines.map(line => JSON.parse(line) as Record<string, unknown>)
}

test('create and show work from any folder', async t => {
  const folder = await temporaryFolder(t, { 'a.txt': 'hello' })
  const create = launch(t, ['create', 'a.txt', '--json'], folder)
  assert.deepEqual(await create.ended, [0, null])
  const show = launch(t, ['show', 'a.txt.torrent', '--json'], folder)
  assert.deepEqual(await show.ended, [0, null])
  assert.equal(eventsOf(show)[0]!['infoHashV2'], eventsOf(create)[0]!['infoHashV2'])
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends a running command with 130, and nothing stays behind`, async t => {
    const folder = await temporaryFolder(t, { 'shared/a.txt': 'hello' })
    const up = launch(t, ['up', '--bind', '127.0.0.1', '--port', '0', '--json'], folder)
    await until(() => up.output.stdout.includes('"ready"'), up)
    up.child.kill(signal)
    assert.deepEqual(await up.ended, [130, null])
    assert.ok(eventsOf(up).length > 0)
  })
}

test('a long result reaches a slow reader whole', async t => {
  const files = Object.fromEntries(
    Array.from({ length: 3000 }, (_, i) => [`many/a-file-with-a-long-name-${i}.txt`, 'x']),
  )
  const folder = await temporaryFolder(t, files)
  assert.deepEqual(await launch(t, ['create', 'many', '--format', 'v1'], folder).ended, [0, null])
  const show = launch(t, ['show', 'many.torrent', '--json'], folder)
  show.child.stdout!.pause()
  await until(() => show.child.stdout!.readableLength > 0, show)
  show.child.stdout!.resume()
  assert.deepEqual(await show.ended, [0, null])
  assert.equal((eventsOf(show)[0]!['files'] as unknown[]).length, 3000)
})

test('a reader that goes away ends the command without a stack', async t => {
  const folder = await temporaryFolder(t, { 'shared/a.txt': 'hello' })
  const up = launch(t, ['up', '--bind', '127.0.0.1', '--port', '0', '--json'], folder)
  await until(() => up.output.stdout.includes('"ready"'), up)
  up.child.stdout!.destroy()
  const [code] = await up.ended
  assert.equal(code, 1)
  assert.doesNotMatch(up.output.stderr, /EPIPE|\n +at /)
})
