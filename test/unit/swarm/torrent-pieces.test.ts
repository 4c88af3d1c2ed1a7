import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '../../../src/core/bitfield.ts'
import { BLOCK_LENGTH } from '../../../src/metainfo/geometry.ts'
import { SWARM_OPTIONS } from '../../../src/swarm/options.ts'
import { bitsOf } from '../../support/picker-board.ts'
import { type BenchPeer, hashesOf, TorrentBench } from '../../support/torrent-bench.ts'

const { retryWritesAfter, tickInterval } = SWARM_OPTIONS

function sendPiece(peer: BenchPeer, piece: number, blocks = 2): void {
  for (let block = 0; block < blocks; block++) peer.sends(`${piece}.${block}`)
}

describe('a piece that is whole and wrong', () => {
  it('is not written, not announced, and asked for again', () => {
    const bench = new TorrentBench({ pieces: 1 })
    const ann = bench.peer('ann', '#')
    const bob = bench.peer('bob', '#')
    ann.sends('0.0')
    bob.sends('0.1')
    ann.heard()
    bob.heard()
    bench.hashed(0, 'bad')
    assert.deepEqual(bench.keeper.writing, [])
    assert.deepEqual(bench.takeEvents(), ['failed 0, someone unknown lied'])
    assert.equal(bench.torrent.tally.wasted, 2 * BLOCK_LENGTH)
    assert.equal(bench.pool.lent, 0)
    bench.wait(tickInterval)
    assert.deepEqual(ann.heard(), ['request 0.0', 'request 0.1'])
  })

  it('condemns who sent all of it', () => {
    const bench = new TorrentBench({ pieces: 2 })
    const ann = bench.peer('ann', '##')
    sendPiece(ann, 0)
    ann.heard()
    bench.hashed(0, 'bad')
    assert.deepEqual(bench.takeEvents(), ['caught ann', 'failed 0'])
    assert.deepEqual(ann.heard(), ['close piece-corrupt'])
    assert.equal(bench.torrent.peers.size, 0)
    const bob = bench.peer('bob', '##')
    assert.deepEqual(bob.heard(), ['interested', 'request 0.0', 'request 0.1', 'request 1.0', 'request 1.1'])
  })

  it('condemns who sent something else than what is good later', () => {
    const bench = new TorrentBench({ pieces: 1 })
    const ann = bench.peer('ann', '#')
    const bob = bench.peer('bob', '#')
    ann.sends('0.0')
    bob.lies('0.1')
    bench.hashed(0, 'bad')
    bench.wait(tickInterval)
    sendPiece(ann, 0)
    bench.takeEvents()
    bench.hashed(0, 'good')
    assert.deepEqual(bench.takeEvents(), ['caught bob'])
    assert.equal(bob.link.isClosed, true)
    assert.equal(ann.link.isClosed, false)
    bench.keeper.written(0)
    assert.deepEqual(bench.takeEvents(), ['verified 0', 'completed'])
  })

  it('takes no block while it is being hashed', () => {
    const bench = new TorrentBench({ pieces: 1 })
    const ann = bench.peer('ann', '#')
    const bob = bench.peer('bob', '#')
    const late = bob.begins('0.1')
    sendPiece(ann, 0)
    assert.equal(late(), 'thrown away')
    assert.equal(bob.sends('0.0'), 'thrown away')
    assert.equal(bench.torrent.pieces.settling, 1)
    assert.equal(bench.torrent.pieces.hashing, 1)
    bench.verify(0)
    assert.equal(bench.torrent.pieces.hashing, 0)
    assert.equal(bench.torrent.pieces.settling, 0)
  })
})

describe('a hybrid', () => {
  it('stops where both hashes promise different bytes', () => {
    const bench = new TorrentBench({ format: 'hybrid', pieces: 1 })
    const ann = bench.peer('ann', '#')
    sendPiece(ann, 0)
    bench.hashed(0, 'contradictory')
    assert.deepEqual(bench.takeEvents(), ['contradictory hybrid-hashes-contradict'])
    assert.deepEqual(bench.keeper.writing, [])
    assert.equal(ann.link.isClosed, false)
  })

  it('is not stopped by a peer that sends a pad of something else than zeros', () => {
    const bench = new TorrentBench({ format: 'hybrid', pieces: 1, pad: 100 })
    const ann = bench.peer('ann', '#')
    const bob = bench.peer('bob', '#')
    const zeros = new Uint8Array(BLOCK_LENGTH)
    ann.sends('0.0', zeros)
    bob.lies('0.1')
    bench.hashed(0, 'contradictory')
    assert.deepEqual(bench.takeEvents(), ['failed 0, someone unknown lied'])
    bench.wait(tickInterval)
    ann.sends('0.0', zeros)
    ann.sends('0.1', zeros)
    bench.verify(0)
    assert.deepEqual(bench.takeEvents(), ['caught bob', 'verified 0', 'completed'])
  })

  it('is stopped where the pad is right and the hashes still differ', () => {
    const bench = new TorrentBench({ format: 'hybrid', pieces: 1, pad: BLOCK_LENGTH + 100 })
    const ann = bench.peer('ann', '#')
    ann.sends('0.0', new Uint8Array(BLOCK_LENGTH).fill(7, 0, BLOCK_LENGTH - 100))
    bench.hashed(0, 'contradictory')
    assert.deepEqual(bench.takeEvents(), ['contradictory hybrid-hashes-contradict'])
  })
})

describe('a piece that ends in pad', () => {
  const pad = 2 * BLOCK_LENGTH + 100

  it('is whole once its content is there: blocks of pad are asked of nobody, and are zeros', () => {
    const bench = new TorrentBench({ pieces: 1, blocks: 4, pad })
    const used = bench.pool.lend()!
    used.fill(9)
    bench.pool.giveBack(used)
    const ann = bench.peer('ann', '#')
    assert.deepEqual(ann.heard(), ['interested', 'request 0.0', 'request 0.1'])
    ann.sends('0.0')
    ann.sends('0.1')
    const bytes = bench.keeper.digested.get(0)!
    assert.equal(bytes.length, 4 * BLOCK_LENGTH)
    assert.ok(bytes.subarray(2 * BLOCK_LENGTH).every(byte => byte === 0))
    bench.verify(0)
    assert.deepEqual(bench.takeEvents(), ['verified 0', 'completed'])
    assert.equal(bench.pool.lent, 0)
  })

  it('has one liar where one peer sent all of its content', () => {
    const bench = new TorrentBench({ pieces: 1, blocks: 4, pad })
    const ann = bench.peer('ann', '#')
    ann.sends('0.0')
    ann.lies('0.1')
    bench.hashed(0, 'bad')
    assert.deepEqual(bench.takeEvents(), ['caught ann', 'failed 0'])
    assert.equal(bench.torrent.tally.wasted, 2 * BLOCK_LENGTH)
  })

  it('gives its memory back where nothing of its content is asked for any more', () => {
    const bench = new TorrentBench({ pieces: 1, blocks: 4, pad })
    const ann = bench.peer('ann', '#')
    assert.equal(bench.pool.lent, 1)
    ann.leaves()
    assert.equal(bench.pool.lent, 0)
    assert.equal(bench.picker.isOpen(0), false)
  })

  it('writes only its content, and remembers of it only what was sent', () => {
    const bench = new TorrentBench({ pieces: 1, blocks: 4, pad })
    const ann = bench.peer('ann', '#')
    ann.sends('0.1')
    bench.torrent.pieces.spillSlowest()
    bench.keeper.written(0)
    assert.deepEqual(bench.keeper.remembered, ['spilled 0: 1'])
    ann.sends('0.0')
    bench.keeper.written(0)
    assert.deepEqual(bench.keeper.handed, ['0.1-2', '0.0-1'])
    assert.deepEqual(bench.keeper.hashingStored, [0])
  })

  it('is begun like any other where only its pads were remembered', () => {
    const bench = new TorrentBench({ pieces: 1, blocks: 4, pad })
    const pads = new Bitfield(4)
    for (const block of [2, 3]) pads.set(block)
    bench.torrent.pieces.restore(0, pads)
    assert.equal(bench.picker.isOpen(0), false)
    const ann = bench.peer('ann', '#')
    assert.deepEqual(ann.heard(), ['interested', 'request 0.0', 'request 0.1'])
  })
})

describe('a disk that takes nothing', () => {
  function refusing() {
    const bench = new TorrentBench({ pieces: 3 })
    const ann = bench.peer('ann', '###')
    sendPiece(ann, 0)
    bench.hashed(0, 'good')
    sendPiece(ann, 1)
    bench.hashed(1, 'good')
    bench.wait(tickInterval)
    ann.heard()
    bench.keeper.refused(0)
    return { bench, ann, refusedAt: bench.now }
  }

  it('is told once, costs no piece, and stops the asking', () => {
    const { bench, ann } = refusing()
    bench.keeper.refused(1)
    assert.deepEqual(bench.takeEvents(), ['blocked disk-full'])
    assert.equal(bench.torrent.pieces.isBlocked, true)
    assert.equal(bench.torrent.pieces.have.isEmpty, true)
    assert.equal(bench.pool.lent, 3, 'what was verified is kept')
    const bob = bench.peer('bob', '###')
    assert.deepEqual(bob.heard(), ['interested'])
    assert.equal(ann.sends('2.0'), 'taken', 'what is under way is welcome')
  })

  it('is asked again after a while, and goes on when it takes all that waited', () => {
    const { bench, ann, refusedAt } = refusing()
    bench.keeper.written(1)
    assert.deepEqual(bench.takeEvents(), ['blocked disk-full', 'verified 1'])
    ann.leaves()
    assert.equal(bench.torrent.deadline(), refusedAt + retryWritesAfter, 'also where no peer is left')
    bench.wait(retryWritesAfter - 1)
    assert.deepEqual(bench.keeper.writing, [])
    bench.wait(1)
    assert.deepEqual(bench.keeper.writing, [0])
    bench.keeper.refused(0)
    assert.deepEqual(bench.takeEvents(), [])
    bench.wait(retryWritesAfter)
    bench.keeper.written(0)
    assert.deepEqual(bench.takeEvents(), ['verified 0', 'recovered'])
    assert.equal(bench.torrent.pieces.isBlocked, false)
    const bob = bench.peer('bob', '###')
    assert.deepEqual(bob.heard(), ['interested', 'request 2.0', 'request 2.1'])
  })

  it('is not asked twice at a time for one piece', () => {
    const { bench } = refusing()
    bench.wait(retryWritesAfter)
    assert.deepEqual(bench.keeper.writing, [1, 0])
    bench.torrent.pieces.retryWrites()
    bench.keeper.written(0)
    assert.deepEqual(bench.keeper.writing, [1])
  })
})

describe('what is had', () => {
  it('is complete once, when the last wanted piece is written', () => {
    const bench = new TorrentBench({ pieces: 3, selected: '##.' })
    const ann = bench.peer('ann', '###')
    sendPiece(ann, 0)
    sendPiece(ann, 1)
    bench.verify(1)
    assert.equal(bench.torrent.isComplete, false)
    bench.verify(0)
    assert.equal(bench.torrent.isComplete, true)
    assert.deepEqual(bench.takeEvents(), ['verified 1', 'verified 0', 'completed'])
  })

  it('is complete from the start where everything wanted is there, and nobody is told', () => {
    const bench = new TorrentBench({ have: '##.', selected: '##.' })
    assert.equal(bench.torrent.isComplete, true)
    assert.deepEqual(bench.takeEvents(), [])
  })

  it('is fetched again when it is lost', () => {
    const bench = new TorrentBench({ have: '##' })
    const ann = bench.peer('ann', '#.', { isChoking: false })
    bench.torrent.lost(0)
    assert.equal(bench.torrent.isComplete, false)
    assert.equal(bench.torrent.pieces.have.has(0), false)
    ann.heard()
    bench.wait(tickInterval)
    assert.deepEqual(ann.heard(), ['request 0.0', 'request 0.1'])
    sendPiece(ann, 0)
    bench.verify(0)
    assert.deepEqual(bench.takeEvents(), ['verified 0', 'completed'])
    assert.deepEqual(ann.heard(), ['have 0', 'not interested', 'upload-only'])
  })
})

describe('a torrent that ends', () => {
  it('gives its memory back, and what workers hold when they are done', () => {
    const bench = new TorrentBench({ pieces: 4 })
    const ann = bench.peer('ann', '####')
    sendPiece(ann, 0)
    sendPiece(ann, 1)
    bench.hashed(1, 'good')
    sendPiece(ann, 2)
    bench.hashed(2, 'good')
    bench.keeper.refused(2)
    ann.sends('3.0')
    ann.leaves()
    bench.takeEvents()
    assert.equal(bench.pool.lent, 4)
    bench.torrent.close()
    assert.equal(bench.pool.lent, 2)
    bench.hashed(0, 'good')
    assert.deepEqual(bench.keeper.writing, [1, 0], 'what is whole and good is written all the same')
    bench.keeper.written(1)
    bench.keeper.written(0)
    assert.equal(bench.pool.lent, 0)
    assert.deepEqual(bench.keeper.remembered, ['kept 1', 'kept 0'])
    assert.deepEqual(bench.takeEvents(), [])
    assert.equal(bench.torrent.deadline(), Number.POSITIVE_INFINITY)
    bench.peer('late', '####')
    assert.equal(bench.pool.lent, 0, 'nothing is begun any more')
  })
})

describe('memory', () => {
  it('bounds the pieces that are begun', () => {
    const bench = new TorrentBench({ pieces: 4, blocks: 16, extents: 1 })
    const ann = bench.peer('ann', '####')
    bench.now += 1000
    for (let block = 0; block < 16; block++) {
      ann.sends(`0.${block}`)
      ann.refill()
    }
    assert.equal(bench.pool.free, 0)
    assert.equal(ann.heard().length, 1 + 16, 'nothing of another piece was asked for')
    bench.verify(0)
    ann.refill()
    assert.ok(ann.heard().includes('request 1.0'))
  })
})

/** Memory for the two pieces that are wanted: ann is asked for both, and has sent the first block when memory is found to be low. */
function spilling(options: { format?: 'v1' | 'v2' } = {}) {
  const bench = new TorrentBench({ selected: '##..', blocks: 4, extents: 2, ...options })
  const ann = bench.peer('ann', '####')
  ann.sends('0.0')
  bench.wait(tickInterval)
  return { bench, ann, keeper: bench.keeper }
}

/** The first piece is whole, its first block on disk and the rest being written too. */
function wholeAndSpilled(options: { format?: 'v1' | 'v2'; bobSends?: string; bobLies?: string } = {}) {
  const { bench, ann, keeper } = spilling(options)
  keeper.written(0)
  const bob = bench.peer('bob', '####')
  for (const block of ['0.1', '0.2', '0.3']) {
    if (block === options.bobLies) bob.lies(block)
    else (block === options.bobSends ? bob : ann).sends(block)
  }
  keeper.written(0)
  return { bench, ann, bob, keeper }
}

describe('a piece that is spilled', () => {
  it('gives its memory back when its blocks are on disk, and takes some again for what comes', () => {
    const { bench, ann, keeper } = spilling()
    assert.deepEqual(keeper.handed, ['0.0-1'])
    assert.equal(bench.pool.free, 0)
    keeper.written(0)
    assert.deepEqual(keeper.remembered, ['spilled 0: 0'])
    assert.equal(bench.pool.free, 1)
    assert.equal(ann.sends('0.1'), 'taken')
    assert.equal(bench.pool.free, 0)
    bench.wait(tickInterval)
    keeper.written(0)
    assert.deepEqual(keeper.handed, ['0.0-1', '0.1-2'])
    assert.deepEqual(keeper.remembered.at(-1), 'spilled 0: 0 1')
  })

  it('is the only one at a time', () => {
    const { bench, ann, keeper } = spilling()
    ann.sends('1.0')
    bench.wait(tickInterval)
    assert.deepEqual(keeper.writing, [0])
    keeper.written(0)
    ann.sends('0.1')
    bench.wait(tickInterval)
    assert.deepEqual(keeper.writing, [1], 'the one that waited longest')
  })

  it('is hashed from disk when it is whole and all of it is there, and not written again', () => {
    const { bench, keeper } = wholeAndSpilled()
    assert.deepEqual(keeper.handed, ['0.0-1', '0.1-4'])
    assert.deepEqual([keeper.hashing, keeper.hashingStored, keeper.writing], [[], [0], []])
    assert.equal(bench.pool.free, 1)
    bench.hashed(0, 'good')
    assert.deepEqual(bench.takeEvents(), ['verified 0'])
    assert.deepEqual(keeper.writing, [])
    assert.deepEqual(keeper.remembered, ['spilled 0: 0', 'spilled 0: 0 1 2 3', 'kept 0'])
  })

  it('is judged after the write where it becomes whole meanwhile', () => {
    const { bench, ann, keeper } = spilling()
    for (const block of ['0.1', '0.2', '0.3']) ann.sends(block)
    assert.deepEqual([keeper.hashing, keeper.hashingStored], [[], []])
    keeper.written(0)
    assert.deepEqual(keeper.handed, ['0.0-1', '0.1-4'])
    keeper.written(0)
    bench.hashed(0, 'good')
    assert.deepEqual(bench.takeEvents(), ['verified 0'])
    assert.equal(bench.pool.lent, 1)
  })

  it('is judged in memory where the disk refused what was to be spilled', () => {
    const { bench, ann, keeper } = spilling()
    for (const block of ['0.1', '0.2', '0.3']) ann.sends(block)
    keeper.refused(0)
    assert.deepEqual([keeper.hashing, bench.takeEvents()], [[0], ['blocked disk-full']])
    bench.hashed(0, 'good')
    keeper.written(0)
    assert.deepEqual(bench.takeEvents(), ['verified 0', 'recovered'])
    assert.deepEqual(keeper.remembered, ['kept 0'])
  })

  it('is forgotten on disk and asked for again where it is wrong', () => {
    const { bench, ann, bob, keeper } = wholeAndSpilled({ bobSends: '0.2' })
    bench.hashed(0, 'bad')
    assert.deepEqual(bench.takeEvents(), ['failed 0, someone unknown lied'])
    assert.equal(keeper.remembered.at(-1), 'spilled 0: none')
    assert.equal(bench.pool.lent, 1)
    ann.leaves()
    bob.heard()
    bench.wait(tickInterval)
    assert.ok(bob.heard().includes('request 0.0'))
  })

  it('names the liar in v1 by what is on disk, whether it is good in memory or on disk the next time', () => {
    for (const isSpilledAgain of [false, true]) {
      const { bench, ann, bob, keeper } = wholeAndSpilled({ bobLies: '0.2' })
      bench.hashed(0, 'bad')
      assert.deepEqual(bench.takeEvents(), ['failed 0, someone unknown lied'])
      bench.wait(tickInterval)
      ann.sends('0.0')
      if (isSpilledAgain) {
        bench.wait(tickInterval)
        keeper.written(0)
      }
      for (const block of ['0.1', '0.2', '0.3']) ann.sends(block)
      if (isSpilledAgain) keeper.written(0)
      assert.deepEqual(keeper.hashingStored, isSpilledAgain ? [0] : [])
      bench.hashed(0, 'good')
      assert.equal(bench.takeEvents()[0], 'caught bob')
      assert.deepEqual([ann.link.isClosed, bob.link.isClosed], [false, true])
      if (!isSpilledAgain) keeper.written(0)
      assert.equal(bench.torrent.pieces.have.has(0), true)
    }
  })

  it('is read back only where its bytes tell something', () => {
    const { bench, keeper } = wholeAndSpilled()
    bench.hashed(0, 'good')
    assert.deepEqual(keeper.readBack, [])
  })

  it('names the liar by the leaves of what is on disk', () => {
    const { bench, keeper } = wholeAndSpilled({ format: 'v2', bobSends: '0.2' })
    bench.hashed(0, 'bad', [1, 2, 99, 4])
    assert.deepEqual(bench.takeEvents(), ['failed 0, someone unknown lied'])
    bench.torrent.leavesCame(0, bench.lastFailure!, hashesOf([1, 2, 3, 4]))
    assert.deepEqual(bench.takeEvents(), ['caught bob'])
    assert.equal(keeper.remembered.at(-1), 'spilled 0: none')
  })

  it('condemns nobody where the disk does not give it back', () => {
    const { bench, keeper } = wholeAndSpilled()
    keeper.unreadable(0)
    assert.deepEqual(bench.takeEvents(), ['failed 0, someone unknown lied'])
    assert.equal(keeper.remembered.at(-1), 'spilled 0: none')
    assert.equal(bench.torrent.pieces.settling, 0)
  })

  it('stays in memory while the disk refuses, and is tried again', () => {
    const { bench, ann, keeper } = spilling()
    keeper.refused(0)
    assert.deepEqual(bench.takeEvents(), ['blocked disk-full'])
    assert.equal(bench.torrent.pieces.isBlocked, true)
    assert.equal(bench.pool.lent, 2)
    assert.deepEqual(keeper.remembered, [])
    bench.wait(tickInterval)
    assert.deepEqual(keeper.writing, [])
    bench.wait(retryWritesAfter)
    keeper.written(0)
    assert.deepEqual(bench.takeEvents(), ['recovered'])
    assert.deepEqual(keeper.remembered, ['spilled 0: 0'])
    assert.equal(bench.pool.lent, 1)
    ann.leaves()
  })

  it('waits for the disk with what is left of it', () => {
    const { bench, ann, keeper } = spilling()
    keeper.written(0)
    for (const block of ['0.1', '0.2', '0.3']) ann.sends(block)
    keeper.refused(0)
    assert.deepEqual(bench.takeEvents(), ['blocked disk-full'])
    assert.equal(bench.torrent.pieces.settling, 0)
    bench.wait(retryWritesAfter)
    keeper.written(0)
    bench.hashed(0, 'good')
    assert.deepEqual(bench.takeEvents(), ['recovered', 'verified 0'])
    assert.equal(bench.pool.lent, 1)
  })
})

describe('what was spilled before', () => {
  it('is not asked for again', () => {
    const bench = new TorrentBench({ pieces: 2, blocks: 4 })
    bench.torrent.pieces.restore(0, bitsOf('##.#'))
    assert.equal(bench.pool.lent, 0)
    const ann = bench.peer('ann', '#.')
    assert.deepEqual(ann.heard(), ['interested', 'request 0.2'])
    ann.sends('0.2')
    bench.keeper.written(0)
    bench.hashed(0, 'good')
    assert.deepEqual(bench.takeEvents(), ['verified 0'])
    assert.deepEqual(bench.keeper.handed, ['0.2-3'])
  })

  it('is judged at once where it is a whole piece', () => {
    const bench = new TorrentBench({ pieces: 1 })
    bench.torrent.pieces.restore(0, bitsOf('##'))
    bench.hashed(0, 'good')
    assert.deepEqual(bench.takeEvents(), ['verified 0', 'completed'])
    assert.deepEqual(bench.keeper.handed, [])
  })

  it('is of no use in a piece that is had or not wanted', () => {
    const bench = new TorrentBench({ have: '#..', selected: '##.' })
    for (const piece of [0, 2]) bench.torrent.pieces.restore(piece, bitsOf('##'))
    assert.deepEqual(bench.keeper.hashingStored, [])
  })
})

describe('a torrent that ends in the middle of pieces', () => {
  it('brings them to disk, and gives their memory back', () => {
    const { bench, ann, keeper } = spilling()
    ann.sends('1.1')
    ann.sends('0.2')
    ann.leaves()
    bench.torrent.close()
    bench.torrent.close()
    assert.deepEqual(keeper.handed, ['0.0-1', '1.1-2'])
    keeper.written(0)
    keeper.written(1)
    assert.deepEqual(keeper.remembered, ['spilled 0: 0', 'spilled 1: 1'])
    assert.equal(bench.pool.lent, 0)
    assert.deepEqual(bench.takeEvents(), [])
  })
})
