import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { address } from '../../../src/core/address.ts'
import { StorageError, TrackerError } from '../../../src/core/errors.ts'
import { FakeSession } from './fake-session.ts'
import { type CliOptions, runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { v1Torrent } from './torrents.ts'

const LONE_MAGNET = `magnet:?xt=urn:btih:${'ab'.repeat(20)}`
const MAGNET = `${LONE_MAGNET}&tr=http://tracker.example/announce`

/** Runs `get` and gives the session that it opened. */
function startGet(argv: readonly string[], options: CliOptions = {}) {
  const opened = Promise.withResolvers<FakeSession>()
  const run = runCli(['get', ...argv], {
    ...options,
    openSession: async sessionOptions => {
      const session = new FakeSession(sessionOptions)
      opened.resolve(session)
      return session
    },
  })
  return { run, session: opened.promise }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate)
}

test('get is done when the torrent is complete, and closes its session first', async t => {
  const workingFolder = await temporaryFolder(t)
  const { run, session } = startGet([MAGNET, '--json', '--dir', 'downloads'], { workingFolder })
  const torrent = await (await session).added
  assert.equal(torrent.options.folder, join(workingFolder, 'downloads'))
  torrent.completion.resolve()
  assert.equal(await run.exitCode, 0)
  assert.ok((await session).isClosed)
  assert.deepEqual(
    run.events.map(event => event['type']),
    ['ready', 'progress', 'done'],
  )
  const [ready, , done] = run.events
  assert.deepEqual(ready!['listening'], ['192.0.2.7:6881'])
  assert.equal(ready!['infoHashV1'], 'ab'.repeat(20))
  assert.equal(ready!['magnet'], MAGNET)
  assert.equal(done!['path'], join(workingFolder, 'downloads', 'unnamed'))
  assert.equal(run.stderr, '')
})

test('flags reach the session', async t => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'a.torrent'), v1Torrent('a', { 'b.txt': 'x', 'c.bin': 'y' }))
  const { run, session } = startGet(
    [
      'a.torrent',
      ...['--bind', '127.0.0.1', '--port', '0', '--max-down', '1M', '--max-up', '500K/s', '--sequential'],
      ...['--peer', '127.0.0.1:1', '--peer', '[::1]:2', '--select', '*.txt', '--state', 'state'],
      ...['--announce-to', 'every-tier', '--no-dht', '--no-lsd', '--no-pex', '--no-utp', '--no-port-map'],
    ],
    { workingFolder: folder },
  )
  const { options, added } = await session
  assert.deepEqual(options, {
    listen: [{ address: '127.0.0.1', port: 0 }],
    downloadLimit: 1048576,
    uploadLimit: 512000,
    dht: false,
    lsd: false,
    pex: false,
    portMapping: false,
    stateFolder: join(folder, 'state'),
  })
  const torrent = await added
  assert.deepEqual(torrent.options.peers, [address('127.0.0.1', 1), address('::1', 2)])
  assert.equal(torrent.options.announceTo, 'every-tier')
  assert.equal(torrent.options.isSequential, true)
  assert.equal(torrent.options.select?.('b.txt'), true)
  assert.equal(torrent.options.select?.('c.bin'), false)
  torrent.completion.resolve()
  assert.equal(await run.exitCode, 0)
})

test('two torrents, and one torrent into two folders, do not share a default state folder', async () => {
  const folders = new Set<string>()
  for (const argv of [
    [MAGNET],
    [MAGNET, '--dir', 'x'],
    [`magnet:?xt=urn:btih:${'cd'.repeat(20)}`],
    [MAGNET],
  ]) {
    const { run, session } = startGet(argv)
    const { stateFolder } = (await session).options
    const torrent = await (await session).added
    assert.ok(typeof stateFolder === 'function')
    folders.add(stateFolder(torrent.id))
    torrent.completion.resolve()
    await run.exitCode
  }
  assert.equal(folders.size, 3)
})

test('a peer whose name leads nowhere is told, as a fault and not as wrong usage', async () => {
  // No name may have a part as long as this: nobody is asked for it.
  const { run } = startGet([MAGNET, '--json', '--peer', `${'x'.repeat(64)}.invalid:6881`])
  assert.equal(await run.exitCode, 1)
  assert.equal(run.events.at(-1)!['code'], 'name-unresolved')
})

test('Ctrl-C ends it with 130 after the session was closed', async () => {
  const { run, session } = startGet([MAGNET])
  await (await session).added
  run.interrupt()
  assert.equal(await run.exitCode, 130)
  assert.ok((await session).isClosed)
  assert.equal(run.hasQuit, false)
  assert.match(run.stderr, /Stopping/)
})

test('a second Ctrl-C quits at once', async () => {
  const { run, session } = startGet([MAGNET])
  const closing = Promise.withResolvers<void>()
  ;(await session).close = () => closing.promise
  await (await session).added
  run.interrupt()
  assert.equal(run.hasQuit, false)
  run.interrupt()
  assert.equal(run.hasQuit, true)
  closing.resolve()
  await run.exitCode
})

test('with --seed it stays until Ctrl-C', async () => {
  const { run, session } = startGet([MAGNET, '--seed', '--json'])
  ;(await (await session).added).completion.resolve()
  await until(() => run.events.some(event => event['type'] === 'done'))
  assert.ok(!(await session).isClosed)
  run.interrupt()
  assert.equal(await run.exitCode, 130)
})

test('a torrent that fails is 1, with its message and its code', async () => {
  const { run, session } = startGet([MAGNET, '--json'])
  const torrent = await (await session).added
  torrent.completion.reject(
    new StorageError('disk-refused', '/x may not be written to; change its permissions'),
  )
  assert.equal(await run.exitCode, 1)
  assert.ok((await session).isClosed)
  assert.deepEqual(run.events.at(-1), {
    type: 'error',
    code: 'disk-refused',
    message: '/x may not be written to; change its permissions',
  })
  assert.match(run.stderr, /^error: \/x may not be written to/)
})

test('a tracker that stays away is told once, until it has answered', async () => {
  const { run, session } = startGet([MAGNET])
  const torrent = await (await session).added
  const tracker = 'http://t.example/announce'
  const failed = {
    type: 'tracker-failed',
    torrent: torrent.id,
    tracker,
    error: new TrackerError('tracker-unreachable', `${tracker} cannot be reached`),
    retryInSeconds: 5,
  } as const
  const answered = {
    type: 'tracker-answered',
    torrent: torrent.id,
    tracker,
    event: null,
    peers: 0,
    seeds: null,
    leeches: null,
    warning: null,
  } as const
  for (const alert of [failed, failed, answered, failed]) (await session).emit(alert)
  await until(() => run.stderr.split('cannot be reached').length > 2)
  torrent.completion.resolve()
  await run.exitCode
  assert.equal(run.stderr.match(/warning: .* cannot be reached; asked again in 5 s/g)?.length, 2)
})

test('a selection that fits nothing is refused before anything is opened', async t => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'a.torrent'), v1Torrent('a', { 'b.txt': 'x', 'c.bin': 'y' }))
  const run = runCli(['get', 'a.torrent', '--select', '*.mkv'], { workingFolder: folder })
  assert.equal(await run.exitCode, 2)
  assert.match(run.stderr, /--select \*\.mkv fits none of the 2 files/)
})

test('a target that is no folder is told at once', async t => {
  const folder = await temporaryFolder(t, { 'a file': 'x' })
  for (const dir of ['a file', 'a file/below']) {
    const run = runCli(['get', MAGNET, '--dir', dir, '--json'], { workingFolder: folder })
    assert.equal(await run.exitCode, 1)
    assert.equal(run.events[0]!['code'], 'folder-unusable')
    assert.match(run.stderr, /^error: nothing can be put into .*not a folder; choose another with --dir\n$/)
  }
})

test('what is no torrent is told in one line', async t => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'broken.torrent'), 'not a torrent')
  const cases: [source: string, code: string, exitCode: number][] = [
    ['missing.torrent', 'torrent-unreadable', 1],
    [folder, 'torrent-unreadable', 1],
    ['magnet:?dn=x', 'magnet-hash-missing', 2],
    ['magnet:?xt=urn:btih:zzz', 'magnet-hash-invalid', 2],
  ]
  for (const [source, code, exitCode] of cases) {
    const run = runCli(['get', source, '--json'], { workingFolder: folder })
    assert.equal(await run.exitCode, exitCode, source)
    assert.equal(run.events[0]!['code'], code)
    assert.equal(run.stderr.trimEnd().split('\n').length, 1)
  }
  const broken = runCli(['get', 'broken.torrent'], { workingFolder: folder })
  assert.equal(await broken.exitCode, 1)
  assert.match(broken.stderr, /^error: .*broken\.torrent/)
})

test('a terminal has a view that is drawn in place and ends with the result', async () => {
  const { run, session } = startGet([MAGNET], { columns: 60 })
  const torrent = await (await session).added
  await until(() => run.stderr.includes('downloading'))
  torrent.now = { state: 'seeding' }
  torrent.completion.resolve()
  assert.equal(await run.exitCode, 0)
  assert.ok(run.stderr.includes('\u001b[3A\u001b[0J'))
  assert.match(run.stderr, /Done:.*\/unnamed/)
  assert.equal(run.stdout, '')
})

test('NO_COLOR takes the colours, FORCE_COLOR gives them to a pipe', async () => {
  for (const [variables, columns, hasColor] of [
    [{}, 60, true],
    [{ NO_COLOR: '1' }, 60, false],
    [{}, undefined, false],
    [{ FORCE_COLOR: '1' }, undefined, true],
  ] as const) {
    const { run, session } = startGet([MAGNET], { variables, ...(columns && { columns }) })
    ;(await (await session).added).completion.resolve()
    await run.exitCode
    assert.equal(run.stderr.includes('\u001b[32m'), hasColor, JSON.stringify(variables))
  }
})

test('a pipe gets plain lines without control sequences', async () => {
  const { run, session } = startGet([MAGNET])
  ;(await (await session).added).completion.resolve()
  assert.equal(await run.exitCode, 0)
  assert.equal(run.stderr, stripVTControlCharacters(run.stderr))
  assert.match(run.stderr, /^unnamed: listening for peers at 192\.0\.2\.7:6881$/m)
  assert.match(run.stderr, /^Done: /m)
})

test('a magnet that names nobody to ask is told so in one line, and waited for', async () => {
  for (const [argv, isLone] of [
    [[LONE_MAGNET], true],
    [[LONE_MAGNET, '--json'], true],
    [[LONE_MAGNET, '--peer', '127.0.0.1:1'], false],
    [[`${LONE_MAGNET}&x.pe=127.0.0.1:1`], false],
    [[MAGNET], false],
  ] as const) {
    const { run, session } = startGet([...argv, '--no-dht'])
    ;(await (await session).added).completion.resolve()
    assert.equal(await run.exitCode, 0)
    const warnings = run.stderr.split('\n').filter(line => line.startsWith('warning:'))
    assert.equal(warnings.length, isLone ? 1 : 0, argv.join(' '))
    if (isLone) assert.match(warnings[0]!, /names no tracker and no peer.*--peer HOST:PORT.*&tr=URL/)
  }
})

test('a magnet whose tracker cannot be asked is told which one that is', async () => {
  const { run, session } = startGet([`${LONE_MAGNET}&tr=foo%1b[2J`, '--no-dht'])
  ;(await (await session).added).completion.resolve()
  assert.equal(await run.exitCode, 0)
  assert.match(run.stderr, /^warning: the tracker "foo.*" is not an address .* no other tracker and no peer/m)
  assert.match(run.stderr, /--peer HOST:PORT, put a right &tr=URL into it, or leave out --no-dht/)
  assert.ok(!run.stderr.includes('\u001b'))
})
