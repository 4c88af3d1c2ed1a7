import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import test from 'node:test'
import { parseAddress } from '../../../src/core/address.ts'
import { parseTorrentFile } from '../../../src/metainfo/torrent-file.ts'
import { nodeDigest } from '../../../src/net/node-digest.ts'
import { encodeHandshake, HANDSHAKE_LENGTH } from '../../../src/wire/handshake.ts'
import { MESSAGE_ID } from '../../../src/wire/messages.ts'
import { eventsOf, launch, until } from './launch.ts'
import { temporaryFolder } from './temporary-folder.ts'

const HERE = ['--bind', '127.0.0.1', '--port', '0', '--json']

/** The id of the first message that a seed sends after its handshake. */
async function openingOf(seed: string, infoHash: Uint8Array): Promise<number> {
  const { host, port } = parseAddress(seed)
  const socket = connect({ host, port })
  const reserved = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 4)
  socket.write(encodeHandshake({ reserved, infoHash, peerId: randomBytes(20) }))
  let heard = Buffer.alloc(0)
  try {
    for await (const chunk of socket) {
      heard = Buffer.concat([heard, chunk as Buffer])
      if (heard.length >= HANDSHAKE_LENGTH + 5) break
    }
    return heard.readUInt8(HANDSHAKE_LENGTH + 4)
  } finally {
    socket.destroy()
  }
}

test('seed --super-seed shows itself empty, and others get everything', async t => {
  const folder = await temporaryFolder(t)
  const content = randomBytes(3_000_000)
  writeFileSync(join(folder, 'data'), content)
  for (const [flags, opening] of [
    [['--super-seed'], MESSAGE_ID.HAVE_NONE],
    [[], MESSAGE_ID.HAVE_ALL],
  ] as const) {
    const seed = launch(t, ['seed', 'data', '--force', ...flags, ...HERE], folder)
    await until(() => eventsOf(seed).some(({ type }) => type === 'ready'), seed)
    const [peer] = eventsOf(seed).find(({ type }) => type === 'ready')!['listening'] as string[]
    const { info } = parseTorrentFile(readFileSync(join(folder, 'data.torrent')), nodeDigest)
    assert.equal(await openingOf(peer!, info.hashes.v1 ?? info.hashes.v2!.subarray(0, 20)), opening)
    const target = `to ${opening}`
    const get = launch(t, ['get', 'data.torrent', '--dir', target, '--peer', peer!, ...HERE], folder)
    assert.deepEqual(await get.ended, [0, null], get.output.stderr)
    assert.deepEqual(readFileSync(join(folder, target, 'data')), content)
    seed.child.kill('SIGINT')
    await seed.ended
  }
})
