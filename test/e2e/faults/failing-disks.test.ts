/** Disks of their own fail under downloads that are under way; see docs/FAULTS.md. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { noSmallDisk, SmallDisk } from '../../support/small-disk.ts'
import { until } from '../../support/until.ts'
import { TemporaryFolder } from '../storage/temporary-folder.ts'
import { assertContent, newContent, openSeed, recovery, Watched, writeContent } from './fault-scene.ts'

const MIB = 1 << 20
const CONTENT = newContent({ files: { a: 9 * MIB + 17, 'sub/b': 7 * MIB + 3, empty: 0 } })
const OTHER = newContent({ name: 'other', files: { c: 2 * MIB } })
const RATE = 12 * MIB

describe('a disk of a download', { skip: noSmallDisk, timeout: 120_000, concurrency: true }, () => {
  it('that is full holds up what writes to it and nothing else, says so, and goes on when there is room', async t => {
    using folder = new TemporaryFolder()
    using disk = new SmallDisk({ folder: folder.path, mebibytes: 24 })
    writeFileSync(join(disk.path, 'filler'), new Uint8Array(12 * MIB))
    await using seed = await openSeed([CONTENT, OTHER], folder.at('seed'), RATE)
    await using leech = await Watched.open({ stateFolder: folder.at('state') })
    await using third = await Watched.open()
    const torrent = await leech.add(CONTENT, disk.path, [seed])
    await leech.waitsFor('storage-full', torrent)
    assert.match(torrent.status().error?.message ?? '', /no room for .*content/)
    const { verifiedPieces } = torrent.status()
    assert.ok(verifiedPieces > 20)
    // Others go on: a torrent on another disk, and whoever fetches from this one what it has.
    await (await leech.add(OTHER, folder.at('leech'), [seed])).completed()
    const taker = await third.add(CONTENT, folder.at('third'), [leech.session])
    await until(() => taker.status().verifiedPieces >= verifiedPieces)
    assert.equal(torrent.status().error?.code, 'storage-full')
    rmSync(join(disk.path, 'filler'))
    t.diagnostic(`went on ${Math.round(await recovery(torrent))} ms after there was room`)
    await torrent.completed()
    assertContent(CONTENT, disk.path)
    assert.deepEqual([torrent.status().wasted, torrent.status().downloaded], [0, CONTENT.length])
    assert.deepEqual([leech.count('torrent-error'), leech.count('piece-failed')], [1, 0])
  })

  it('that is full, with the state on it as well, goes on when there is room, and nothing is forgotten', async () => {
    using folder = new TemporaryFolder()
    using disk = new SmallDisk({ folder: folder.path, mebibytes: 24 })
    writeFileSync(join(disk.path, 'filler'), new Uint8Array(12 * MIB))
    await using seed = await openSeed([CONTENT], folder.at('seed'), RATE)
    const stateFolder = join(disk.path, 'state')
    {
      await using leech = await Watched.open({ stateFolder })
      const torrent = await leech.add(CONTENT, disk.path, [seed])
      await leech.waitsFor('storage-full', torrent)
      rmSync(join(disk.path, 'filler'))
      await recovery(torrent)
      await torrent.completed()
      assert.deepEqual([torrent.status().wasted, torrent.status().downloaded], [0, CONTENT.length])
    }
    await using next = await Watched.open({ stateFolder })
    const torrent = await next.add(CONTENT, disk.path, [])
    await torrent.checked()
    assert.deepEqual([torrent.status().state, next.count('checking')], ['seeding', 1])
    assertContent(CONTENT, disk.path)
  })

  it('that turned read-only through an error of its file system is waited for until it is mounted anew', async t => {
    using folder = new TemporaryFolder()
    using disk = new SmallDisk({ folder: folder.path, mebibytes: 32, mountOptions: 'errors=remount-ro' })
    await using seed = await openSeed([CONTENT], folder.at('seed'), 6 * MIB)
    await using leech = await Watched.open({ stateFolder: folder.at('state') })
    await using third = await Watched.open()
    const torrent = await leech.add(CONTENT, disk.path, [seed])
    await until(() => torrent.status().verifiedPieces > 40)
    disk.sync()
    disk.goReadOnly()
    await leech.waitsFor('storage-read-only', torrent)
    const taker = await third.add(CONTENT, folder.at('third'), [leech.session])
    await until(() => taker.status().verifiedPieces >= torrent.status().verifiedPieces)
    const copy = folder.at('repaired.img')
    disk.copyTo(copy)
    disk.pull()
    disk.mount(copy)
    t.diagnostic(`went on ${Math.round(await recovery(torrent))} ms after it could be written again`)
    await torrent.completed()
    assertContent(CONTENT, disk.path)
    assert.equal(leech.count('piece-failed'), 0)
  })

  it('that is pulled out is waited for with nothing made in its place, and used as it is when it is back', async t => {
    using folder = new TemporaryFolder()
    using disk = new SmallDisk({ folder: folder.path, mebibytes: 32 })
    await using seed = await openSeed([CONTENT], folder.at('seed'), 6 * MIB)
    await using leech = await Watched.open({ stateFolder: folder.at('state') })
    mkdirSync(join(disk.path, 'downloads'))
    const torrent = await leech.add(CONTENT, join(disk.path, 'downloads'), [seed])
    await until(() => torrent.status().verifiedPieces > 40)
    disk.sync()
    await until(() => torrent.status().verifiedPieces > 80)
    // As it was pulled: what no sync brought there is not on it.
    const pulled = folder.at('pulled.img')
    disk.copyTo(pulled)
    disk.pull()
    await leech.waitsFor('storage-unmounted', torrent)
    assert.deepEqual(readdirSync(disk.path), [])
    disk.mount(pulled)
    t.diagnostic(`went on ${Math.round(await recovery(torrent))} ms after it was back`)
    await torrent.completed()
    assertContent(CONTENT, join(disk.path, 'downloads'))
    const { lost, good, pieces } = await torrent.recheck()
    assert.deepEqual([lost, good], [0, pieces])
  })

  it('that is mounted read-only is seeded from, also where the torrent has empty files', async () => {
    using folder = new TemporaryFolder()
    using disk = new SmallDisk({ folder: folder.path, mebibytes: 24 })
    writeContent(CONTENT, disk.path)
    execFileSync('mount', ['-o', 'remount,ro', disk.path])
    await using seed = await Watched.open({ stateFolder: folder.at('state') })
    await using leech = await Watched.open()
    await (await seed.add(CONTENT, disk.path, [])).completed()
    await (await leech.add(CONTENT, folder.at('leech'), [seed.session])).completed()
    assertContent(CONTENT, folder.at('leech'))
  })
})
