import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { encodeBencode } from '../../../src/bencode/encode.ts'
import type { SessionOptions } from '../../../src/client/session-options.ts'
import { formatHex } from '../../../src/core/bytes.ts'
import { parseTorrentFile } from '../../../src/metainfo/torrent-file.ts'
import { nodeDigest } from '../../../src/net/node-digest.ts'
import { FakeSession } from './fake-session.ts'
import { runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { v1Torrent } from './torrents.ts'

/** Debian's, where it is installed. */
const MKTORRENT = 'mktorrent'

const HOLIDAY = {
  'holiday/one.bin': new Uint8Array(100_000).fill(1),
  'holiday/sub/größe.txt': 'hello',
  'holiday/empty': '',
}

async function done(argv: readonly string[], workingFolder: string): Promise<Record<string, unknown>> {
  const run = runCli([...argv, '--json'], { workingFolder })
  assert.equal(await run.exitCode, 0, run.stderr)
  assert.equal(run.stderr, '')
  return run.events.at(-1)!
}

test('create makes a torrent that show reads and verify finds good', async t => {
  const folder = await temporaryFolder(t, HOLIDAY)
  const created = await done(
    [
      'create',
      'holiday',
      '--tracker',
      'http://t.example/announce',
      '--piece-length',
      '32K',
      '--comment',
      'nice',
    ],
    folder,
  )
  assert.equal(created['type'], 'done')
  assert.equal(created['file'], join(folder, 'holiday.torrent'))
  assert.match(
    String(created['magnet']),
    /^magnet:\?xt=urn:btih:[0-9a-f]{40}&xt=urn:btmh:1220[0-9a-f]{64}&dn=holiday/,
  )

  const shown = await done(['show', 'holiday.torrent'], folder)
  for (const name of ['infoHashV1', 'infoHashV2', 'name', 'length', 'pieceLength', 'magnet']) {
    assert.equal(shown[name], created[name], name)
  }
  assert.equal(shown['pieceLength'], 32768)
  assert.equal(shown['length'], 100_005)
  assert.equal(shown['comment'], 'nice')
  assert.deepEqual(shown['trackers'], [['http://t.example/announce']])
  assert.deepEqual(
    (shown['files'] as { path: string; length: number }[]).map(file => [file.path, file.length]),
    [
      ['empty', 0],
      ['one.bin', 100_000],
      ['sub/größe.txt', 5],
    ],
  )

  const verified = await done(['verify', 'holiday.torrent', '--dir', '.'], folder)
  assert.equal(verified['isGood'], true)
  assert.equal(verified['goodPieces'], verified['pieces'])
})

test('each format has its own hashes, and private and source change them', async t => {
  const folder = await temporaryFolder(t, HOLIDAY)
  const hashes = new Set<unknown>()
  for (const [format, v1, v2] of [
    ['v1', true, false],
    ['v2', false, true],
    ['hybrid', true, true],
  ] as const) {
    const created = await done(['create', 'holiday', '--format', format, '-o', `${format}.torrent`], folder)
    assert.equal(created['infoHashV1'] !== null, v1)
    assert.equal(created['infoHashV2'] !== null, v2)
    assert.equal(created['version'], format)
    assert.equal((await done(['verify', `${format}.torrent`, '--dir', '.'], folder))['isGood'], true, format)
    hashes.add(created['infoHashV1'] ?? created['infoHashV2'])
  }
  for (const more of [['--private'], ['--source', 'here'], ['--piece-length', '64K']]) {
    hashes.add((await done(['create', 'holiday', '-o', `${more[0]}.torrent`, ...more], folder))['infoHashV1'])
  }
  assert.equal(hashes.size, 6)
})

test('create says what it made in a few aligned lines', async t => {
  const folder = await temporaryFolder(t, HOLIDAY)
  const run = runCli(['create', 'holiday'], { workingFolder: folder })
  assert.equal(await run.exitCode, 0)
  assert.equal(run.stdout, '')
  assert.match(
    run.stderr,
    new RegExp(
      [
        `^Created ${folder}/holiday\\.torrent`,
        '  content       97\\.7 KiB in 3 files',
        '  pieces        \\d+ of [\\d.]+ KiB',
        '  info-hash v1  [0-9a-f]{40}',
        '  info-hash v2  [0-9a-f]{64}',
        '  magnet        magnet:\\?xt=.*\n$',
      ].join('\n'),
    ),
  )
})

test('create replaces a torrent of the same content, but no other file', async t => {
  const folder = await temporaryFolder(t, { ...HOLIDAY, 'notes.torrent': 'my notes' })
  for (let i = 0; i < 2; i++) await done(['create', 'holiday'], folder)
  const refused = runCli(['create', 'holiday', '-o', 'notes.torrent'], { workingFolder: folder })
  assert.equal(await refused.exitCode, 1)
  assert.match(
    refused.stderr,
    /notes\.torrent exists and is another file; name another place with -o, or use --force/,
  )
  const onFolder = runCli(['create', 'holiday', '-o', folder], { workingFolder: folder })
  assert.equal(await onFolder.exitCode, 1)
  assert.match(onFolder.stderr, /is a folder; name a file in it, or another place, with -o/)
  // Before the content is looked at.
  const early = runCli(['create', 'nothing', '-o', 'nowhere/x.torrent', '--json'], { workingFolder: folder })
  assert.equal(await early.exitCode, 1)
  assert.equal(early.events[0]?.['code'], 'torrent-unwritable')
  const huge = runCli(['create', 'holiday', '--piece-length', '2G'], { workingFolder: folder })
  assert.equal(await huge.exitCode, 2)
  assert.match(huge.stderr, /"2G" is not a piece length: a power of two from 16K to 512M/)
  assert.equal(await readFile(join(folder, 'notes.torrent'), 'utf8'), 'my notes')
  await done(['create', 'holiday', '-o', 'notes.torrent', '--force'], folder)
})

test('what cannot be published, or is no torrent, is told in one line, with what to do', async t => {
  const folder = await temporaryFolder(t, { 'file.txt': 'x', 'empty/file': '' })
  await mkdir(join(folder, 'nothing/inside'), { recursive: true })
  const cases: [string[], number, RegExp][] = [
    [
      ['create', 'missing'],
      1,
      /missing cannot be published: there is no such file or folder; check the path/,
    ],
    [['create', 'nothing'], 1, /there is no file to publish in .*nothing/],
    [['create', 'empty'], 1, /nothing to publish in "empty": no file has content/],
    [['create', 'file.txt', '--piece-length', '17'], 2, /not a piece length/],
    [['create', 'file.txt', '-o', 'no/such/folder.torrent'], 1, /its folder does not exist/],
    [['show', 'file.txt'], 1, /file\.txt is not a torrent file that can be used: .*; get it anew/],
    [['show', 'http://127.0.0.1:1/x.torrent'], 1, /cannot be asked: .*; check the URL/],
  ]
  if (process.platform === 'linux')
    cases.push([
      ['create', 'file.txt', '-o', '/proc/x.torrent'],
      1,
      /the system takes no files there; name another/,
    ])
  for (const [argv, exitCode, message] of cases) {
    const run = runCli(argv, { workingFolder: folder })
    assert.equal(await run.exitCode, exitCode, argv.join(' '))
    assert.match(run.stderr, message)
    assert.equal(run.stderr.trimEnd().split('\n').length, 1, run.stderr)
  }
})

test('links are left out, and said to be', async t => {
  const folder = await temporaryFolder(t, { 'elsewhere.txt': 'content', 'set/own.txt': 'mine' })
  await symlink('../elsewhere.txt', join(folder, 'set/here.txt'))
  await symlink('..', join(folder, 'set/circle'))
  await symlink('set', join(folder, 'link-to-set'))
  const run = runCli(['create', 'link-to-set', '--json'], { workingFolder: folder })
  assert.equal(await run.exitCode, 0)
  assert.match(run.stderr, /^warning: .*set\/here\.txt is left out: it is a link/m)
  assert.equal(run.events[0]!['name'], 'set')
  assert.equal(run.events[0]!['length'], 4)
})

test('verify finds what is damaged, short, long and missing, and ends with 1', async t => {
  const files: Record<string, Uint8Array> = {}
  for (const [index, name] of ['damaged', 'fine', 'long', 'missing', 'short'].entries()) {
    files[`set/${name}`] = new Uint8Array(65536).fill(index + 1)
  }
  const folder = await temporaryFolder(t, files)
  await done(['create', 'set', '--piece-length', '16K'], folder)
  const damaged = files['set/damaged']!.slice()
  damaged[20_000] = 0
  await writeFile(join(folder, 'set/damaged'), damaged)
  await appendFile(join(folder, 'set/long'), 'more')
  await rm(join(folder, 'set/missing'))
  await truncate(join(folder, 'set/short'), 40_000)

  const json = runCli(['verify', 'set.torrent', '--dir', '.', '--json'], { workingFolder: folder })
  assert.equal(await json.exitCode, 1)
  const result = json.events.at(-1)!
  assert.equal(result['isGood'], false)
  assert.deepEqual(
    (result['files'] as { path: string; verdict: string }[]).map(
      ({ path, verdict }) => `${path}: ${verdict}`,
    ),
    ['damaged: bad', 'fine: good', 'long: too-long', 'missing: missing', 'short: too-short'],
  )
  assert.deepEqual(result['badPieces'], [1, 12, 13, 14, 15, 18, 19])

  const text = runCli(['verify', 'set.torrent', '--dir', '.'], { workingFolder: folder })
  assert.equal(await text.exitCode, 1)
  assert.match(text.stderr, /^damaged {2}is damaged, 3 of 4 pieces good$/m)
  assert.match(text.stderr, /^missing {2}is missing$/m)
  assert.match(text.stderr, /^Not all is good: 13 of 20 pieces, 1 of 5 files$/m)
})

test('verify of a folder that is not there says so', async t => {
  const folder = await temporaryFolder(t, HOLIDAY)
  await done(['create', 'holiday'], folder)
  const run = runCli(['verify', 'holiday.torrent', '--dir', 'gone'], { workingFolder: folder })
  assert.equal(await run.exitCode, 1)
  assert.match(
    run.stderr,
    /the folder .*gone cannot be used: there is no such folder; name the one that the content is in with --dir/,
  )
})

test('show tells what is odd, and nothing in a name steers the terminal', async t => {
  const odd = encodeBencode({
    comment: 'line\nbreak\u001b[2J',
    info: {
      files: [
        { length: 1, path: ['a\u202egpj.exe'] },
        { length: 1, path: ['..', '..', 'up\u001b[2J'] },
      ],
      name: 'odd\u001b[2J',
      'piece length': 16384,
      pieces: new Uint8Array(20),
    },
  })
  const folder = await temporaryFolder(t, { 'odd.torrent': odd })
  const run = runCli(['show', 'odd.torrent'], { workingFolder: folder })
  assert.equal(await run.exitCode, 0, run.stderr)
  assert.match(run.stderr, /^Odd about it$/m)
  for (const character of ['\u001b', '\u202e']) assert.ok(!run.stderr.includes(character))
  const shown = await done(['show', 'odd.torrent'], folder)
  assert.notDeepEqual(shown['warnings'], [])
})

test('show reads magnet links', async () => {
  const run = runCli([
    'show',
    `magnet:?xt=urn:btih:${'ab'.repeat(20)}&dn=x&tr=http://t.example/a&x.pe=[::1]:5`,
    '--offline',
    '--json',
  ])
  assert.equal(await run.exitCode, 0)
  const [shown] = run.events
  assert.equal(shown!['infoHashV1'], 'ab'.repeat(20))
  assert.equal(shown!['infoHashV2'], null)
  assert.deepEqual(shown!['peers'], ['[::1]:5'])
  assert.deepEqual(shown!['trackers'], [['http://t.example/a']])
})

test('show tells what a magnet link chooses and what in it cannot be used', async () => {
  const long = `foo\u001b[2J${'o'.repeat(100)}`
  const link = `magnet:?xt=urn:btih:${'ab'.repeat(20)}&so=0,2,4-6&tr=${encodeURIComponent(long)}&tr=bar&x.pe=nobody`
  const text = runCli(['show', link, '--offline'])
  assert.equal(await text.exitCode, 0, text.stderr)
  assert.match(text.stderr, /^only files {4}0,2,4-6 \(counted from 0\)$/m)
  assert.match(
    text.stderr,
    /^Odd about it\n {2}the tracker "foo.*o{40}…" is not an address .*\(and 1 more like it\)$/m,
  )
  assert.match(text.stderr, /^ {2}the peer "nobody" is not a host and a port$/m)
  assert.ok(!text.stderr.includes('\u001b'))
  const json = runCli(['show', link, '--offline', '--json'])
  assert.equal(await json.exitCode, 0)
  const { selectOnly, warnings } = json.events[0] as {
    selectOnly: unknown
    warnings: { code: string; count: number }[]
  }
  assert.deepEqual(selectOnly, [
    { first: 0, last: 0 },
    { first: 2, last: 2 },
    { first: 4, last: 6 },
  ])
  assert.deepEqual(
    warnings.map(({ code, count }) => [code, count]),
    [
      ['tracker-invalid', 2],
      ['peer-invalid', 1],
    ],
  )
})

test('show asks peers what a magnet link is about, and can write the torrent file', async t => {
  const folder = await temporaryFolder(t)
  const bytes = v1Torrent('album', { 'a.txt': 'x', 'b.txt': 'yy' })
  const torrent = parseTorrentFile(bytes, nodeDigest)
  const link = `magnet:?xt=urn:btih:${formatHex(torrent.info.hashes.v1!)}&tr=http://t.example/announce`
  const opened: FakeSession[] = []
  const openSession = async (options: SessionOptions): Promise<FakeSession> => {
    const session = new FakeSession(options)
    session.metadata = torrent
    opened.push(session)
    return session
  }
  const run = runCli(['show', link, '--json', '-o', 'album.torrent'], { workingFolder: folder, openSession })
  assert.equal(await run.exitCode, 0, run.stderr)
  const files = run.events[0]!['files'] as { path: string }[]
  assert.deepEqual(
    files.map(({ path }) => path),
    ['a.txt', 'b.txt'],
  )
  assert.deepEqual(
    opened.map(session => [session.options.stateFolder, session.isClosed]),
    [[null, true]],
  )
  const written = parseTorrentFile(new Uint8Array(await readFile(join(folder, 'album.torrent'))), nodeDigest)
  assert.deepEqual(written.info.bytes, torrent.info.bytes)
})

test('show gives up when no peer tells what a magnet link is about', async () => {
  const link = `magnet:?xt=urn:btih:${'ab'.repeat(20)}&tr=http://t.example/announce`
  const openSession = async (options: SessionOptions) => new FakeSession(options)
  const run = runCli(['show', link, '--timeout', '0.01', '--json'], { openSession })
  assert.equal(await run.exitCode, 1)
  assert.equal(run.events[0]!['code'], 'metadata-not-found')
})

test('show of a magnet link that names nobody to ask says so, and shows what stands in it', async () => {
  const run = runCli(['show', `magnet:?xt=urn:btih:${'ab'.repeat(20)}`, '--no-dht', '--no-lsd'])
  assert.equal(await run.exitCode, 0)
  assert.match(run.stderr, /^warning: the magnet link names no tracker and no peer/)
  assert.match(run.stderr, new RegExp(`^info-hash v1  ${'ab'.repeat(20)}$`, 'm'))
})

function hasMktorrent(): boolean {
  try {
    execFileSync(MKTORRENT, ['-h'], { stdio: 'ignore' })
    return true
  } catch (error) {
    return (error as { code?: string }).code !== 'ENOENT'
  }
}

test('a v1 folder has the info-hash that mktorrent gives it', {
  skip: hasMktorrent() ? false : 'there is no mktorrent',
}, async t => {
  const folder = await temporaryFolder(t, { ...HOLIDAY, 'holiday/sub/.hidden': 'h', 'holiday/Sub.txt': 's' })
  execFileSync(MKTORRENT, ['-l', '15', '-o', 'theirs.torrent', 'holiday'], { cwd: folder, stdio: 'ignore' })
  const ours = await done(['create', 'holiday', '--format', 'v1', '--piece-length', '32K'], folder)
  const theirs = await done(['show', 'theirs.torrent'], folder)
  assert.equal(ours['infoHashV1'], theirs['infoHashV1'])
})
