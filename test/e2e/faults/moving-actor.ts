/**
 * Moves a torrent from one folder to another and back, and renames its file each time, until it is killed. Arguments: state
 * folder, torrent file, folder that it was added with, the two folders.
 */

import { readFileSync } from 'node:fs'
import { openSession } from '../../../src/client/node.ts'

const [stateFolder = '', torrentFile = '', folder = '', ...places] = process.argv.slice(2)
const session = await openSession({ listen: [], stateFolder })
const torrent = await session.add({ torrentFile: readFileSync(torrentFile) }, { folder, announces: false })
await torrent.checked()
console.log('ready')
for (let turn = 0; ; turn++) {
  const place = torrent.folder === places[0] ? places[1]! : places[0]!
  await torrent.move(place)
  await torrent.file('two').rename(`album/two.${turn % 3}`)
}
