import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type BenchPeer, TorrentBench } from '../../support/torrent-bench.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { allowedFastSet } from '../../../src/swarm/allowed-fast.ts'
import { Bitfield } from '../../../src/core/bitfield.ts'
import { SWARM_LIMITS } from '../../../src/swarm/limits.ts'
import { SWARM_OPTIONS } from '../../../src/swarm/options.ts'

const PIECES = 200
const NOTHING = '.'.repeat(PIECES)

/** A seed with one slot, which somebody else has. */
function seed(options: { have?: string; pieces?: number } = {}): TorrentBench {
  const have = options.have ?? '#'.repeat(options.pieces ?? PIECES)
  const bench = new TorrentBench({ have, slots: 1, isGenerous: true })
  const other = bench.peer('other', '#'.repeat(have.length - 1) + '.')
  bench.torrent.interested(other.facts, true, bench.now)
  return bench
}

function allowedTo(peer: BenchPeer): number[] {
  return peer
    .heard()
    .filter(said => said.startsWith('allowed-fast'))
    .map(said => Number(said.split(' ')[1]))
}

/** What BEP 6 says for the peers of the bench. */
function canonical(pieceCount: number): number[] {
  const all = { count: SWARM_OPTIONS.allowedFastSet, pieceCount, infoHash: new Uint8Array(20) }
  return [...allowedFastSet({ ...all, host: '10.0.0.1', digest: testDigest })]
}

describe('a newcomer', () => {
  it('is told of the canonical set, once', () => {
    const bench = seed()
    const ann = bench.peer('ann', NOTHING)
    assert.deepEqual(allowedTo(ann), canonical(PIECES))
    bench.torrent.hasPieces(ann.facts, ann.facts.has, bench.now)
    assert.deepEqual(allowedTo(ann), [])
  })

  it('is told of a tenth of a small torrent, and of the only piece of the smallest', () => {
    assert.deepEqual(allowedTo(seed({ pieces: 21 }).peer('ann', '.'.repeat(21))), canonical(21).slice(0, 3))
    const smallest = new TorrentBench({ have: '#', isGenerous: true })
    assert.deepEqual(allowedTo(smallest.peer('ann', '.')), [0])
  })

  it('is not told of what it has', () => {
    const [first, ...others] = canonical(PIECES)
    const has = NOTHING.slice(0, first) + '#' + NOTHING.slice(first! + 1)
    assert.deepEqual(allowedTo(seed().peer('ann', has)), others)
  })

  it('is one with few pieces, that speaks BEP 6 and downloads', () => {
    const { allowedFastSet: few } = SWARM_OPTIONS
    const having = (count: number): string => '#'.repeat(count).padEnd(PIECES, '.')
    assert.equal(allowedTo(seed().peer('ann', having(few))).length > 0, true)
    assert.deepEqual(allowedTo(seed().peer('ben', having(few + 1))), [])
    assert.deepEqual(allowedTo(seed().peer('cat', NOTHING, { hasFast: false })), [])
    const bench = seed()
    const dan = bench.peer('dan', having(few + 1))
    bench.torrent.uploadOnly(dan.facts, true)
    bench.torrent.hasPieces(dan.facts, new Bitfield(PIECES), bench.now)
    assert.deepEqual(allowedTo(dan), [])
  })

  it('is told nothing in a crowd of newcomers', () => {
    const bench = seed()
    assert.equal(allowedTo(bench.peer('ann', NOTHING)).length, SWARM_OPTIONS.allowedFastSet)
    assert.deepEqual(allowedTo(bench.peer('ben', NOTHING)), [])
    for (let i = 0; i < 27; i++) bench.peer('more', '#'.repeat(PIECES / 2).padEnd(PIECES, '.'))
    assert.equal(bench.torrent.peers.size, 30)
    assert.deepEqual(allowedTo(bench.peer('cat', NOTHING)).length, SWARM_OPTIONS.allowedFastSet, '3 of 31')
    assert.deepEqual(allowedTo(bench.peer('dan', NOTHING)), [], '4 of 32')
  })
})

describe('requests while choked', () => {
  const [piece] = canonical(PIECES) as [number]
  const other = canonical(PIECES).includes(0) ? 1 : 0

  it('are answered for the set, and rejected for the rest', () => {
    const ann = seed().peer('ann', NOTHING)
    ann.heard()
    ann.asks(`${piece}.0`, `${other}.0`, `${piece}.1`)
    assert.deepEqual(ann.heard(), ['serve', `reject ${other}.0`, 'serve'])
    assert.deepEqual(ann.isServed(), [`${piece}.0`, `${piece}.1`])
  })

  it('are answered so often and no more', () => {
    const ann = seed().peer('ann', NOTHING)
    ann.heard()
    for (let time = 0; time < SWARM_LIMITS.allowedFastRepeats; time++) ann.asks(`${piece}.0`, `${piece}.1`)
    const last = ann.heard().slice(-2)
    assert.deepEqual(last, [`(allowed-fast no more ${piece})`, 'serve'])
    ann.asks(`${piece}.0`)
    assert.deepEqual(ann.heard(), [`reject ${piece}.0`])
  })

  it('are rejected for what we do not have, and cost nothing', () => {
    const bench = seed({ have: NOTHING.replace('.', '#') })
    const ann = bench.peer('ann', NOTHING)
    ann.heard()
    for (let time = 0; time < 9; time++) ann.asks(`${piece}.0`)
    assert.deepEqual(
      ann.heard(),
      Array.from({ length: 9 }, () => `reject ${piece}.0`),
    )
  })

  it('are rejected for who has enough to trade', () => {
    const bench = seed()
    const ann = bench.peer('ann', NOTHING)
    ann.heard()
    for (let had = 0; had <= SWARM_OPTIONS.allowedFastSet; had++)
      bench.torrent.hasPiece(ann.facts, PIECES - 1 - had)
    ann.asks(`${piece}.0`)
    assert.deepEqual(ann.heard(), [`reject ${piece}.0`])
  })

  it('wait on when a choke comes, where they are for the set', () => {
    const bench = new TorrentBench({ have: '#'.repeat(PIECES), slots: 1, isGenerous: true })
    const ann = bench.peer('ann', NOTHING)
    bench.torrent.interested(ann.facts, true, bench.now)
    ann.asks(`${other}.0`, `${piece}.0`)
    ann.heard()
    bench.torrent.interested(ann.facts, false, bench.now)
    assert.deepEqual(ann.heard(), ['choke', `reject ${other}.0`])
    assert.deepEqual(ann.isServed(), [`${piece}.0`])
  })
})
