import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, it } from 'node:test'
import { openSession } from '../../src/client/node.ts'
import { buildTorrent } from '../../src/metainfo/build.ts'
import { planTorrent } from '../../src/metainfo/plan-torrent.ts'
import { hashFiles } from '../../src/storage/hash-files.ts'
import { TemporaryFolder } from './storage/temporary-folder.ts'

const FILES = ['a:b.txt', 'con', 'trailing dot.', '👩‍🚀.txt', 'sub <x>/question?.txt']
const LOOPBACK = [{ address: '127.0.0.1', port: 0 }]

describe('names that other systems would not take', { timeout: 60_000 }, () => {
  it('are published as they stand, and come out under names that every system takes', async () => {
    using folder = new TemporaryFolder()
    for (const path of FILES) {
      mkdirSync(dirname(folder.at('seed', 'odd|names', path)), { recursive: true })
      writeFileSync(folder.at('seed', 'odd|names', path), `content of ${path}`)
    }
    const files = FILES.map(path => ({
      path: path.split('/'),
      length: Buffer.byteLength(`content of ${path}`),
    }))
    const plan = planTorrent({
      name: 'odd|names',
      isSingleFile: false,
      pieceLength: 16_384,
      format: 'hybrid',
      files,
    })
    const torrentFile = buildTorrent(plan, await hashFiles(plan, folder.at('seed', 'odd|names')))
    await using seed = await openSession({ listen: LOOPBACK })
    await using leech = await openSession({ listen: LOOPBACK })
    const published = await seed.add({ torrentFile }, { folder: folder.at('seed'), isKnownGood: true })
    await published.checked()
    assert.equal(published.status().state, 'seeding')
    assert.deepEqual(readdirSync(folder.at('seed')), ['odd|names'], 'nothing was made beside it')
    const torrent = await leech.add({ torrentFile }, { folder: folder.at('leech'), peers: seed.listening })
    await torrent.completed()
    const { info } = await torrent.metadata()
    for (const file of info.files.filter(each => !each.isPad)) {
      const content = readFileSync(folder.at('leech', info.name, ...file.path), 'utf8')
      assert.equal(content, `content of ${file.originalPath.join('/')}`)
    }
  })
})
