import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { gzipSync } from 'node:zlib'
import type { SessionOptions } from '../../../src/client/session-options.ts'
import { FakeSession } from './fake-session.ts'
import { runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const MAGNET = `magnet:?xt=urn:btih:${'ab'.repeat(20)}&tr=http://tracker.example/announce`

/** Runs `get` with these lists until its torrent is complete; what its session was opened with, if it was. */
async function get(workingFolder: string, lists: readonly string[]) {
  let options: SessionOptions | null = null
  const run = runCli(['get', MAGNET, ...lists.flatMap(list => ['--ip-filter', list])], {
    workingFolder,
    openSession: async given => {
      options = given
      const session = new FakeSession(given)
      void session.added.then(torrent => torrent.completion.resolve())
      return session
    },
  })
  const exitCode = await run.exitCode
  return { exitCode, options: options as SessionOptions | null, said: run.stdout + run.stderr }
}

test('lists of addresses reach the session, plain and gzipped; lines that mean nothing are told of', async t => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'plain.dat'), '001.002.003.000 - 001.002.003.255 , 100 , name\n')
  await writeFile(
    join(folder, 'zipped.p2p.gz'),
    gzipSync('name:5.6.7.0-5.6.7.9\nnonsense\n9.9.9.9\nmore nonsense\n'),
  )
  const { exitCode, options, said } = await get(folder, ['plain.dat', 'zipped.p2p.gz'])
  assert.equal(exitCode, 0, said)
  const filter = options?.ipFilter
  assert.deepEqual(
    ['1.2.3.4', '5.6.7.9', '9.9.9.9', '1.2.4.4'].map(host => filter?.blocks(host)),
    [true, true, true, false],
  )
  assert.match(
    said,
    /2 of the lines of \S*zipped\.p2p\.gz cannot be read and block nothing; the first is line 2/,
  )
  assert.match(said, /3 ranges of addresses are blocked/)
})

const UNREADABLE: Readonly<Record<string, [content: Uint8Array | string | null, says: RegExp]>> = {
  'that is not there': [null, /ENOENT/],
  'that is no list': ['<html>\n<p>not found</p>\n', /not one of its lines/],
  'that is cut off': [gzipSync('1.2.3.4\n'.repeat(1000)).subarray(0, 30), /no whole gzip file/],
  'that is no gzip': [Uint8Array.of(0x1f, 0x8b, 0xff, 0, 0), /no whole gzip file/],
}

for (const [what, [content, says]] of Object.entries(UNREADABLE)) {
  test(`with a list ${what} nothing is begun`, async t => {
    const folder = await temporaryFolder(t)
    if (content !== null) await writeFile(join(folder, 'list'), content)
    const { exitCode, options, said } = await get(folder, ['list'])
    assert.notEqual(exitCode, 0)
    assert.equal(options, null)
    assert.match(said, says)
  })
}
