/** Files are deleted, cut, replaced and changed under a seed; see docs/FAULTS.md. */

import assert from 'node:assert/strict'
import {
  copyFileSync,
  openSync,
  renameSync,
  closeSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { until } from '../../support/until.ts'
import { TemporaryFolder } from '../storage/temporary-folder.ts'
import { assertContent, newContent, openSeed, Watched, writeContent } from './fault-scene.ts'

const MIB = 1 << 20

/** Writes over what is there, every 64 KiB a byte. */
function spoil(path: string, from: number, to: number): void {
  const fd = openSync(path, 'r+')
  for (let at = from; at < to; at += 65_536) writeSync(fd, Uint8Array.of(0x5a, 0xa5), 0, 2, at)
  closeSync(fd)
}

const CASES: { name: string; change: (path: string) => void; code: string }[] = [
  { name: 'deleted', change: path => unlinkSync(path), code: 'file-missing' },
  { name: 'cut short', change: path => truncateSync(path, 1 * MIB), code: 'file-truncated' },
  {
    name: 'replaced',
    change: path => {
      copyFileSync(path, `${path}.new`)
      spoil(`${path}.new`, 0, 4 * MIB)
      renameSync(`${path}.new`, path)
    },
    code: 'file-replaced',
  },
  { name: 'changed in its place', change: path => spoil(path, 0, 4 * MIB), code: 'file-changed' },
]

describe('a file of a seed', { timeout: 120_000 }, () => {
  for (const format of ['v1', 'v2'] as const) {
    for (const { name, change, code } of CASES) {
      it(`(${format}) that is ${name} is not served wrong: what is bad is fetched again`, async () => {
        using folder = new TemporaryFolder()
        const content = newContent({ files: { a: 4 * MIB, b: 4 * MIB }, format })
        writeContent(content, folder.at('seed'))
        await using other = await openSeed([content], folder.at('other'), 16 * MIB)
        await using seed = await Watched.open({ uploadLimit: 2 * MIB, stateFolder: folder.at('state') })
        await using first = await Watched.open()
        await using second = await Watched.open()
        const given = await seed.add(content, folder.at('seed'), [])
        await given.completed()
        const peers = [await first.add(content, folder.at('first'), [seed.session])]
        peers.push(await second.add(content, folder.at('second'), [seed.session]))
        await until(() => peers[0]!.status().verifiedPieces > 10)
        change(folder.at('seed', 'content', 'a'))
        await until(() => given.status().error !== null)
        assert.equal(given.status().error?.code, code)
        // What it has no more comes from another, to all of them.
        await peers[0]!.remove()
        const whole = await first.add(content, folder.at('first'), [seed.session, other])
        await whole.completed()
        assertContent(content, folder.at('first'))
        await until(() => peers[1]!.status().verifiedPieces > 64 + 10).catch(error => {
          const both = [given, peers[1]!].map(torrent => [torrent.status(), torrent.explain()])
          throw new Error(inspect(both, { depth: 4 }), { cause: error })
        })
        assert.deepEqual([first.count('piece-failed'), second.count('piece-failed')], [0, 0])
      })
    }
  }

  it('that is touched, and holds what it held, is served on after another look', async () => {
    using folder = new TemporaryFolder()
    const content = newContent({ files: { a: 4 * MIB } })
    writeContent(content, folder.at('seed'))
    await using seed = await Watched.open({ uploadLimit: 2 * MIB })
    await using leech = await Watched.open()
    const given = await seed.add(content, folder.at('seed'), [])
    await given.completed()
    const torrent = await leech.add(content, folder.at('leech'), [seed.session])
    await until(() => torrent.status().verifiedPieces > 10)
    utimesSync(folder.at('seed/content/a'), 1, 1)
    await torrent.completed()
    assertContent(content, folder.at('leech'))
    assert.deepEqual([given.status().state, seed.count('torrent-error')], ['seeding', 0])
  })
})
