import assert from 'node:assert/strict'
import type { StorageRequest } from '../../src/client/session-ports.ts'
import { StorageError } from '../../src/core/errors.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { MemoryDisk, MemoryStorage } from '../../src/storage/memory-storage.ts'
import { storedTorrent } from '../../src/storage/stored-torrent.ts'
import { story } from './story.ts'

/** A storage that remembers whether it was closed. */
class WatchedStorage extends MemoryStorage {
  isClosed = false

  override async close(): Promise<void> {
    this.isClosed = true
    await super.close()
  }
}

function watched({ info, isWanted }: StorageRequest): WatchedStorage {
  return new WatchedStorage({ torrent: storedTorrent(info), isWanted, disk: new MemoryDisk() })
}

story('a torrent that is removed while its storage opens leaves nothing open', async stage => {
  const content = stage.newContent({ files: { 'a.bin': 600_000 } })
  const opened = Promise.withResolvers<void>()
  const storages: WatchedStorage[] = []
  const client = await stage.newClient({
    ports: {
      openStorage: async request => {
        await opened.promise
        const storage = watched(request)
        storages.push(storage)
        return storage
      },
    },
  })
  const torrent = await client.add(content)
  const removed = torrent.remove()
  opened.resolve()
  await stage.settled(removed)
  assert.deepEqual(
    storages.map(storage => storage.isClosed),
    [true],
  )
  assert.deepEqual(client.session.torrents(), [])
})

story('a state that cannot be saved keeps a session from nothing but that', async stage => {
  const content = stage.newContent({ files: { 'a.bin': 600_000 } })
  const state = new MemoryStateFiles()
  const ended: string[] = []
  const client = await stage.newClient({
    state,
    ports: { close: async () => void ended.push('ports') },
  })
  const torrent = await client.add(content)
  await stage.settled(torrent.checked())
  const full = async (): Promise<never> => {
    throw new StorageError('disk-full', 'the disk is full')
  }
  state.append = full
  state.replace = full
  await stage.settled(assert.rejects(client.session.close(), { code: 'disk-full' }))
  client.die()
  assert.deepEqual(ended, ['ports'])
  assert.deepEqual(client.session.torrents(), [])
})
