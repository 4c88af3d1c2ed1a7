/** The pasted walk as processes: publish a folder, get from it by URL, by magnet and in part, and go on after Ctrl-C. */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { eventsOf, launch, until } from './launch.ts'
import { temporaryFolder } from './temporary-folder.ts'

const LOOPBACK = ['--bind', '127.0.0.1', '--port', '0', '--json']

test('what up publishes is got by URL, by magnet link and in part, and got on with after Ctrl-C', async t => {
  const big = randomBytes(8 << 20)
  const folder = await temporaryFolder(t, {
    'shared/album/größe.txt': 'hello',
    'shared/album/sub/two.bin': randomBytes(50_000),
    'shared/album/empty': '',
    'shared/big.bin': big,
  })
  const up = launch(t, ['up', ...LOOPBACK], folder)
  await until(() => up.output.stdout.includes('"ready"'), up)
  const ready = eventsOf(up).find(event => event['type'] === 'ready')!
  const [album, bigOne] = ready['torrents'] as { url: string }[]
  const page = await (await fetch(String(ready['web']))).text()
  const magnet = /href="(magnet:[^"]*dn=album[^"]*)"/.exec(page)![1]!.replaceAll('&amp;', '&')

  const byUrl = launch(t, ['get', album!.url, '--dir', 'by-url', ...LOOPBACK], folder)
  assert.deepEqual(await byUrl.ended, [0, null], byUrl.output.stderr)
  assert.ok(eventsOf(byUrl).some(event => event['type'] === 'done'))
  for (const name of ['größe.txt', 'sub/two.bin', 'empty']) {
    assert.deepEqual(
      await readFile(join(folder, 'by-url/album', name)),
      await readFile(join(folder, 'shared/album', name)),
    )
  }

  const inPart = launch(t, ['get', magnet, '--dir', 'in-part', '--select', '*.txt', ...LOOPBACK], folder)
  assert.deepEqual(await inPart.ended, [0, null], inPart.output.stderr)
  assert.equal(await readFile(join(folder, 'in-part/album/größe.txt'), 'utf8'), 'hello')
  await assert.rejects(access(join(folder, 'in-part/album/sub/two.bin')))

  const slow = launch(t, ['get', bigOne!.url, '--dir', 'resumed', '--max-down', '2M', ...LOOPBACK], folder)
  await until(() => slow.output.stdout.includes('"piece-verified"'), slow)
  slow.child.kill('SIGINT')
  assert.deepEqual(await slow.ended, [130, null])
  const resumed = launch(t, ['get', bigOne!.url, '--dir', 'resumed', ...LOOPBACK], folder)
  assert.deepEqual(await resumed.ended, [0, null], resumed.output.stderr)
  assert.deepEqual(await readFile(join(folder, 'resumed/big.bin')), big)
  const done = eventsOf(resumed).find(event => event['type'] === 'done')!
  assert.ok(Number(done['downloaded']) < big.length, 'what was there was not fetched again')
})
