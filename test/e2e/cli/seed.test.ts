import assert from 'node:assert/strict'
import { access, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { parseMagnet } from '../../../src/metainfo/magnet.ts'
import { FakeSession } from './fake-session.ts'
import { type CliOptions, type CliRun, runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

async function startSeed(argv: readonly string[], options: CliOptions) {
  const opened = Promise.withResolvers<FakeSession>()
  const run = runCli(['seed', ...argv], {
    ...options,
    openSession: async sessionOptions => {
      const session = new FakeSession(sessionOptions)
      opened.resolve(session)
      return session
    },
  })
  const session = await Promise.race([opened.promise, failure(run)])
  return { run, session, torrent: await session.added }
}

async function failure(run: CliRun): Promise<never> {
  throw new Error(`it ended with ${await run.exitCode}: ${run.stderr}`)
}

test('seed PATH makes the torrent, says where it is, and serves the content as it stands', async t => {
  const folder = await temporaryFolder(t, { 'in/holiday/one.txt': 'hello', 'in/holiday/two.txt': 'world' })
  const { run, session, torrent } = await startSeed(
    ['in/holiday', '--tracker', 'http://t.example/announce', '--json'],
    {
      workingFolder: folder,
    },
  )
  assert.equal(torrent.options.folder, join(folder, 'in'))
  assert.equal(torrent.options.isKnownGood, true)
  run.interrupt()
  assert.equal(await run.exitCode, 130)
  assert.ok(session.isClosed)
  const ready = run.events.find(event => event['type'] === 'ready')!
  assert.equal(ready['torrentFile'], join(folder, 'holiday.torrent'))
  assert.ok(ready['infoHashV1'] !== null && ready['infoHashV2'] !== null)
  const magnet = parseMagnet(String(ready['magnet']))
  assert.deepEqual(magnet.trackers, ['http://t.example/announce'])
  assert.deepEqual(magnet.peers, [])
  await access(join(folder, 'holiday.torrent'))
})

test('without a tracker the magnet link itself says where the seed is', async t => {
  const folder = await temporaryFolder(t, { 'one.txt': 'hello' })
  const { run } = await startSeed(['one.txt'], { workingFolder: folder })
  run.interrupt()
  assert.equal(await run.exitCode, 130)
  assert.match(run.stderr, /^magnet link {3}magnet:\?xt=urn:btih:.*&x\.pe=192\.0\.2\.7:6881$/m)
  assert.match(run.stderr, /^It has no tracker/m)
  assert.match(run.stderr, new RegExp(`^torrent file {2}${folder}/one\\.txt\\.torrent$`, 'm'))
})

test('no torrent file is written where none is wanted', async t => {
  const folder = await temporaryFolder(t, { 'one.txt': 'hello' })
  const { run } = await startSeed(['one.txt', '--no-torrent-file', '--json'], { workingFolder: folder })
  run.interrupt()
  await run.exitCode
  assert.equal(run.events.find(event => event['type'] === 'ready')!['torrentFile'], null)
  await assert.rejects(access(join(folder, 'one.txt.torrent')))
})

test('another file in the place of the torrent file is left alone, and seeding goes on', async t => {
  const folder = await temporaryFolder(t, { 'one.txt': 'hello', 'one.txt.torrent': 'something else' })
  const { run } = await startSeed(['one.txt'], { workingFolder: folder })
  run.interrupt()
  assert.equal(await run.exitCode, 130)
  assert.match(run.stderr, /^warning: .*one\.txt\.torrent exists and is another file/m)
  assert.equal(await readFile(join(folder, 'one.txt.torrent'), 'utf8'), 'something else')
  const strict = runCli(['seed', 'one.txt', '-o', 'one.txt.torrent'], { workingFolder: folder })
  assert.equal(await strict.exitCode, 1)
  // Before the content is looked at.
  const early = runCli(['seed', 'nothing', '-o', 'one.txt.torrent', '--json'], { workingFolder: folder })
  assert.equal(await early.exitCode, 1)
  assert.equal(early.events[0]?.['code'], 'file-exists')
})

test('seed TORRENT from a folder that is not there ends, and makes none', async t => {
  const folder = await temporaryFolder(t, { 'one.txt': 'hello' })
  assert.equal(await runCli(['create', 'one.txt'], { workingFolder: folder }).exitCode, 0)
  const run = runCli(['seed', 'one.txt.torrent', '--dir', 'mistyped'], { workingFolder: folder })
  assert.equal(await run.exitCode, 1)
  assert.match(run.stderr, /^error: .*mistyped cannot be used: there is no such folder/)
  await assert.rejects(access(join(folder, 'mistyped')))
})

test('a port alone is listened at for IPv4 and, where there is one, IPv6', async t => {
  const folder = await temporaryFolder(t, { 'one.txt': 'hello' })
  const { run, session } = await startSeed(['one.txt', '--port', '7777'], { workingFolder: folder })
  run.interrupt()
  await run.exitCode
  assert.deepEqual(session.options.listen, [
    { address: '0.0.0.0', port: 7777 },
    { address: '::', port: 7777, isOptional: true },
  ])
})

test('seed TORRENT serves from --dir, where nothing is taken for granted', async t => {
  const folder = await temporaryFolder(t, { 'one.txt': 'hello', 'data/other.txt': 'x' })
  assert.equal(await runCli(['create', 'one.txt'], { workingFolder: folder }).exitCode, 0)
  await rm(join(folder, 'one.txt'))
  const { run, torrent } = await startSeed(
    ['one.txt.torrent', '--dir', 'data', '--tracker', 'http://t.example/a'],
    {
      workingFolder: folder,
    },
  )
  assert.equal(torrent.options.folder, join(folder, 'data'))
  assert.equal(torrent.options.isKnownGood, undefined)
  assert.deepEqual(torrent.options.trackers, ['http://t.example/a'])
  run.interrupt()
  assert.equal(await run.exitCode, 130)
})

test('a magnet link cannot be seeded', async () => {
  const run = runCli(['seed', `magnet:?xt=urn:btih:${'ab'.repeat(20)}`, '--dir', '.'])
  assert.equal(await run.exitCode, 2)
  assert.match(run.stderr, /a magnet link does not say what the files are/)
})
