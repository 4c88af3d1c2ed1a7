import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import { clientOf, newPeerId, PEER_ID_LENGTH } from '../../../src/wire/peer-id.ts'

suite('newPeerId', () => {
  it('is our prefix and random bytes', () => {
    const id = newPeerId({ bytes: length => new Uint8Array(length).fill(0x61) })
    assert.equal(id.length, PEER_ID_LENGTH)
    assert.equal(latin1Text(id), '-SH0100-aaaaaaaaaaaa')
    assert.equal(clientOf(id), 'shoal 0.1')
  })
})

suite('clientOf', () => {
  const known: [peerId: string, client: string][] = [
    ['-LT2080-abcdefghijkl', 'libtorrent 2.0.8'],
    ['-lt0D80-abcdefghijkl', 'rTorrent 0.13.8'],
    ['-TR3000-abcdefghijkl', 'Transmission 3.0'],
    ['-TR400Z-abcdefghijkl', 'Transmission 4.0.0.35'],
    ['-qB4630-abcdefghijkl', 'qBittorrent 4.6.3'],
    ['-UT355W-abcdefghijkl', 'µTorrent 3.5.5.32'],
    ['-WW0208-abcdefghijkl', 'WebTorrent 0.2.0.8'],
    ['A2-1-36-0-abcdefghij', 'aria2 1.36'],
    ['M4-20-8-abcdefghijkl', 'BitTorrent 4.20.8'],
    ['T03I-----abcdefghijk', 'BitTornado 0.3.18'],
    ['S58B-----abcdefghijk', "Shadow's client 5.8.11"],
  ]
  for (const [peerId, client] of known) {
    it(`reads ${peerId} as ${client}`, () => assert.equal(clientOf(latin1Bytes(peerId)), client))
  }

  const unknown = [
    '-ZZ9999-abcdefghijkl',
    '\0'.repeat(20),
    'abcdefghijklmnopqrst',
    '-LT-----------------',
    '',
  ]
  for (const peerId of unknown) {
    it(`names nothing for ${JSON.stringify(peerId)}`, () => assert.equal(clientOf(latin1Bytes(peerId)), null))
  }
})
