/** The command line as a process of its own: signals, pipes, and what is left behind. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { eventsOf, launch, type Launched, until } from './launch.ts'
import { temporaryFolder } from './temporary-folder.ts'

const LOOPBACK = ['--bind', '127.0.0.1', '--port', '0', '--json']

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

test('the two names of a hybrid are one torrent to get', async t => {
  const folder = await temporaryFolder(t, { 'shared/a.bin': 'hello '.repeat(50_000) })
  const seed = launch(t, ['seed', 'shared/a.bin', ...LOOPBACK], folder)
  await until(() => seed.output.stdout.includes('"ready"'), seed)
  const magnet = String(eventsOf(seed).find(event => event['type'] === 'ready')!['magnet'])
  const [byV1, byV2] = [/xt=urn:btmh:[0-9a-f]+&/, /xt=urn:btih:[0-9a-f]+&/].map(xt => magnet.replace(xt, ''))

  const first = launch(t, ['get', byV1!, '--dir', 'got', '--seed', ...LOOPBACK], folder)
  await until(() => first.output.stdout.includes('"done"'), first)
  const beside = launch(t, ['get', byV2!, '--dir', 'got', ...LOOPBACK], folder)
  assert.deepEqual(await beside.ended, [1, null])
  assert.match(beside.output.stdout, /"code":"state-locked"/)
  assert.match(beside.output.stderr, new RegExp(`process ${first.child.pid}`))
  first.child.kill('SIGINT')
  await first.ended

  const second = launch(t, ['get', byV2!, '--dir', 'got', ...LOOPBACK], folder)
  assert.deepEqual(await second.ended, [0, null], second.output.stderr)
  seed.child.kill('SIGINT')
  await seed.ended
  const alone = launch(t, ['get', byV2!, '--dir', 'got', ...LOOPBACK], folder)
  assert.deepEqual(await alone.ended, [0, null], alone.output.stderr)
})

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

/** `up` in a folder where reading the state never ends, as on a disk that hangs; it is ready, and one torrent is not. */
async function upOnHangingState(t: TestContext): Promise<Launched> {
  const folder = await temporaryFolder(t, { 'shared/a.txt': 'hello' })
  const start = async (): Promise<Launched> => {
    const up = launch(t, ['up', '--bind', '127.0.0.1', '--port', '0', '--state', 'st', '--json'], folder)
    await until(() => up.output.stdout.includes('"ready"'), up)
    return up
  }
  const before = await start()
  before.child.kill('SIGINT')
  assert.deepEqual(await before.ended, [130, null])
  const torrents = join(folder, 'st', 'session', 'torrents')
  const [log] = (await readdir(torrents)).map(id => join(torrents, id, 'resume.log'))
  await rm(log!)
  execFileSync('mkfifo', [log!])
  return start()
}

const NO_FIFO = process.platform === 'win32' && 'Windows has no named pipes in folders'

test('Ctrl-C ends it also where a disk never answers, and says so', { skip: NO_FIFO }, async t => {
  const up = await upOnHangingState(t)
  up.child.kill('SIGINT')
  assert.deepEqual(await up.ended, [null, 'SIGINT'])
  assert.match(up.output.stderr, /error: the disk of \S+ does not answer: what/)
})

test('a second Ctrl-C does not wait for such a disk', { skip: NO_FIFO }, async t => {
  const up = await upOnHangingState(t)
  up.child.kill('SIGINT')
  await until(() => up.output.stderr.includes('Stopping'), up)
  up.child.kill('SIGINT')
  assert.deepEqual(await up.ended, [null, 'SIGINT'])
  assert.doesNotMatch(up.output.stderr, /does not answer/)
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
