/** Links of a folder, from `create` to what `get` makes of them. */

import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { eventsOf, launch, until } from './launch.ts'
import { runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const LOOPBACK = ['--bind', '127.0.0.1', '--port', '0', '--json']
const skip = process.platform === 'win32' && 'links need a right there'

for (const format of ['v1', 'v2', 'hybrid']) {
  test(`create keeps links that stay inside, in ${format}, and show tells of them`, { skip }, async t => {
    const folder = await temporaryFolder(t, {
      outside: 'x',
      'set/lib/so.1.2': 'library',
      'set/bin/tool': 'tool',
    })
    await symlink('so.1', join(folder, 'set/lib/so'))
    await symlink('so.1.2', join(folder, 'set/lib/so.1'))
    await symlink('../lib', join(folder, 'set/bin/lib'))
    await symlink('bin/lib/so', join(folder, 'set/through'))
    await symlink('../outside', join(folder, 'set/out'))
    await symlink(join(folder, 'set/bin/tool'), join(folder, 'set/absolute'))
    await symlink('nothing', join(folder, 'set/dangling'))
    await symlink('self', join(folder, 'set/self'))
    await symlink('.', join(folder, 'set/bin/around'))
    const made = runCli(['create', 'set', '--format', format, '--json'], { workingFolder: folder })
    assert.equal(await made.exitCode, 0, made.stderr)
    const told: [string, RegExp][] = [
      ['out', /leads out of the folder/],
      ['absolute', /to an absolute path/],
      ['dangling', /to nothing/],
      ['self', /in a circle/],
      ['bin/around', /to a folder that it lies in/],
    ]
    const lines = made.stderr.trimEnd().split('\n')
    for (const [name, why] of told) {
      assert.match(lines.find(line => line.includes(`set/${name} is left out`)) ?? '', why)
    }
    assert.equal(lines.length, told.length)

    const shown = runCli(['show', 'set.torrent'], { workingFolder: folder })
    assert.equal(await shown.exitCode, 0)
    for (const link of [
      'bin/lib -> lib',
      'lib/so -> lib/so.1',
      'lib/so.1 -> lib/so.1.2',
      'through -> lib/so',
    ]) {
      assert.ok(shown.stderr.includes(link), `${link} in ${shown.stderr}`)
    }
    const verified = runCli(['verify', 'set.torrent', '--dir', '.'], { workingFolder: folder })
    assert.equal(await verified.exitCode, 0, verified.stderr)
  })
}

test('get makes the links of what up publishes', { skip }, async t => {
  const folder = await temporaryFolder(t, { 'shared/set/lib/so.1': 'library' })
  await mkdir(join(folder, 'shared/set/bin'))
  await writeFile(join(folder, 'shared/set/bin/tool'), 'tool')
  await symlink('../lib/so.1', join(folder, 'shared/set/bin/so'))
  await symlink('lib', join(folder, 'shared/set/lib64'))
  const up = launch(t, ['up', ...LOOPBACK], folder)
  await until(() => up.output.stdout.includes('"ready"'), up)
  const ready = eventsOf(up).find(event => event['type'] === 'ready')!
  const [set] = ready['torrents'] as { url: string }[]
  const get = launch(t, ['get', set!.url, '--dir', 'got', ...LOOPBACK], folder)
  assert.deepEqual(await get.ended, [0, null], get.output.stderr)
  assert.equal(await readlink(join(folder, 'got/set/bin/so')), '../lib/so.1')
  assert.equal(await readlink(join(folder, 'got/set/lib64')), 'lib')
  assert.equal(await readFile(join(folder, 'got/set/lib64/so.1'), 'utf8'), 'library')

  // Something of somebody's own is in the way of a link: it stays, the link is left out, and all else is there.
  await mkdir(join(folder, 'shared/set/only'))
  await symlink('../lib/so.1', join(folder, 'shared/set/only/so'))
  const seed = launch(t, ['seed', 'shared/set', '-o', 'seeded.torrent', ...LOOPBACK], folder)
  await until(() => seed.output.stdout.includes('"ready"'), seed)
  const magnet = String(eventsOf(seed).find(event => event['type'] === 'ready')!['magnet'])
  await mkdir(join(folder, 'own/set'), { recursive: true })
  await mkdir(join(folder, 'own/elsewhere'))
  await symlink('../elsewhere', join(folder, 'own/set/only'))
  const beside = launch(t, ['get', magnet, '--dir', 'own', ...LOOPBACK], folder)
  assert.deepEqual(await beside.ended, [0, null], beside.output.stderr)
  const failed = eventsOf(beside).filter(event => event['alert'] === 'link-failed')
  assert.equal(failed.length, 1, beside.output.stdout)
  assert.match(beside.output.stderr, /a link of the torrent is left out/)
  assert.deepEqual(await readdir(join(folder, 'own/elsewhere')), [])
  assert.equal(await readFile(join(folder, 'own/set/lib64/so.1'), 'utf8'), 'library')
})
