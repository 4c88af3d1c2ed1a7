/** A folder that is published, followed, changed and published again: on real sockets and disks. */

import assert from 'node:assert/strict'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { openSession } from '../../../src/client/node.ts'
import type { SessionOptions } from '../../../src/client/session-options.ts'
import { type CliRun, runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const BIG = new Uint8Array(300_000).fill(7)

async function event(run: CliRun, type: string, times = 1): Promise<Record<string, unknown>> {
  for (;;) {
    const found = run.events.filter(each => each['type'] === type)
    if (found.length >= times) return found[times - 1]!
    const failed = run.events.find(each => each['type'] === 'error')
    if (failed) assert.fail(JSON.stringify(failed))
    await new Promise(setImmediate)
  }
}

test('what changes is followed, and what did not change is kept', { timeout: 60_000 }, async t => {
  const folder = await temporaryFolder(t)
  await using router = await openSession({
    listen: [{ address: '127.0.0.1', port: 0 }],
    dht: {},
    lsd: false,
    portMapping: false,
  })
  const environment = {
    workingFolder: folder,
    variables: { XDG_STATE_HOME: join(folder, 'state') },
    openSession: (options: SessionOptions) => openSession(options),
  }
  const network = [
    ...['--bind', '127.0.0.1', '--port', '0', '--no-lsd', '--no-port-map', '--json'],
    ...['--dht-router', `127.0.0.1:${router.listening[0]!.port}`],
  ]
  const publish = (): CliRun =>
    runCli(['publish', 'news', '--key', 'my.key', '--no-torrent-file', ...network], environment)
  await mkdir(join(folder, 'news'))
  await writeFile(join(folder, 'news', 'big'), BIG)
  await writeFile(join(folder, 'news', 'today'), 'monday, and it rains')
  const monday = publish()
  const { link, sequence } = await event(monday, 'edition')
  assert.equal((await stat(join(folder, 'my.key'))).mode & 0o777, 0o600)

  const follow = runCli(['follow', String(link), '--dir', 'got', '--every', '0.2', ...network], environment)
  assert.equal((await event(follow, 'done'))['sequence'], sequence)
  assert.equal(await readFile(join(folder, 'got', 'news', 'today'), 'utf8'), 'monday, and it rains')
  const before = await stat(join(folder, 'got', 'news', 'big'))

  monday.interrupt()
  assert.equal(await monday.exitCode, 130)
  await writeFile(join(folder, 'news', 'today'), 'tuesday')
  const tuesday = publish()
  const edition = await event(tuesday, 'edition')
  assert.equal(String(edition['link']).replace(/&x\.pe=.*/, ''), String(link).replace(/&x\.pe=.*/, ''))
  assert.equal((await event(follow, 'done', 2))['sequence'], edition['sequence'])
  assert.equal(await readFile(join(folder, 'got', 'news', 'today'), 'utf8'), 'tuesday')
  const after = await stat(join(folder, 'got', 'news', 'big'))
  assert.deepEqual([after.ino, after.mtimeMs], [before.ino, before.mtimeMs], 'it was not written to')
  follow.interrupt()
  assert.equal(await follow.exitCode, 130)

  const again = runCli(['follow', String(link), '--dir', 'got', '--once', ...network], environment)
  assert.equal(await again.exitCode, 0)
  assert.equal((await event(again, 'done'))['sequence'], edition['sequence'])
  tuesday.interrupt()
  assert.equal(await tuesday.exitCode, 130)
})

test('publish and follow need the DHT, a key and a link', async t => {
  const folder = await temporaryFolder(t, { 'not-a.key': 'hello', thing: 'x' })
  const key = ['--key', 'not-a.key']
  for (const [argv, code] of [
    [['publish', 'thing', ...key, '--no-dht'], 'dht-needed'],
    [['publish', 'thing', ...key], 'publisher-key-invalid'],
    [['publish', 'thing', '--key', 'k', '--salt', 'x'.repeat(65)], 'salt-too-long'],
    [['publish', 'thing', '--key', 'no/folder/k'], 'publisher-key-unusable'],
    [['follow', `magnet:?xt=urn:btih:${'ab'.repeat(20)}`], 'magnet-key-invalid'],
    [['follow', `magnet:?xs=urn:btpk:${'ab'.repeat(32)}`, '--no-dht'], 'dht-needed'],
    [['get', `magnet:?xs=urn:btpk:${'ab'.repeat(32)}`], 'magnet-hash-missing'],
  ] as const) {
    const run = runCli([...argv, '--json'], { workingFolder: folder })
    assert.notEqual(await run.exitCode, 0)
    assert.equal(run.events.at(-1)?.['code'], code, argv.join(' '))
  }
})
