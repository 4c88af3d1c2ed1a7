import assert from 'node:assert/strict'
import test from 'node:test'
import { openSession } from '../../src/client/node.ts'
import { address } from '../../src/core/address.ts'
import { decodeExtendedHandshake } from '../../src/wire/extension.ts'
import { makeTorrent } from '../support/torrents.ts'
import { until } from '../support/until.ts'
import { WireTap } from '../support/wire-tap.ts'
import { TemporaryFolder } from './storage/temporary-folder.ts'

const LOOPBACK = [{ address: '127.0.0.1', port: 0 }]

for (const [what, { pex, isPrivate, isOffered }] of Object.entries({
  'offer peer exchange': { pex: true, isPrivate: false, isOffered: true },
  'do not where it is switched off': { pex: false, isPrivate: false, isOffered: false },
  'do not for a private torrent': { pex: true, isPrivate: true, isOffered: false },
})) {
  test(`on the wire, who dials and who is dialled ${what}`, async () => {
    using folder = new TemporaryFolder()
    const { bytes } = makeTorrent({ 'a.bin': 100_000 }, { details: { isPrivate } })
    await using one = await openSession({ listen: LOOPBACK, pex })
    await using other = await openSession({ listen: LOOPBACK, pex })
    const tap = await WireTap.open(one.listening[0]!.port, { isPeerWire: true })
    try {
      await one.add({ torrentFile: bytes }, { folder: folder.at('one') })
      const peers = [address('127.0.0.1', tap.port)]
      await other.add({ torrentFile: bytes }, { folder: folder.at('other'), peers })
      for (const side of ['dialer', 'listener'] as const) {
        const handshakes = () => tap.of(side, 'extended-message').filter(({ message }) => message.id === 0)
        await until(() => handshakes().length > 0)
        const { ids } = decodeExtendedHandshake(handshakes()[0]!.message.payload)
        assert.deepEqual([ids.has('ut_metadata'), ids.has('ut_pex')], [true, isOffered], side)
      }
    } finally {
      await tap.close()
    }
  })
}
