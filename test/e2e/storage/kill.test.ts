import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Bitfield } from '../../../src/core/bitfield.ts'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { isUnchanged } from '../../../src/storage/file-look.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { StateFolder } from '../../../src/storage/state-folder.ts'
import { storedTorrent } from '../../../src/storage/stored-torrent.ts'
import { infoOf } from '../../contract/storage/made-torrents.ts'
import { pieceBytes, sharedBytes } from '../../contract/storage/stored-torrents.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const ACTOR = fileURLToPath(new URL('kill-actor.ts', import.meta.url))
const INFO = infoOf({ a: 10_000_000, b: 20_000_000 })
const TORRENT = storedTorrent(INFO)
const workers = new DiskWorkers()
after(() => workers.close())

/** Lets the actor commit so many times, then kills it. Returns the last piece that it said was committed. */
async function killAfter(commits: number, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [ACTOR, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let committed = -1
  let seen = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = text.trim().split('\n')
    seen += lines.length
    committed = Number(lines.at(-1))
    if (seen >= commits) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return committed
}

it('after kill -9 all that was committed is known and right, and the files are as we left them', async () => {
  using folder = new TemporaryFolder()
  let first = 0
  for (const commits of [1, 5, 12]) {
    const committed = await killAfter(commits, [folder.at('state'), folder.at('downloads'), String(first)])
    assert.ok(committed >= first)
    const state = await StateFolder.open({ path: folder.at('state'), workers })
    const storage = await FileStorage.open({ torrent: TORRENT, root: folder.at('downloads'), workers })
    const log = await state.openLog(INFO, () => storage.inspect())
    const { restored } = log
    assert.ok(restored)
    for (let piece = 0; piece <= committed; piece++) assert.ok(restored.synced.has(piece), `piece ${piece}`)
    const good = new Bitfield(INFO.geometry.pieceCount)
    for (const piece of [...restored.synced, ...restored.unsure]) {
      const bytes = sharedBytes(INFO.geometry.pieceLengthOf(piece))
      await storage.read(piece, 0, [bytes])
      assert.deepEqual(bytes, pieceBytes(TORRENT, piece))
      good.set(piece)
    }
    for (const [index, look] of (await storage.inspect()).entries()) {
      if (look) assert.ok(isUnchanged(restored.files.get(INFO.files[index]!.displayPath), look))
    }
    await storage.prepare()
    await log.checked(good)
    await log.commit(() => storage.sync())
    await log.close()
    await storage.close()
    await state.close()
    first = good.firstClear()
  }
})
