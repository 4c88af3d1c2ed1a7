import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { it, suite } from 'node:test'
import { carryOver } from '../../../src/storage/carry-over.ts'
import { type MadeTorrent, makeTorrent } from '../../support/torrents.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const { signal } = new AbortController()

/** Lays a torrent's files into a folder. */
function lay({ info, contentOf }: MadeTorrent, folder: TemporaryFolder): void {
  for (const file of info.files.filter(({ isPad }) => !isPad)) {
    const path = folder.at(info.name, ...file.path)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, contentOf(file.path.join('/')))
  }
}

suite('what one edition leaves to the next', () => {
  for (const format of ['v1', 'v2', 'hybrid'] as const) {
    it(`is copied where the torrent has another name: ${format}`, async () => {
      using folder = new TemporaryFolder()
      const earlier = makeTorrent({ 'd/same': 70_000, other: 5 }, { name: 'june', format })
      const later = makeTorrent({ 'd/same': 70_000, other: 6 }, { name: 'july', format })
      lay(earlier, folder)
      const carried = await carryOver({
        earlier: earlier.info,
        later: later.info,
        folder: folder.path,
        signal,
      })
      assert.deepEqual(carried, { copied: 1, cut: 0 })
      assert.deepEqual(
        readFileSync(folder.at('july', 'd', 'same')),
        readFileSync(folder.at('june', 'd', 'same')),
      )
      assert.equal(statSync(folder.at('july', 'other'), { throwIfNoEntry: false }), undefined)
    })
  }

  it('is found under another path by its root', async () => {
    using folder = new TemporaryFolder()
    const earlier = makeTorrent({ a: 40_000, z: 1 }, { format: 'v2' })
    const { info } = earlier
    lay(earlier, folder)
    const moved = { ...info, files: info.files.map(file => ({ ...file, path: ['deep', ...file.path] })) }
    const carried = await carryOver({ earlier: info, later: moved, folder: folder.path, signal })
    assert.deepEqual(carried, { copied: 2, cut: 0 })
    assert.deepEqual(readFileSync(folder.at('made', 'deep', 'a')), Buffer.from(earlier.contentOf('a')))
  })

  it('is not copied where the root says that it differs', async () => {
    using folder = new TemporaryFolder()
    const earlier = makeTorrent({ a: 40_000, z: 1 }, { name: 'june', format: 'v2' })
    const later = makeTorrent({ a: 40_000, z: 1 }, { name: 'july', format: 'v2' })
    lay(earlier, folder)
    const changed = {
      ...later.info,
      files: later.info.files.map(file => ({ ...file, piecesRoot: new Uint8Array(32) })),
    }
    const carried = await carryOver({ earlier: earlier.info, later: changed, folder: folder.path, signal })
    assert.deepEqual(carried, { copied: 0, cut: 0 })
  })

  it('stays where it is, and is cut where it is too long', async () => {
    using folder = new TemporaryFolder()
    const earlier = makeTorrent({ same: 100, long: 90, short: 10 })
    const later = makeTorrent({ same: 100, long: 50, short: 20 })
    lay(earlier, folder)
    const before = statSync(folder.at('made', 'same'))
    const carried = await carryOver({ earlier: earlier.info, later: later.info, folder: folder.path, signal })
    assert.deepEqual(carried, { copied: 0, cut: 1 })
    const lengths = ['same', 'long', 'short'].map(name => statSync(folder.at('made', name)).size)
    assert.deepEqual(lengths, [100, 50, 10])
    assert.equal(statSync(folder.at('made', 'same')).mtimeMs, before.mtimeMs)
  })

  it('is left alone where it is gone, or has another length than it had', async () => {
    using folder = new TemporaryFolder()
    const earlier = makeTorrent({ gone: 100, changed: 100 }, { name: 'june' })
    const later = makeTorrent({ gone: 100, changed: 100 }, { name: 'july' })
    lay(earlier, folder)
    writeFileSync(folder.at('june', 'changed'), 'x')
    const { info } = earlier
    const renamed = { ...info, files: info.files.map(file => ({ ...file, path: ['never', ...file.path] })) }
    assert.deepEqual(await carryOver({ earlier: renamed, later: later.info, folder: folder.path, signal }), {
      copied: 0,
      cut: 0,
    })
    assert.deepEqual(await carryOver({ earlier: info, later: later.info, folder: folder.path, signal }), {
      copied: 1,
      cut: 0,
    })
  })

  it('is never looked for through a link', async () => {
    using folder = new TemporaryFolder()
    using elsewhere = new TemporaryFolder()
    const earlier = makeTorrent({ 'd/a': 100 })
    const later = makeTorrent({ 'd/a': 50 })
    writeFileSync(elsewhere.at('a'), new Uint8Array(100))
    mkdirSync(folder.at('made'))
    symlinkSync(elsewhere.path, folder.at('made', 'd'))
    await assert.rejects(
      carryOver({ earlier: earlier.info, later: later.info, folder: folder.path, signal }),
      { code: 'file-is-link' },
    )
    assert.equal(statSync(elsewhere.at('a')).size, 100)
  })
})
