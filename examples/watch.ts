/**
 * Downloads a torrent and prints everything that happens meanwhile, one JSON object a line.
 *
 *     node -C shoal-source examples/watch.ts FILE.torrent|'magnet:?…' [FOLDER] [--bind ADDRESS]
 */

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Address, type Alert, BitTorrentError, formatAddress, openSession } from 'shoal'

const { positionals, values } = parseArgs({
  options: { bind: { type: 'string', default: '0.0.0.0' } },
  allowPositionals: true,
})
const [source = '', folder = '.'] = positionals

const session = await openSession({ listen: [{ address: values.bind, port: 0 }] })
const printing = print(session.alerts())
const torrent = await session.add(
  source.startsWith('magnet:') ? { magnet: source } : { torrentFile: readFileSync(source) },
  { folder },
)
await torrent.completed()
await session.close()
await printing

/** Ends with the session. */
async function print(alerts: AsyncIterable<Alert>): Promise<void> {
  for await (const alert of alerts) console.log(JSON.stringify(alert, asText))
}

function asText(key: string, value: unknown): unknown {
  if (value instanceof BitTorrentError) return `${value.code}: ${value.message}`
  return key === 'address' ? formatAddress(value as Address) : value
}
