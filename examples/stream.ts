/**
 * Plays a file of a torrent while it downloads: a player opens the address that is printed, and seeks as it likes.
 *
 *     node -C shoal-source examples/stream.ts 'magnet:?…' [FOLDER] [--bind ADDRESS]
 */

import { once } from 'node:events'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { openSession } from 'shoal'

const { positionals, values } = parseArgs({
  options: { bind: { type: 'string', default: '0.0.0.0' } },
  allowPositionals: true,
})
const [magnet = '', folder = '.'] = positionals

await using session = await openSession({ listen: [{ address: values.bind, port: 0 }] })
const torrent = await session.add({ magnet }, { folder })

// The largest file is the film.
const [film] = (await torrent.files()).sort((a, b) => b.length - a.length)
if (!film) throw new Error('there is no file in it')
await torrent.prioritize(({ index }) => (index === film.index ? 'high' : 'skip'))

const server = createServer((request, response) => {
  const { length } = film
  // `5-` from there on, `5-9` both counted, `-5` the last five (RFC 9110).
  const [range, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const start = first === '' ? Math.max(0, length - Number(last || length)) : Number(first)
  const end = first === '' || last === '' ? length : Math.min(Number(last) + 1, length)
  if (start >= end) return void response.writeHead(416, { 'content-range': `bytes */${length}` }).end()
  response.writeHead(range ? 206 : 200, {
    'accept-ranges': 'bytes',
    'content-length': end - start,
    ...(range && { 'content-range': `bytes ${start}-${end - 1}/${length}` }),
  })
  const bytes = torrent.file(film.index).stream({ start, end })
  // A player that seeks hangs up: then nothing more is fetched for it.
  pipeline(Readable.fromWeb(bytes), response).catch(() => undefined)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') console.log(`${film.path}: http://127.0.0.1:${address?.port}/`)
})

await once(process, 'SIGINT')
server.close()
