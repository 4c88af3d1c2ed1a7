import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, it } from 'node:test'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { pieceBytes, sharedBytes, torrentOf } from '../../contract/storage/stored-torrents.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const workers = new DiskWorkers()
after(() => workers.close())

it('a part file that was removed is made anew when it is needed again, and not written to where nobody finds it', async () => {
  using folder = new TemporaryFolder()
  // One piece, of which half lies in a file that is not always wanted.
  const torrent = torrentOf([
    { path: 'a', length: 1000 },
    { path: 'b', length: 1000 },
  ])
  const bytes = pieceBytes(torrent, 0)
  const storage = await FileStorage.open({
    torrent,
    root: folder.path,
    workers,
    isWanted: file => file === 0,
  })
  await storage.prepare()
  await storage.write(0, 0, [bytes])
  await storage.select(() => true)
  await storage.select(file => file === 0)
  await storage.write(0, 0, [bytes])
  await storage.sync()
  await storage.close()
  assert.ok(existsSync(folder.at(`.${torrent.id}.shoal-part`)))
  const again = await FileStorage.open({ torrent, root: folder.path, workers, isWanted: file => file === 0 })
  await again.prepare()
  const read = sharedBytes(bytes.length)
  await again.read(0, 0, [read])
  assert.deepEqual(read, bytes)
  await again.close()
})
