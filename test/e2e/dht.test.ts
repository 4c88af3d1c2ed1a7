/** The DHT on real sockets, and what of it is on the wire where it is switched off. */

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { openSession } from '../../src/client/node.ts'
import type { DhtOptions, SessionOptions } from '../../src/client/session-options.ts'
import { until } from '../support/until.ts'
import { v1Torrent } from './cli/torrents.ts'
import { TemporaryFolder } from './storage/temporary-folder.ts'

const hasIpv6 = Object.values(networkInterfaces()).some(list => list?.some(at => at.address === '::1'))

function at(host: string, dht: DhtOptions | false): SessionOptions {
  return { listen: [{ address: host, port: 0 }], dht, lsd: false, portMapping: false }
}

for (const host of ['127.0.0.1', '::1']) {
  const skip = host === '::1' && !hasIpv6 ? 'this machine has no IPv6' : false
  test(`a magnet without trackers finds its seed in the DHT at ${host}`, { skip }, async () => {
    using folder = new TemporaryFolder()
    const bytes = v1Torrent('told', { told: 'a word' })
    await writeFile(folder.at('told'), 'a word')
    await using router = await openSession(at(host, {}))
    const routers = [{ host, port: router.listening[0]!.port }]
    await using seed = await openSession(at(host, { routers }))
    const offered = await seed.add({ torrentFile: bytes }, { folder: folder.path })
    await until(() => router.dht[0]!.storedSwarms > 0)
    using target = new TemporaryFolder()
    await using leech = await openSession(at(host, { routers }))
    const torrent = await leech.add({ magnet: `magnet:?xt=urn:btih:${offered.id}` }, { folder: target.path })
    await torrent.completed()
    assert.equal(await readFile(target.at('told'), 'utf8'), 'a word')
  })
}

for (const isOn of [true, false]) {
  const what = isOn ? 'a router is asked' : 'nothing of the DHT is on the wire, where it is switched off'
  test(what, async () => {
    using folder = new TemporaryFolder()
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const heard: string[] = []
    socket.on('message', message => heard.push(message.toString('latin1')))
    const { port } = socket.address()
    const routers = [{ host: '127.0.0.1', port }]
    const session = await openSession(at('127.0.0.1', isOn ? { routers } : false))
    const torrentFile = v1Torrent('open', { open: 'x' }, {})
    const torrent = await session.add({ torrentFile }, { folder: folder.path })
    await torrent.checked()
    if (isOn) await until(() => heard.length > 0)
    await session.close()
    // What was sent before stands before it.
    socket.send('last', port, '127.0.0.1')
    await until(() => heard.includes('last'))
    assert.equal(heard.filter(message => message.includes('9:find_node')).length > 0, isOn)
    assert.equal(heard.length > 1, isOn)
    socket.close()
  })
}
