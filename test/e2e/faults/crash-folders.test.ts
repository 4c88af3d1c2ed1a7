import assert from 'node:assert/strict'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseTorrentFile } from '../../../src/metainfo/torrent-file.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { storedTorrent } from '../../../src/storage/stored-torrent.ts'
import { leaveCrashState } from '../../support/crash-state.ts'
import { FileOperations } from '../../support/file-operations.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { inlineWorkers } from '../../support/inline-workers.ts'
import { seededDice } from '../../support/seeded-dice.ts'
import { TemporaryFolder } from '../storage/temporary-folder.ts'
import { newContent } from './fault-scene.ts'
import { shared } from './recorded-download.ts'

test('a sync answers for folders that an earlier program made and did not sync', async () => {
  using memory = new TemporaryFolder()
  const dice = seededDice(1)
  const content = newContent({ files: { 'sub/deep/a': 20_000 }, pieceLength: 32_768 })
  const { info } = parseTorrentFile(content.torrentFile, testDigest)
  const folder = memory.at('life')
  mkdirSync(folder)
  const options = { torrent: storedTorrent(info), root: join(folder, 'downloads') }
  const operations = new FileOperations(folder)
  try {
    const before = await FileStorage.open({ ...options, workers: inlineWorkers(dice) })
    await before.prepare()
    await before.close()
    const storage = await FileStorage.open({ ...options, workers: inlineWorkers(dice) })
    await storage.prepare()
    await storage.write(0, 0, [shared(content.files.get('content/sub/deep/a')!)])
    await storage.sync()
    await storage.close()
  } finally {
    operations[Symbol.dispose]()
  }
  const crashed = memory.at('crashed')
  mkdirSync(crashed)
  leaveCrashState(operations, { count: operations.list.length, keeping: 'nothing', dice, folder: crashed })
  assert.ok(existsSync(join(crashed, 'downloads/content/sub/deep/a')))
})
