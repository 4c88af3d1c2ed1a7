import assert from 'node:assert/strict'
import { encodeBencode } from '../../src/bencode/encode.ts'
import { claim, message, u32 } from '../unit/wire/wire-bytes.ts'
import { FakePeer, say } from './fake-peer.ts'
import { story } from './story.ts'

const KIB = 1024

/** What a hostile peer says after its handshake, and what it is cut off for. */
const ATTACKS: Record<
  string,
  { bytes: (random: (length: number) => Uint8Array) => Uint8Array[]; code: string | null; hasFast?: boolean }
> = {
  'a message of 4 GiB': { bytes: () => [u32(0xffffffff), Uint8Array.of(9)], code: 'port-size' },
  'an unknown message of 1 GiB': { bytes: () => [claim(99, 1 << 30)], code: 'message-too-long' },
  'a bitfield that is too long': { bytes: () => [say.bitfield(new Uint8Array(5000))], code: 'bitfield-size' },
  'a bitfield with spare bits': {
    bytes: () => [say.bitfield(new Uint8Array(6).fill(255))],
    code: 'bitfield-spare-bits',
  },
  'a bitfield over and over': {
    bytes: () => Array.from({ length: 200 }, () => say.bitfield(new Uint8Array(6))),
    code: 'bitfield-flood',
  },
  'a have out of range': { bytes: () => [say.haveNone, say.have(1000)], code: 'have-out-of-range' },
  'a request out of range': { bytes: () => [say.request(1000, 0, 16_384)], code: 'request-out-of-range' },
  'a request of 1 GiB': { bytes: () => [say.request(0, 0, 1 << 30)], code: 'request-length' },
  'a block of 1 MiB': { bytes: () => [claim(7, 1 << 20)], code: 'piece-too-long' },
  'a block of a piece that is not there': {
    bytes: () => [say.piece(1000, 0, new Uint8Array(100))],
    code: 'piece-out-of-range',
  },
  'a block that nobody asked for': {
    bytes: () => [say.haveNone, say.piece(0, 0, new Uint8Array(16_384))],
    code: null,
  },
  'ten thousand requests while choked': {
    bytes: () => Array.from({ length: 10_000 }, (_, i) => say.request(i % 40, 0, 16_384)),
    code: 'too-many-requests-while-choked',
  },
  'ten thousand requests while choked, without BEP 6': {
    bytes: () => Array.from({ length: 10_000 }, (_, i) => say.request(i % 40, 0, 16_384)),
    code: 'too-many-requests-while-choked',
    hasFast: false,
  },
  'a million haves': {
    bytes: () => Array.from({ length: 100_000 }, () => say.have(3)),
    code: 'have-flood',
  },
  'interest that flips': {
    bytes: () => Array.from({ length: 5000 }, () => [say.interested, say.notInterested]).flat(),
    code: 'chatter-flood',
  },
  'BEP 6 without BEP 6': { bytes: () => [say.haveAll], code: 'fast-message-without-fast', hasFast: false },
  'an extended message that is no bencode': {
    bytes: () => [say.extended(0, Uint8Array.of(1, 2, 3))],
    code: 'extended-handshake-invalid',
  },
  'an extended handshake that is a list': {
    bytes: () => [say.extended(0, encodeBencode([1, 2]))],
    code: 'extended-handshake-invalid',
  },
  'a hash request on a v1 connection': {
    bytes: () => [message(21, new Uint8Array(48))],
    code: 'hash-message-without-v2',
  },
  noise: { bytes: random => [random(100_000)], code: '' },
}

for (const [name, attack] of Object.entries(ATTACKS)) {
  story(`hostile input, and a transfer beside it: ${name}`, async stage => {
    stage.newTracker()
    const content = stage.newContent({ files: 41 * 32 * KIB })
    const seed = await stage.newSeed(content, { line: { up: 500 * KIB } })
    const leech = await stage.newClient()
    const torrent = await leech.add(content)
    await stage.until(() => torrent.status().verifiedPieces > 2)
    for (const victim of [seed, leech]) {
      const peer = await FakePeer.dial(stage, stage.network.newHost(), victim.address)
      peer.greet({ infoHash: content.info.hashes.v1!, hasFast: attack.hasFast ?? true })
      await stage.until(() => peer.handshake !== null)
      peer.say(...attack.bytes(length => stage.randomBytes(length)))
      if (attack.code === null) {
        await stage.pass(1000)
        assert.ok(!peer.isClosed)
        peer.leave()
        continue
      }
      await stage.until(() => peer.isClosed, { within: 150_000 })
      const ended = victim.heard('peer-disconnected').find(({ address }) => address.host === peer.host.at)
      if (attack.code !== '') assert.equal(ended?.reason, attack.code)
    }
    await stage.completed(leech, torrent, content)
    assert.equal(leech.heard('piece-failed').length, 0)
  })
}

story('a peer that asks and never reads does not fill our memory', async stage => {
  const content = stage.newContent({ files: 100 * 256 * KIB, pieceLength: 256 * KIB })
  const seed = await stage.newSeed(content)
  const peer = await FakePeer.dial(stage, stage.network.newHost(), seed.address)
  peer.greet({ infoHash: content.info.hashes.v1! })
  await stage.until(() => peer.handshake !== null)
  peer.say(say.interested)
  await stage.until(() => peer.count('unchoked') === 1)
  peer.socket.pause()
  for (let piece = 0; piece < 100; piece++) {
    peer.say(...Array.from({ length: 16 }, (_, i) => say.request(piece, i * 16_384, 16_384)))
    await stage.pass(100)
  }
  const leech = await stage.newClient()
  const torrent = await leech.add(content, { peers: [seed.address] })
  await stage.completed(leech, torrent, content)
  peer.leave()
})
