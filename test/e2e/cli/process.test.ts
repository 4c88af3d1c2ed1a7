/** The command line as a process of its own: signals, pipes, and what is left behind. */

import assert from 'node:assert/strict'
import test from 'node:test'
import { eventsOf, launch, until } from './launch.ts'
import { temporaryFolder } from './temporary-folder.ts'

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
