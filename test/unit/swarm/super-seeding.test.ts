import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../../src/core/bitfield.ts'
import { SuperSeeding, type SuperSeededPeer } from '../../../src/swarm/super-seeding.ts'

const PIECES = 4

class Peer implements SuperSeededPeer {
  readonly has = new Bitfield(PIECES)
  readonly told: number[] = []
  readonly link = { have: (piece: number) => void this.told.push(piece) }
}

function superSeed(count: number) {
  const have = new Bitfield(PIECES)
  have.setAll()
  const peers = Array.from({ length: count }, () => new Peer())
  const availability = (piece: number): number => peers.filter(peer => peer.has.has(piece)).length
  const seed = new SuperSeeding<Peer>({ have, availability })
  for (const peer of peers) seed.joined(peer, 0)
  const gets = (peer: Peer, piece: number, now = 0): void => {
    peer.has.set(piece)
    seed.has(peer, piece, now)
  }
  return { seed, peers, gets }
}

test('each peer is told of a piece of its own', () => {
  const { seed, peers } = superSeed(3)
  assert.deepEqual(
    peers.map(peer => peer.told),
    [[0], [1], [2]],
  )
  assert.equal(seed.wasTold(peers[0]!, 0), true)
  assert.equal(seed.wasTold(peers[0]!, 1), false)
})

test('the next follows when another peer has the last one', () => {
  const { peers, gets } = superSeed(2)
  const [ann, ben] = peers as [Peer, Peer]
  gets(ann, 0)
  assert.deepEqual(ann.told, [0], 'it has yet to pass it on')
  gets(ben, 0)
  assert.deepEqual(ann.told, [0, 2])
  assert.deepEqual(ben.told, [1], 'it has not even got its own')
})

test('what nobody could be given is not waited for', () => {
  const { peers, gets } = superSeed(1)
  for (const piece of [0, 1, 2, 3]) gets(peers[0]!, piece)
  assert.deepEqual(peers[0]!.told, [0, 1, 2, 3])
})

test('a piece that others have or were told of is told only to who has waited for long', () => {
  const { seed, peers, gets } = superSeed(2)
  const [ann, ben] = peers as [Peer, Peer]
  gets(ann, 0)
  seed.tick(29_999)
  assert.deepEqual(ann.told, [0])
  seed.tick(30_000)
  assert.deepEqual(ann.told, [0, 2], 'rarest first')
  seed.tick(60_000)
  assert.deepEqual([ann.told, ben.told], [[0, 2], [1]], 'they have yet to fetch these')
})

test('what a peer that left was told of others may be told', () => {
  const { seed, peers } = superSeed(1)
  seed.left(peers[0]!)
  const ben = new Peer()
  seed.joined(ben, 0)
  assert.deepEqual(ben.told, [0])
  assert.equal(seed.wasTold(peers[0]!, 0), false)
})

test('a peer that turns out to have what it was told of is told of another', () => {
  const { seed, peers } = superSeed(1)
  const [ann] = peers as [Peer]
  ann.has.set(0)
  ann.has.set(1)
  seed.hasMany(ann, 0)
  assert.deepEqual(ann.told, [0, 2])
})
