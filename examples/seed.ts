/**
 * Publishes a folder as it stands and serves it until Ctrl-C.
 *
 *     node -C shoal-source examples/seed.ts FOLDER TRACKER-URL [--bind ADDRESS]
 */

import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { parseArgs } from 'node:util'
import { openSession } from 'shoal'
import { buildTorrent, formatMagnet, planTorrent } from 'shoal/metainfo'
import { hashFiles } from 'shoal/storage'

const { positionals, values } = parseArgs({
  options: { bind: { type: 'string', default: '0.0.0.0' } },
  allowPositionals: true,
})
const [path = '.', tracker = 'http://127.0.0.1:6969/announce'] = positionals
const folder = resolve(path)

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => join(entry.parentPath, entry.name))
  .map(file => ({ path: relative(folder, file).split(sep), length: statSync(file).size }))
const plan = planTorrent({ name: basename(folder), isSingleFile: false, files, format: 'hybrid' })
const torrentFile = buildTorrent(plan, await hashFiles(plan, folder), { trackers: [[tracker]] })

await using session = await openSession({ listen: [{ address: values.bind, port: 0 }] })
session.on('tracker-answered', ({ seeds, leeches }) => console.log(`${seeds} seeds, ${leeches} leeches`))
session.on('tracker-failed', ({ error }) => console.log(error.message))

const torrent = await session.add({ torrentFile }, { folder: dirname(folder), isKnownGood: true })
console.log(formatMagnet({ hashes: torrent.infoHashes, name: torrent.name, trackers: [tracker] }))

await once(process, 'SIGINT')
