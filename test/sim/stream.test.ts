import assert from 'node:assert/strict'
import { UsageError } from '../../src/core/errors.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { type Stage, story } from './story.ts'

const KIB = 1024
const FILES = { 'a.bin': 3000 * KIB + 100, 'b.bin': 2000 * KIB + 7 }

async function leeching(stage: Stage, up: number) {
  stage.newTracker()
  const content = stage.newContent({ files: FILES })
  const seed = await stage.newSeed(content, { line: { up } })
  const leech = await stage.newClient({ state: new MemoryStateFiles() })
  const torrent = await leech.add(content)
  await stage.settled(torrent.checked())
  return { content, seed, leech, torrent }
}

/** All that comes, and the piece count at the moment when each chunk did. */
async function readAll(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

story('a file is read while it downloads, from the front, before anything else is fetched', async stage => {
  const { content, leech, torrent } = await leeching(stage, 300 * KIB)
  const bytes = await stage.settled(readAll(torrent.file('b.bin').stream()), { within: 60_000 })
  assert.equal(Buffer.compare(bytes, content.files.get('folder/b.bin')!), 0)
  const { downloaded, verifiedPieces } = torrent.status()
  assert.ok(downloaded < 2400 * KIB, `${downloaded} bytes came for a file of 2 MB`)
  const order = leech.heard('piece-verified').map(({ piece }) => piece)
  const { first } = content.info.geometry.piecesOf(1)
  const late = order.filter((piece, at) => piece >= first && Math.abs(piece - first - at) > 16)
  assert.deepEqual(late, [], `nearly in order, of ${verifiedPieces} pieces`)
  await stage.completed(leech, torrent, content)
})

story('a stretch in the middle is read at once', async stage => {
  const { content, leech, torrent } = await leeching(stage, 200 * KIB)
  await stage.until(() => torrent.status().verifiedPieces > 5)
  const [start, end] = [1_500_000, 1_600_001]
  const before = stage.now
  const bytes = await stage.settled(readAll(torrent.file(0).stream({ start, end })))
  assert.equal(Buffer.compare(bytes, content.files.get('folder/a.bin')!.subarray(start, end)), 0)
  const took = stage.now - before
  assert.ok(took < 4000, `${took} ms for 100 KB at 200 KiB/s`)
  assert.deepEqual(
    await stage.settled(readAll(torrent.file(0).stream({ start: 7, end: 7 }))),
    Buffer.alloc(0),
  )
  await stage.completed(leech, torrent, content)
})

story('two who read take turns', async stage => {
  const { content, torrent } = await leeching(stage, 400 * KIB)
  const [a, b] = await stage.settled(
    Promise.all([
      readAll(torrent.file(0).stream({ end: 500_000 })),
      readAll(torrent.file(1).stream({ end: 500_000 })),
    ]),
    { within: 10_000 },
  )
  assert.equal(Buffer.compare(a!, content.files.get('folder/a.bin')!.subarray(0, 500_000)), 0)
  assert.equal(Buffer.compare(b!, content.files.get('folder/b.bin')!.subarray(0, 500_000)), 0)
})

story('a slow peer does not hold up who reads', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: FILES })
  for (let slow = 0; slow < 5; slow++) await stage.newSeed(content, { line: { up: 4 * KIB } })
  await stage.newSeed(content, { line: { up: 400 * KIB } })
  const leech = await stage.newClient()
  const torrent = await leech.add(content)
  await stage.until(() => torrent.status().verifiedPieces > 5)
  const before = stage.now
  await stage.settled(readAll(torrent.file(1).stream()))
  const took = stage.now - before
  assert.ok(took < 12_000, `${took} ms for 2 MB at 400 KiB/s`)
})

story('who stops reading stops the hurry, and a reader keeps a torrent awake', async stage => {
  const { content, leech, torrent } = await leeching(stage, 4000 * KIB)
  const reader = torrent.file(0).stream().getReader()
  const first = await stage.settled(reader.read())
  assert.ok(first.value!.length > 0)
  await stage.completed(leech, torrent, content)
  await stage.pass(300_000)
  assert.equal(torrent.status().isResting, false)
  await stage.settled(reader.cancel())
  await stage.until(() => torrent.status().isResting)
  const rest = await stage.settled(readAll(torrent.file(0).stream({ start: 100 })))
  assert.equal(Buffer.compare(rest, content.files.get('folder/a.bin')!.subarray(100)), 0)
})

story('who gives up while he waits for a piece is let go at once', async stage => {
  stage.newTracker()
  const content = stage.newContent({ files: FILES })
  const leech = await stage.newClient({ state: new MemoryStateFiles() })
  const torrent = await leech.add(content)
  await stage.settled(torrent.checked())
  const reader = torrent.file(0).stream().getReader()
  const first = reader.read()
  await stage.pass(5_000)
  await stage.settled(reader.cancel(), { within: 1_000 })
  assert.deepEqual(await stage.settled(first), { done: true, value: undefined })
  await stage.until(() => torrent.status().isResting)
})

story('a stream says what is wrong', async stage => {
  const { torrent } = await leeching(stage, 50 * KIB)
  const refuses = (stream: ReadableStream<Uint8Array>, code: string) =>
    stage.settled(assert.rejects(readAll(stream), { code }))
  await refuses(torrent.file('nothing').stream(), 'file-unknown')
  await refuses(torrent.file(0).stream({ start: -1 }), 'range-invalid')
  await refuses(torrent.file(0).stream({ end: 9_000_000 }), 'range-invalid')
  await stage.settled(torrent.file('b.bin').setPriority('skip'))
  await refuses(torrent.file('b.bin').stream({ start: 100_000 }), 'file-skipped')
  const aborted = new AbortController()
  const mine = new UsageError('enough', 'enough was seen')
  const stopped = assert.rejects(readAll(torrent.file(0).stream({ signal: aborted.signal })), mine)
  const skipped = assert.rejects(readAll(torrent.file(0).stream({ start: 2_000_000 })), {
    code: 'file-skipped',
  })
  await stage.pass(500)
  aborted.abort(mine)
  await stage.settled(stopped)
  await stage.settled(torrent.file(0).setPriority('skip'))
  await stage.settled(skipped)
  await stage.settled(torrent.file(0).setPriority('normal'))
  const left = assert.rejects(readAll(torrent.file(0).stream()), { code: 'torrent-removed' })
  await stage.pass(500)
  await stage.settled(torrent.remove())
  await stage.settled(left)
})

story('what is gone under a reader is fetched again', async stage => {
  const { content, leech, torrent } = await leeching(stage, 4000 * KIB)
  await stage.completed(leech, torrent, content)
  leech.disk.files.delete('folder/a.bin')
  const bytes = await stage.settled(readAll(torrent.file(0).stream()))
  assert.equal(Buffer.compare(bytes, content.files.get('folder/a.bin')!), 0)
})
