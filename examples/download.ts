/**
 * Downloads what a magnet link names.
 *
 *     node -C shoal-source examples/download.ts 'magnet:?…' [FOLDER] [--bind ADDRESS]
 */

import { parseArgs } from 'node:util'
import { openSession } from 'shoal'

const { positionals, values } = parseArgs({
  options: { bind: { type: 'string', default: '0.0.0.0' } },
  allowPositionals: true,
})
const [magnet = '', folder = '.'] = positionals

await using session = await openSession({ listen: [{ address: values.bind, port: 0 }] })
const torrent = await session.add({ magnet }, { folder })

const { info } = await torrent.metadata()
console.log(`${info.name}: ${info.geometry.contentLength} bytes in ${info.files.length} files`)

await torrent.completed()
const { downloaded, wasted } = torrent.status()
console.log(`complete: ${downloaded} bytes came, ${wasted} of them for nothing`)
