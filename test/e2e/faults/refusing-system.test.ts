/** The system refuses single calls of a process that fetches or gives a torrent; see docs/FAULTS.md. */

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Session } from '../../../src/client/session.ts'
import { until } from '../../support/until.ts'
import { TemporaryFolder } from '../storage/temporary-folder.ts'
import { ActedDownload } from './acted-download.ts'
import {
  assertContent,
  type Content,
  newContent,
  openSeed,
  RECOVERS_WITHIN,
  Watched,
  writeContent,
} from './fault-scene.ts'

const MIB = 1 << 20
const CONTENT = newContent({ files: { a: 5 * MIB + 17, b: 3 * MIB } })
const MANY = newContent({
  name: 'many',
  files: Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`f${i}`, 65_536])),
})

function works(command: string, ...args: string[]): boolean {
  return spawnSync(command, args).status === 0
}

const noStrace = works('strace', '-f', '-e', 'inject=fdatasync:error=EIO', 'true') ? false : 'needs strace'
const noPrlimit = works('prlimit', '--version') ? false : 'needs prlimit'

/** Runs a program and has some of its calls that concern this file fail. `when`: which of them, as strace counts. */
function injecting(call: string, error: string, when: string, path: string): string[] {
  return [
    ...['strace', '-f', '-qqq', '--seccomp-bpf', '-o', '/dev/null', '-P', path],
    ...['-e', `trace=${call}`, '-e', `inject=${call}:error=${error}:when=${when}`],
  ]
}

/** Fetches the content from the seed to the folder's `leech`, with its state in `state`. */
function startDownload(
  content: Content,
  folder: TemporaryFolder,
  seed: Session,
  through: readonly string[] = [],
): ActedDownload {
  writeFileSync(folder.at('it.torrent'), content.torrentFile)
  return new ActedDownload({
    torrentFile: folder.at('it.torrent'),
    folder: folder.at('leech'),
    stateFolder: folder.at('state'),
    peer: seed.listening[0],
    through,
  })
}

async function fetched(
  content: Content,
  through: (path: (name: string) => string) => readonly string[],
): Promise<{ said: ActedDownload; twice: number }> {
  using folder = new TemporaryFolder()
  await using seed = await openSeed([content], folder.at('seed'), 4 * MIB)
  using download = startDownload(
    content,
    folder,
    seed,
    through(name => folder.at('leech', name)),
  )
  await download.hears('completed', 60_000)
  const { downloaded = 0, wasted } = await download.end()
  assert.equal(wasted, 0)
  assertContent(content, folder.at('leech'))
  await using next = await Watched.open({ stateFolder: folder.at('state') })
  const torrent = await next.add(content, folder.at('leech'), [])
  await torrent.checked()
  assert.equal(torrent.status().state, 'seeding')
  assert.equal((await torrent.recheck()).lost, 0)
  return { said: download, twice: downloaded - content.length }
}

describe('a system that refuses', { timeout: 120_000, concurrency: true }, () => {
  it('writes for want of quota is asked again, and nothing is fetched twice', {
    skip: noStrace,
  }, async () => {
    const { said, twice } = await fetched(CONTENT, path =>
      injecting('pwrite64,pwritev', 'EDQUOT', '10..12', path('content/a')),
    )
    assert.deepEqual([said.codes, said.count('recovered'), twice], [['storage-full'], 1, 0])
  })

  it('writes with an error of the disk is asked again, and nothing is fetched twice', {
    skip: noStrace,
  }, async () => {
    const { said, twice } = await fetched(CONTENT, path =>
      injecting('pwrite64,pwritev', 'EIO', '10..12', path('content/a')),
    )
    assert.deepEqual([said.codes, said.count('recovered'), twice], [['storage-io-failed'], 1, 0])
  })

  it('a sync is believed: what was written since the last one is fetched again', {
    skip: noStrace,
  }, async () => {
    const { said, twice } = await fetched(CONTENT, path =>
      injecting('fdatasync', 'EIO', '1', path('content/a')),
    )
    assert.deepEqual([said.codes, said.count('recovered')], [['storage-io-failed'], 1])
    assert.ok(twice > 0 && twice <= CONTENT.length, `${twice} bytes came twice`)
  })

  it('to open files says so, and is asked again when it may open more', { skip: noPrlimit }, async t => {
    using folder = new TemporaryFolder()
    await using seed = await openSeed([MANY], folder.at('seed'), 2 * MIB)
    using download = startDownload(MANY, folder, seed)
    await until(() => download.count('verified') > 20)
    const limit = (files: number): void => {
      execFileSync('prlimit', ['--pid', String(download.pid), `--nofile=${files}:4096`])
    }
    limit(16)
    await download.hears('error')
    limit(1024)
    const began = performance.now()
    await download.hears('recovered', RECOVERS_WITHIN)
    t.diagnostic(`went on ${Math.round(performance.now() - began)} ms after it could open files again`)
    await download.hears('completed')
    const { downloaded, wasted } = await download.end()
    assert.deepEqual(download.codes, ['storage-too-many-open-files'])
    assert.deepEqual([downloaded, wasted], [MANY.length, 0])
    assertContent(MANY, folder.at('leech'))
  })

  it('files above a size says so instead of ending the program, and is asked again when they may be larger', {
    skip: noPrlimit,
  }, async () => {
    using folder = new TemporaryFolder()
    await using seed = await openSeed([CONTENT], folder.at('seed'), 4 * MIB)
    // Units of 1024 bytes: less than either file.
    const limited = ['bash', '-c', 'ulimit -Sf 2048; exec "$@"', 'bash']
    using download = startDownload(CONTENT, folder, seed, limited)
    await download.hears('error')
    execFileSync('prlimit', ['--pid', String(download.pid), '--fsize=unlimited:'])
    await download.hears('recovered', RECOVERS_WITHIN)
    await download.hears('completed')
    const { downloaded, wasted } = await download.end()
    assert.deepEqual(download.codes, ['file-too-large'])
    assert.deepEqual([downloaded, wasted], [CONTENT.length, 0])
    assertContent(CONTENT, folder.at('leech'))
  })

  it('reads of one place costs the pieces there, and all others are given', { skip: noStrace }, async () => {
    using folder = new TemporaryFolder()
    writeFileSync(folder.at('it.torrent'), CONTENT.torrentFile)
    writeContent(CONTENT, folder.at('files'))
    using seed = new ActedDownload({
      torrentFile: folder.at('it.torrent'),
      folder: folder.at('files'),
      stateFolder: folder.at('state'),
      through: injecting('preadv', 'EIO', '5', folder.at('files/content/a')),
    })
    await seed.hears('checked')
    const { address } = seed.said.find(({ type }) => type === 'checked') ?? {}
    await using leech = await Watched.open()
    const torrent = await leech.session.add(
      { torrentFile: CONTENT.torrentFile },
      { folder: folder.at('leech'), announces: false, peers: address ? [address] : [] },
    )
    await seed.hears('error')
    const pieces = torrent.status().pieces
    await until(() => torrent.status().verifiedPieces === pieces - 1)
    assert.deepEqual([seed.codes, leech.count('piece-failed')], [['storage-io-failed'], 0])
    await seed.end()
  })
})
