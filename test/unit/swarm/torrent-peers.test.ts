import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SWARM_LIMITS } from '../../../src/swarm/limits.ts'
import { type BenchPeer, TorrentBench } from '../../support/torrent-bench.ts'

/** A peer that only has: nothing is asked of it. */
function holder(bench: TorrentBench, pieces: string, name = 'ann'): BenchPeer {
  return bench.peer(name, pieces, { isChoking: true })
}

/** Downloads a piece from someone who has no other. */
function fetch(bench: TorrentBench, piece: number): void {
  const source = bench.peer('source', '....'.slice(0, piece) + '#' + '....'.slice(piece + 1))
  for (let block = 0; block < bench.torrent.geometry.blockCount(piece); block++)
    source.sends(`${piece}.${block}`)
  bench.verify(piece)
}

describe('our interest in a peer', () => {
  it('is in selected pieces that we do not have', () => {
    const bench = new TorrentBench({ have: '#...', selected: '##..' })
    assert.deepEqual(holder(bench, '#.##').heard(), [])
    assert.deepEqual(holder(bench, '.###').heard(), ['interested'])
    assert.equal(holder(bench, '####').facts.useful, 1)
  })

  it('begins with the first HAVE of something useful, and is told once', () => {
    const bench = new TorrentBench({ have: '#...', selected: '###.' })
    const ann = holder(bench, '....')
    for (const piece of [0, 3]) bench.torrent.hasPiece(ann.facts, piece)
    assert.deepEqual(ann.heard(), [])
    for (const piece of [1, 1, 2]) bench.torrent.hasPiece(ann.facts, piece)
    assert.deepEqual(ann.heard(), ['interested'])
    assert.equal(ann.facts.useful, 2, 'a HAVE that is said twice counts once')
    assert.equal(bench.picker.availability(1), 1)
  })

  it('ends when it lacks the last useful piece', () => {
    const bench = new TorrentBench({ have: '#...', selected: '###.' })
    const ann = holder(bench, '####')
    const { peers } = bench.torrent
    assert.deepEqual(ann.heard(), ['interested'])
    for (const piece of [0, 3, 1, 1]) peers.lacks(ann.facts, piece)
    assert.deepEqual(ann.heard(), [])
    peers.lacks(ann.facts, 2)
    assert.deepEqual(ann.heard(), ['not interested'])
    assert.deepEqual(
      [0, 1, 2, 3].map(piece => bench.picker.availability(piece)),
      [0, 0, 0, 0],
    )
  })

  it('ends when we have the last useful piece, and lasts where that was another', () => {
    const bench = new TorrentBench({ pieces: 3 })
    const ann = holder(bench, '.#.')
    const bob = holder(bench, '.##')
    ann.heard()
    bob.heard()
    fetch(bench, 1)
    assert.deepEqual(ann.heard(), ['have 1', 'not interested'])
    assert.deepEqual(bob.heard(), ['have 1'])
    fetch(bench, 2)
    assert.deepEqual(bob.heard(), ['have 2', 'not interested'])
    assert.equal(bob.facts.useful, 0)
  })

  it('does not end with a piece that is not selected', () => {
    const bench = new TorrentBench({ pieces: 2, selected: '#.' })
    const ann = holder(bench, '##')
    ann.heard()
    bench.torrent.peers.weHave(1)
    assert.deepEqual(ann.heard(), ['have 1'])
    assert.equal(ann.facts.useful, 1)
  })

  it('begins again when we lose what it has', () => {
    const bench = new TorrentBench({ have: '##..', selected: '#...' })
    const ann = holder(bench, '##..')
    const bob = holder(bench, '..##')
    bench.torrent.lost(1)
    assert.deepEqual(ann.heard(), ['dont-have 1'], 'that piece is not selected')
    bench.torrent.lost(0)
    bench.torrent.lost(0)
    assert.deepEqual(ann.heard(), ['dont-have 0', 'interested', 'not upload-only'])
    assert.deepEqual(bob.heard(), ['dont-have 1', 'dont-have 0', 'not upload-only'])
  })

  it('is counted anew when the selection changes', () => {
    const bench = new TorrentBench({ pieces: 4, selected: '##..' })
    const ann = holder(bench, '..#.')
    const bob = holder(bench, '#...')
    ann.heard()
    bob.heard()
    bench.picker.setWanted(0, false)
    bench.picker.setWanted(2, true)
    bench.torrent.peers.recountAll()
    assert.deepEqual(ann.heard(), ['interested'])
    assert.deepEqual(bob.heard(), ['not interested'])
  })
})

describe('who has what', () => {
  it('is what the bitfield says, then what HAVEs add, until the peer leaves', () => {
    const bench = new TorrentBench({ pieces: 3 })
    const { torrent, picker } = bench
    const ann = holder(bench, '#..')
    const bob = holder(bench, '###', 'bob')
    torrent.hasPiece(ann.facts, 1)
    const availability = () => [0, 1, 2].map(piece => picker.availability(piece))
    assert.deepEqual(availability(), [2, 2, 1])
    assert.equal(torrent.peers.seeds, 1)
    torrent.hasPiece(ann.facts, 2)
    assert.equal(torrent.peers.seeds, 2)
    torrent.peers.lacks(bob.facts, 0)
    assert.deepEqual(availability(), [1, 2, 2])
    assert.equal(torrent.peers.size, 2)
    assert.deepEqual([...torrent.peers], [ann.facts, bob.facts])
    ann.leaves()
    assert.deepEqual(availability(), [0, 1, 1])
    bob.leaves()
    assert.deepEqual(availability(), [0, 0, 0])
    assert.equal(torrent.peers.size, 0)
    assert.equal(torrent.peers.left(bob.facts), false)
  })

  it('takes the pieces allowed while choked that we want, up to a bound', () => {
    const pieces = SWARM_LIMITS.allowedFast + 10
    const bench = new TorrentBench({ pieces, have: '#', blocks: 1 })
    const ann = holder(bench, '.'.repeat(pieces))
    for (let piece = 0; piece < pieces; piece++) bench.torrent.peers.allowedFast(ann.facts, piece)
    assert.equal(ann.facts.allowedFast.size, SWARM_LIMITS.allowedFast)
    assert.equal(ann.facts.allowedFast.has(0), false, 'we have that one')
  })

  it('forgets what was allowed and suggested when the piece is had', () => {
    const bench = new TorrentBench({ blocks: 1 })
    const ann = holder(bench, '####')
    for (const piece of [0, 1]) {
      bench.torrent.peers.allowedFast(ann.facts, piece)
      bench.torrent.peers.suggested(ann.facts, piece)
    }
    fetch(bench, 1)
    assert.deepEqual([[...ann.facts.allowedFast], [...ann.facts.suggested]], [[0], [0]])
  })

  it('keeps the latest suggestions of what we want', () => {
    const pieces = SWARM_LIMITS.suggestedPieces + 3
    const bench = new TorrentBench({ pieces, have: '#', blocks: 1 })
    const ann = holder(bench, '#'.repeat(pieces))
    for (const piece of [1, 0, ...Array.from({ length: pieces - 3 }, (_, index) => index + 2), 2, pieces - 1])
      bench.torrent.peers.suggested(ann.facts, piece)
    const { suggested } = ann.facts
    assert.equal(suggested.size, SWARM_LIMITS.suggestedPieces)
    assert.deepEqual(
      [0, 1, 2, 3, pieces - 1].map(piece => suggested.has(piece)),
      [false, false, true, false, true],
    )
  })
})

describe('two sides that have all they want', () => {
  it('part when a seed says what it has', () => {
    const bench = new TorrentBench({ have: '####' })
    assert.deepEqual(holder(bench, '####').heard(), ['close both-seeds'])
    assert.deepEqual(holder(bench, '###.').heard(), [])
    assert.equal(bench.torrent.peers.size, 1)
  })

  it('part when the last HAVE makes the peer a seed', () => {
    const bench = new TorrentBench({ have: '####' })
    const ann = holder(bench, '##..')
    bench.torrent.hasPiece(ann.facts, 2)
    assert.deepEqual(ann.heard(), [])
    bench.torrent.hasPiece(ann.facts, 3)
    assert.deepEqual(ann.heard(), ['close both-seeds'])
  })

  it('part when the peer only uploads (BEP 21)', () => {
    const bench = new TorrentBench({ have: '####' })
    const ann = holder(bench, '##..')
    bench.torrent.uploadOnly(ann.facts, false)
    assert.deepEqual(ann.heard(), [])
    bench.torrent.uploadOnly(ann.facts, true)
    assert.deepEqual(ann.heard(), ['close both-seeds'])
  })

  it('stay together while we want something', () => {
    const bench = new TorrentBench({ have: '##..', selected: '###.' })
    const ann = holder(bench, '####')
    bench.torrent.uploadOnly(ann.facts, true)
    assert.deepEqual(ann.heard(), ['interested'])
  })

  it('part when we have the last selected piece; those who download stay', () => {
    const bench = new TorrentBench({ have: '##..', selected: '###.' })
    const seed = bench.peer('seed', '####')
    const partial = holder(bench, '#...')
    bench.torrent.uploadOnly(partial.facts, true)
    const leech = holder(bench, '#...')
    for (const peer of [seed, partial, leech]) peer.heard()
    seed.sends('2.0')
    seed.sends('2.1')
    bench.verify(2)
    assert.deepEqual(seed.heard(), ['have 2', 'not interested', 'upload-only', 'close both-seeds'])
    assert.deepEqual(partial.heard(), ['have 2', 'upload-only', 'close both-seeds'])
    assert.deepEqual(leech.heard(), ['have 2', 'upload-only'])
  })
})
