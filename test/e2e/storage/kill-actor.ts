/** Downloads a make-believe torrent until it is killed. Arguments: state folder, download folder, first piece. */

import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { StateFolder } from '../../../src/storage/state-folder.ts'
import { storedTorrent } from '../../../src/storage/stored-torrent.ts'
import { infoOf } from '../../contract/storage/made-torrents.ts'
import { pieceBytes } from '../../contract/storage/stored-torrents.ts'

const [statePath = '', root = '', first = '0'] = process.argv.slice(2)
const info = infoOf({ a: 10_000_000, b: 20_000_000 })
const torrent = storedTorrent(info)
const workers = new DiskWorkers()
const state = await StateFolder.open({ path: statePath, workers })
const storage = await FileStorage.open({ torrent, root, workers })
const log = await state.openLog(info, () => storage.inspect())
await storage.prepare()
for (let piece = Number(first); piece < info.geometry.pieceCount; piece++) {
  await storage.write(piece, 0, [pieceBytes(torrent, piece)])
  log.pieceWritten(piece, info.geometry.pieceLengthOf(piece))
  if (piece % 7 === 6) {
    await log.commit(() => storage.sync())
    console.log(piece)
  }
}
