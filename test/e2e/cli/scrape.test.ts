import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { TrackerError } from '../../../src/core/errors.ts'
import { swarmKeys } from '../../../src/core/ids.ts'
import { parseMagnet } from '../../../src/metainfo/magnet.ts'
import type { ScrapeEntry } from '../../../src/tracker/announce.ts'
import { openSession } from '../../../src/client/node.ts'
import { FakeSession } from './fake-session.ts'
import { type CliOptions, runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { v1Torrent } from './torrents.ts'

const TRACKERS = ['http://one.example/announce', 'udp://two.example:80', 'http://three.example/announce']
const HYBRID = `magnet:?xt=urn:btih:${'ab'.repeat(20)}&xt=urn:btmh:1220${'cd'.repeat(32)}&dn=both`

function entry(infoHash: Uint8Array, counts: readonly [number, number, number]): ScrapeEntry {
  const [complete, incomplete, downloaded] = counts
  return { infoHash, complete, incomplete, downloaded, downloaders: null }
}

/** Runs `scrape` with trackers that say what they are told to. */
function startScrape(
  argv: readonly string[],
  said: Readonly<Record<string, ScrapeEntry[] | Error>>,
  options: CliOptions = {},
) {
  return runCli(['scrape', ...argv], {
    ...options,
    openSession: async sessionOptions => {
      assert.deepEqual(sessionOptions.listen, [], 'nobody is to come in')
      const session = new FakeSession(sessionOptions)
      for (const [tracker, answer] of Object.entries(said)) session.scrapes.set(tracker, answer)
      return session
    },
  })
}

test('scrape asks all trackers and shows what each says', async () => {
  const [v1, v2] = swarmKeys(parseMagnet(HYBRID).hashes)
  const link = `${HYBRID}${TRACKERS.slice(0, 2)
    .map(url => `&tr=${encodeURIComponent(url)}`)
    .join('')}`
  const refused = new TrackerError('tracker-refused', 'the tracker refuses: no')
  const run = startScrape([link, '--tracker', TRACKERS[2]!], {
    [TRACKERS[0]!]: [entry(v1!, [12, 3, 400]), entry(v2!, [1, 0, 0])],
    [TRACKERS[1]!]: refused,
  })
  assert.equal(await run.exitCode, 0)
  assert.deepEqual(run.stderr.trimEnd().split('\n'), [
    'both',
    '',
    'tracker                               seeds    leeches  completed',
    'http://one.example/announce (v1)         12          3        400',
    'http://one.example/announce (v2)          1          0          0',
    'udp://two.example:80              the tracker refuses: no',
    'http://three.example/announce     does not know the torrent',
  ])
})

test('scrape prints JSON, and fails where no tracker says anything', async t => {
  const folder = await temporaryFolder(t)
  const trackers = TRACKERS.map(url => [url])
  await writeFile(join(folder, 'a.torrent'), v1Torrent('a', { a: 'x' }, { trackers }))
  const broken = new TrackerError('tracker-unreachable', 'nobody is there')
  const run = startScrape(
    ['a.torrent', '--json'],
    Object.fromEntries(TRACKERS.map(tracker => [tracker, broken])),
    { workingFolder: folder },
  )
  assert.equal(await run.exitCode, 1)
  const [done] = run.events
  assert.deepEqual(
    done!['trackers'],
    TRACKERS.map(tracker => ({
      tracker,
      swarms: [],
      error: { code: 'tracker-unreachable', message: 'nobody is there' },
    })),
  )
})

test('scrape needs a tracker', async () => {
  const run = startScrape([HYBRID], {})
  assert.equal(await run.exitCode, 2)
  assert.match(run.stderr, /--tracker URL/)
})

test('scrape asks a real tracker of ours, and one that is not there', async t => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'a.torrent'), v1Torrent('a', { a: 'x' }))
  const tracker = runCli(['tracker', '--bind', '127.0.0.1', '--http-port', '0', '--json'])
  while (tracker.events.length === 0) await new Promise(setImmediate)
  const announce = String(tracker.events[0]!['announce'])
  await using session = await openSession({ listen: [{ address: '127.0.0.1', port: 0 }] })
  const torrentFile = v1Torrent('a', { a: 'x' })
  await writeFile(join(folder, 'a'), 'x')
  const answered = new Promise(resolve => session.on('tracker-answered', resolve))
  await session.add({ torrentFile }, { folder, trackers: [announce] })
  await answered
  const run = runCli(
    ['scrape', 'a.torrent', '--json', '--tracker', announce, '--tracker', 'http://127.0.0.1:1/announce'],
    { workingFolder: folder, openSession },
  )
  assert.equal(await run.exitCode, 0)
  const [there, missing] = run.events[0]!['trackers'] as { swarms: unknown[]; error: unknown }[]
  assert.deepEqual(there, {
    tracker: announce,
    swarms: [{ version: 'v1', seeds: 1, leeches: 0, completed: 0 }],
    error: null,
  })
  assert.notEqual(missing!.error, null)
  tracker.interrupt()
  await tracker.exitCode
})
