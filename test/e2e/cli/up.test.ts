import assert from 'node:assert/strict'
import { access, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { address, encodeCompact } from '../../../src/core/address.ts'
import { parseHex } from '../../../src/core/bytes.ts'
import { parseTorrentFile } from '../../../src/metainfo/torrent-file.ts'
import { nodeDigest } from '../../../src/net/node-digest.ts'
import { announceUrl, decodeAnnounceResponse } from '../../../src/tracker/http-codec.ts'
import { FakeSession } from './fake-session.ts'
import { type CliRun, runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

interface Up {
  readonly run: CliRun
  readonly session: FakeSession
  readonly ready: Record<string, unknown>
  readonly web: string
}

function entriesOf({ ready }: Up): { name: string; url: string; torrent: string }[] {
  return ready['torrents'] as { name: string; url: string; torrent: string }[]
}

/** Starts `up` on loopback and free ports; stops it when the test is over. */
async function startUp(t: TestContext, folder: string, argv: readonly string[] = []): Promise<Up> {
  let session: FakeSession | null = null
  const run = runCli(['up', '--bind', '127.0.0.1', '--port', '0', '--state', 'state', '--json', ...argv], {
    workingFolder: folder,
    openSession: async options => {
      session = new FakeSession(options)
      return session
    },
  })
  t.after(async () => {
    run.interrupt()
    await run.exitCode
  })
  const ready = await eventOf(run, 'ready')
  return { run, session: session!, ready, web: String(ready['web']) }
}

async function eventOf(run: CliRun, type: string): Promise<Record<string, unknown>> {
  let ended: number | null = null
  void run.exitCode.then(code => {
    ended = code
  })
  for (;;) {
    const event = run.events.find(one => one['type'] === type)
    if (event) return event
    if (ended !== null) throw new Error(`it ended with ${String(ended)}: ${run.stderr}`)
    await new Promise(setImmediate)
  }
}

test('the first start makes the folder and publishes the sample in it', async t => {
  const folder = await temporaryFolder(t)
  const up = await startUp(t, folder)
  const { ready, web, session } = up
  assert.equal(ready['folder'], join(folder, 'shared'))
  const [sample] = entriesOf(up)
  await access(join(folder, 'shared', sample!.name))
  assert.match(await (await fetch(web)).text(), new RegExp(sample!.name))

  const response = await fetch(sample!.url, { redirect: 'error' })
  assert.equal(response.headers.get('content-type'), 'application/x-bittorrent')
  const torrent = parseTorrentFile(await response.bytes(), nodeDigest)
  assert.equal(torrent.info.version, 'hybrid')
  assert.deepEqual(torrent.trackers, [[ready['announce']]])

  const [seed] = session.all
  assert.equal(seed!.options.announces, false, 'our own seed never announces over loopback')
  assert.equal(seed!.options.isKnownGood, true)
  assert.equal(seed!.options.folder, join(folder, 'shared'))
})

test('a folder that is there gets nothing put into it; each file and folder in it is a torrent', async t => {
  const folder = await temporaryFolder(t, {
    'shared/a.txt': 'a',
    'shared/album/1.txt': '1',
    'shared/album/2.txt': '2',
    'shared/.hidden': 'no',
  })
  const names = entriesOf(await startUp(t, folder)).map(entry => entry.name)
  assert.deepEqual(names, ['a.txt', 'album'])
})

test('a torrent has one name everywhere, also where a file is called what no torrent may be', async t => {
  const folder = await temporaryFolder(t, { 'shared/a:b?.txt': 'a' })
  const up = await startUp(t, folder)
  assert.deepEqual(
    entriesOf(up).map(entry => entry.name),
    ['a_b_.txt'],
  )
  await rm(join(folder, 'shared', 'a:b?.txt'))
  up.run.rescan()
  assert.equal((await eventOf(up.run, 'withdrawn'))['name'], 'a_b_.txt')
})

test('what is no plain announce is answered by the tracker too, and not by the page', async t => {
  const folder = await temporaryFolder(t, { 'shared/a.txt': 'a' })
  const { web } = await startUp(t, folder)
  const posted = await fetch(`${web}/announce`, { method: 'POST', body: 'x' })
  assert.equal(posted.status, 405)
  assert.equal(posted.headers.get('allow'), 'GET, HEAD')
  assert.equal((await fetch(`${web}/announce`, { method: 'HEAD' })).status, 200)
  assert.equal((await fetch(`${web}/scrape`, { method: 'DELETE' })).status, 405)
  assert.equal((await fetch(`${web}/nowhere`, { method: 'POST' })).status, 404)
  assert.match(await (await fetch(`${web}/`)).text(), /a\.txt/)
})

test('our own seed is handed to whoever announces, under the address he reached us at', async t => {
  const folder = await temporaryFolder(t, { 'shared/a.txt': 'a' })
  const up = await startUp(t, folder)
  const { ready } = up
  const [entry] = entriesOf(up)
  const url = announceUrl(String(ready['announce']), {
    infoHash: parseHex(entry!.torrent),
    peerId: new Uint8Array(20).fill(1),
    port: 5000,
    uploaded: 0,
    downloaded: 0,
    left: 1,
    event: 'started',
    numWant: 50,
    key: null,
    isCompact: true,
    noPeerId: true,
  })
  const answer = decodeAnnounceResponse(await (await fetch(url)).bytes())
  assert.equal(answer.complete, 1)
  assert.deepEqual(
    answer.peers.map(peer => encodeCompact(peer.address)),
    [encodeCompact(address('127.0.0.1', 6881))],
  )
  const page = await (await fetch(String(ready['web']))).text()
  assert.match(page, /data-unit="seeds">1</)
  assert.match(page, /data-unit="leeches">1</)
})

test('a rescan publishes what is new and changed and withdraws what is gone', async t => {
  const folder = await temporaryFolder(t, {
    'shared/keep.txt': 'k',
    'shared/change.txt': 'c',
    'shared/go.txt': 'g',
  })
  const { run, session, web } = await startUp(t, folder)
  await writeFile(join(folder, 'shared/new.txt'), 'n')
  await writeFile(join(folder, 'shared/change.txt'), 'changed')
  await rm(join(folder, 'shared/go.txt'))
  run.rescan()
  while (run.events.filter(event => event['type'] === 'published').length < 2) await new Promise(setImmediate)
  const named = (type: string) =>
    run.events.filter(event => event['type'] === type).map(event => event['name'])
  assert.deepEqual(named('published'), ['change.txt', 'new.txt'])
  assert.deepEqual(named('withdrawn'), ['change.txt', 'go.txt'])
  const page = await (await fetch(web)).text()
  for (const name of ['keep.txt', 'change.txt', 'new.txt']) assert.ok(page.includes(name), name)
  assert.ok(!page.includes('go.txt'))
  assert.equal(session.torrents().length, 3)
})

test('a second start hashes nothing again, and offers the same torrents', async t => {
  const folder = await temporaryFolder(t, { 'shared/a.txt': 'a' })
  const first = await startUp(t, folder)
  first.run.interrupt()
  assert.equal(await first.run.exitCode, 130)
  assert.ok(first.session.isClosed)
  const published = join(folder, 'state', 'published')
  const [kept, ...others] = await readdir(published)
  assert.deepEqual(others, [])
  const before = await stat(join(published, kept!), { bigint: true })
  const second = await startUp(t, folder)
  assert.equal(entriesOf(second)[0]!.torrent, entriesOf(first)[0]!.torrent)
  assert.equal((await stat(join(published, kept!), { bigint: true })).ino, before.ino, 'it was made again')
})

test('an external address stands in the torrents', async t => {
  const folder = await temporaryFolder(t, { 'shared/a.txt': 'a' })
  const { ready } = await startUp(t, folder, ['--external-address', '203.0.113.9:80'])
  assert.equal(ready['announce'], 'http://203.0.113.9:80/announce')
  assert.equal(ready['public'], 'http://203.0.113.9:80')
})

test('a port that is in use is one clear line, and 1', async t => {
  const folder = await temporaryFolder(t)
  const { web } = await startUp(t, folder)
  const run = runCli(['up', '--bind', '127.0.0.1', '--port', new URL(web).port], { workingFolder: folder })
  assert.equal(await run.exitCode, 1)
  assert.match(run.stderr, /^error: .*in use/)
  assert.equal(run.stderr.trimEnd().split('\n').length, 1)
})

test('the folder being a file is one clear line', async t => {
  const folder = await temporaryFolder(t, { shared: 'a file' })
  const run = runCli(['up', '--port', '0'], { workingFolder: folder })
  assert.equal(await run.exitCode, 1)
  assert.match(run.stderr, /^error: .*shared cannot be shared: it is not a folder; choose another with --dir/)
})

test('people are told on the first start where to look and what to paste', async t => {
  const folder = await temporaryFolder(t)
  const run = runCli(['up', '--bind', '127.0.0.1', '--port', '0'], {
    workingFolder: folder,
    openSession: async options => new FakeSession(options),
  })
  while (!run.stderr.includes('Ctrl-C')) await new Promise(setImmediate)
  run.interrupt()
  assert.equal(await run.exitCode, 130)
  assert.match(run.stderr, /^Page {5}http:\/\/127\.0\.0\.1:\d+\/$/m)
  assert.match(
    run.stderr,
    /^ {2}shoal get http:\/\/127\.0\.0\.1:\d+\/torrents\/[0-9a-f]{40}\.torrent --dir downloads$/m,
  )
  assert.match(run.stderr, /^ {2}cp -r ANYTHING shared && kill -USR2 1$/m)
  assert.equal(run.stdout, '')
})
