import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BLOCK_LENGTH } from '../../../src/metainfo/geometry.ts'
import { SWARM_LIMITS } from '../../../src/swarm/limits.ts'
import { SWARM_OPTIONS } from '../../../src/swarm/options.ts'
import { bitsOf } from '../../support/picker-board.ts'
import { hashesOf, TorrentBench } from '../../support/torrent-bench.ts'

const { tickInterval } = SWARM_OPTIONS

describe('a block on its way to us', () => {
  it('is asked for, kept, hashed with its piece, written, and only then announced', () => {
    const bench = new TorrentBench({ pieces: 1 })
    const ann = bench.peer('ann', '#')
    const bob = bench.peer('bob', '.')
    assert.deepEqual(ann.heard(), ['interested', 'request 0.0', 'request 0.1'])
    bob.heard()
    assert.equal(ann.sends('0.0'), 'taken')
    assert.deepEqual(bench.keeper.hashing, [])
    assert.equal(ann.sends('0.1'), 'taken')
    assert.deepEqual(bench.keeper.hashing, [0])
    bench.hashed(0, 'good')
    assert.deepEqual(bench.keeper.writing, [0])
    assert.equal(bench.torrent.pieces.have.has(0), false)
    assert.deepEqual([ann.heard(), bob.heard(), bench.takeEvents()], [[], [], []])
    bench.keeper.written(0)
    assert.equal(bench.torrent.pieces.have.has(0), true)
    assert.deepEqual(bob.heard(), ['have 0', 'upload-only'])
    assert.deepEqual(bench.takeEvents(), ['verified 0', 'completed'])
    assert.equal(bench.pool.lent, 0)
    assert.equal(bench.torrent.tally.downloaded, 2 * BLOCK_LENGTH)
  })

  it('is asked of nobody who chokes us, whom we do not need, or who has left', () => {
    const bench = new TorrentBench({ have: '#...', selected: '##..' })
    const choking = bench.peer('choking', '####', { isChoking: true })
    const useless = bench.peer('useless', '#.##')
    const gone = bench.peer('gone', '####')
    gone.leaves()
    for (const peer of [choking, useless, gone]) {
      peer.heard()
      peer.refill()
      assert.deepEqual(peer.heard(), [])
    }
    bench.torrent.unchoked(choking.facts, bench.now)
    assert.deepEqual(choking.heard(), ['request 1.0', 'request 1.1'], 'nothing is held by who left')
  })

  it('is asked for while choked where the piece is allowed fast', () => {
    const bench = new TorrentBench()
    const ann = bench.peer('ann', '####', { isChoking: true })
    ann.heard()
    bench.torrent.peers.allowedFast(ann.facts, 2)
    ann.refill()
    assert.deepEqual(ann.heard(), ['request 2.0', 'request 2.1'])
  })

  it('is thrown away where it was not asked for', () => {
    const bench = new TorrentBench()
    const ann = bench.peer('ann', '####', { isChoking: true })
    assert.equal(ann.sends('0.0'), 'thrown away')
    assert.equal(bench.torrent.tally.wasted, BLOCK_LENGTH)
    assert.equal(bench.torrent.tally.downloaded, BLOCK_LENGTH)
    assert.equal(bench.pool.lent, 0)
  })

  it('is thrown away the second time', () => {
    const bench = new TorrentBench()
    const ann = bench.peer('ann', '####')
    assert.equal(ann.sends('0.0'), 'taken')
    assert.equal(ann.sends('0.0'), 'thrown away')
  })

  it('is asked of others where its place was gone when it was whole', () => {
    const bench = new TorrentBench({ pieces: 1, blocks: 1 })
    const ann = bench.peer('ann', '#')
    const finish = ann.begins('0.0')
    bench.wait(20_000)
    ann.leaves()
    // As if its memory had gone to another piece between the first fragment and the last.
    const bob = bench.peer('bob', '#', { hasFast: false })
    const bobFinishes = bob.begins('0.0')
    bench.torrent.choked(bob.facts)
    bench.torrent.unchoked(bob.facts, bench.now)
    assert.equal(bobFinishes(), 'thrown away')
    finish()
    assert.deepEqual(bench.keeper.hashing, [])
    bench.wait(tickInterval)
    assert.equal(bob.sends('0.0'), 'taken', 'it was asked for again')
    assert.deepEqual(bench.keeper.hashing, [0])
  })

  it('makes room for the next request when it comes, in one go', () => {
    const bench = new TorrentBench({ pieces: 40, blocks: 1 })
    const ann = bench.peer('ann', '#'.repeat(40))
    assert.equal(ann.heard().length, 1 + 8)
    ann.sends('0.0')
    ann.sends('1.0')
    assert.deepEqual(ann.heard(), [])
    ann.refill()
    assert.equal(ann.heard().length, 4, 'the depth doubles at the start')
  })
})

describe('a block that two are asked for', () => {
  it('is cancelled at the other when one has sent it', () => {
    const bench = new TorrentBench({ pieces: 1 })
    const ann = bench.peer('ann', '#')
    const bob = bench.peer('bob', '#')
    assert.deepEqual(bob.heard(), ['interested', 'request 0.1', 'request 0.0'], 'it is the endgame')
    ann.heard()
    bob.sends('0.0')
    assert.deepEqual(ann.heard(), ['cancel 0.0'])
    assert.deepEqual(bob.heard(), [])
    assert.equal(ann.facts.requests.outstanding, 1)
  })

  it('is asked of nobody else who has enough to do', () => {
    const bench = new TorrentBench({ pieces: 40 })
    const ann = bench.peer('ann', '#'.repeat(40))
    const bob = bench.peer('bob', '#'.repeat(40))
    const asked = { ann: new Set<string>(), bob: new Set<string>() }
    const hear = (): void => {
      for (const [name, peer] of [
        ['ann', ann],
        ['bob', bob],
      ] as const)
        for (const said of peer.heard()) if (said.startsWith('request ')) asked[name].add(said.slice(8))
    }
    const bobSends = (blocks: readonly string[]): void => {
      for (const block of blocks) {
        bob.sends(block)
        asked.bob.delete(block)
      }
      bob.refill()
      hear()
    }
    hear()
    let sent = 0
    // He sends at once what he is asked for, so he is asked for more and more, until there is no more.
    for (; sent + asked.ann.union(asked.bob).size < 80; sent += 4) bobSends([...asked.bob].slice(0, 4))
    bobSends([...asked.bob].slice(0, 8))
    assert.ok(bob.facts.requests.outstanding > SWARM_LIMITS.endgameDuplicates)
    assert.ok(asked.ann.isDisjointFrom(asked.bob))
    bobSends([...asked.bob].slice(2))
    assert.ok(!asked.ann.isDisjointFrom(asked.bob), 'now he has not')
  })

  it('counts once where both were in the middle of it', () => {
    const bench = new TorrentBench({ pieces: 1 })
    const ann = bench.peer('ann', '#')
    const bob = bench.peer('bob', '#')
    const annFinishes = ann.begins('0.0')
    const bobFinishes = bob.begins('0.0')
    assert.equal(bobFinishes(), 'taken')
    assert.equal(annFinishes(), 'thrown away')
    assert.equal(ann.sends('0.1'), 'taken')
    bench.verify(0)
    assert.deepEqual(bench.takeEvents(), ['verified 0', 'completed'])
  })
})

describe('a request that is not answered', () => {
  it('is forgotten with a choke where BEP 6 is not spoken', () => {
    const bench = new TorrentBench({ pieces: 1 })
    const ann = bench.peer('ann', '#', { hasFast: false })
    ann.sends('0.0')
    bench.torrent.choked(ann.facts)
    assert.equal(ann.facts.requests.outstanding, 0)
    const bob = bench.peer('bob', '#')
    assert.deepEqual(bob.heard(), ['interested', 'request 0.1'])
  })

  it('gives the memory of its piece back when nothing of it came', () => {
    const bench = new TorrentBench({ pieces: 2 })
    const ann = bench.peer('ann', '##', { hasFast: false })
    ann.sends('0.0')
    assert.equal(bench.pool.lent, 2)
    bench.torrent.choked(ann.facts)
    assert.equal(bench.pool.lent, 1)
  })

  it('survives a choke with BEP 6 until it is rejected', () => {
    const bench = new TorrentBench({ pieces: 1 })
    const ann = bench.peer('ann', '#')
    bench.torrent.choked(ann.facts)
    assert.equal(ann.facts.requests.outstanding, 2)
    assert.equal(ann.sends('0.0'), 'taken')
    ann.rejects('0.1')
    assert.equal(ann.facts.requests.outstanding, 0)
    const bob = bench.peer('bob', '#')
    assert.deepEqual(bob.heard(), ['interested', 'request 0.1'])
  })

  it('ends the permission to ask while choked when it is rejected', () => {
    const bench = new TorrentBench({ pieces: 1 })
    const ann = bench.peer('ann', '#', { isChoking: true })
    bench.torrent.peers.allowedFast(ann.facts, 0)
    ann.refill()
    ann.rejects('0.0')
    ann.heard()
    ann.refill()
    assert.deepEqual(ann.heard(), [])
  })

  it('is not made again before the next tick to one who rejects though it does not choke us', () => {
    const bench = new TorrentBench({ pieces: 1 })
    const ann = bench.peer('ann', '#')
    ann.heard()
    ann.rejects('0.0')
    ann.rejects('0.1')
    ann.refill()
    assert.deepEqual(ann.heard(), [])
    bench.wait(tickInterval)
    assert.deepEqual(ann.heard(), ['request 0.0', 'request 0.1'])
  })

  it('is not made again before the next tick to one whose block came and found no place', () => {
    const bench = new TorrentBench({ pieces: 1 })
    const ann = bench.peer('ann', '#')
    ann.heard()
    bench.torrent.downloads.wasted(ann.facts, { piece: 0, begin: 0, length: 16_384 }, bench.now)
    ann.refill()
    assert.deepEqual(ann.heard(), [], 'it would come for nothing again')
    bench.wait(tickInterval)
    assert.deepEqual(ann.heard(), ['request 0.0'])
  })

  it('is none of ours where a rejection is made up', () => {
    const bench = new TorrentBench({ pieces: 2 })
    const ann = bench.peer('ann', '##')
    const bob = bench.peer('bob', '##', { isChoking: true })
    bob.rejects('0.0')
    assert.equal(ann.facts.requests.outstanding, 4)
    assert.equal(ann.sends('0.0'), 'taken')
  })

  it('goes to others when its peer leaves, and what it sent in part leaves no trace', () => {
    const bench = new TorrentBench({ pieces: 1 })
    const ann = bench.peer('ann', '#')
    ann.sends('0.0')
    ann.begins('0.1')
    ann.leaves()
    ann.leaves()
    assert.equal(bench.picker.availability(0), 0)
    const bob = bench.peer('bob', '#')
    assert.deepEqual(bob.heard(), ['interested', 'request 0.1'])
    assert.equal(bob.sends('0.1'), 'taken')
  })

  it('is asked of another when the peer stalls, and still welcome when it comes late', () => {
    const bench = new TorrentBench({ pieces: 1 })
    const ann = bench.peer('ann', '#')
    const bob = bench.peer('bob', '#', { isChoking: true })
    ann.sends('0.0')
    ann.heard()
    bench.wait(20_000)
    assert.deepEqual(ann.heard(), [], 'what it was asked it still holds')
    bench.torrent.unchoked(bob.facts, bench.now)
    assert.deepEqual(bob.heard(), ['interested', 'request 0.1'])
    bench.wait(20_000)
    assert.equal(ann.sends('0.1'), 'taken')
    assert.ok(bob.heard().includes('cancel 0.1'))
  })
})

describe('limits', () => {
  it('let us ask for no more than the credit pays for', () => {
    const bench = new TorrentBench({ pieces: 4, downloadLimit: 100_000 })
    const ann = bench.peer('ann', '####')
    assert.deepEqual(ann.heard(), ['interested', 'request 0.0'])
    ann.refill()
    assert.deepEqual(ann.heard(), [])
    bench.now += 100
    assert.equal(bench.creditReady(), 1)
    ann.refill()
    assert.deepEqual(ann.heard(), ['request 0.1'])
  })

  it('charge for what was asked, not for what could have been', () => {
    const limit = 4 * BLOCK_LENGTH * 4
    const bench = new TorrentBench({ pieces: 1, blocks: 1, short: BLOCK_LENGTH - 1000, downloadLimit: limit })
    const ann = bench.peer('ann', '#')
    assert.deepEqual(ann.heard(), ['interested', 'request 0.0'])
    assert.equal(ann.facts.download.take(BLOCK_LENGTH - 1000, bench.now), BLOCK_LENGTH - 1000)
  })

  it('let a run be as long as the credit, and the rest wait for its turn', () => {
    const bench = new TorrentBench({ have: '##', blocks: 4, uploadLimit: 4 * 2 * BLOCK_LENGTH })
    const ann = bench.peer('ann', '..')
    bench.torrent.interested(ann.facts, true, bench.now)
    ann.asks('0.0', '0.1', '0.2')
    assert.deepEqual(ann.isServed(), ['0.0'])
    assert.deepEqual(ann.isServed(), [])
    bench.now += 250
    assert.equal(bench.creditReady(), 1)
    assert.deepEqual(ann.isServed(), ['0.1', '0.2'])
  })

  it('ask for no more credit than there is to send', () => {
    const bench = new TorrentBench({ have: '##', uploadLimit: 4 * 2 * BLOCK_LENGTH })
    const ann = bench.peer('ann', '..')
    bench.torrent.interested(ann.facts, true, bench.now)
    ann.asks('0.0')
    assert.deepEqual(ann.isServed(), ['0.0'])
    bench.now += 250
    assert.equal(bench.creditReady(), 0, 'it is not in line for what it does not need')
  })
})

describe('requests of a peer', () => {
  function seed() {
    const bench = new TorrentBench({ have: '##..', slots: 1, selected: '##..' })
    const ann = bench.peer('ann', '....')
    bench.torrent.interested(ann.facts, true, bench.now)
    assert.deepEqual(ann.heard(), ['unchoke'])
    return { bench, ann }
  }

  it('are answered in runs of neighbours', () => {
    const { bench, ann } = seed()
    ann.asks('0.0', '0.1', '1.0')
    assert.deepEqual(ann.heard(), ['serve', 'serve', 'serve'])
    assert.deepEqual(ann.isServed(), ['0.0', '0.1'])
    assert.deepEqual(ann.isServed(), ['1.0'])
    assert.deepEqual(ann.isServed(), [])
    bench.torrent.sent(ann.facts, 3 * BLOCK_LENGTH, bench.now)
    assert.equal(bench.torrent.tally.uploaded, 3 * BLOCK_LENGTH)
  })

  it('are rejected for what we do not have, what is no block, and what is too much', () => {
    const { bench, ann } = seed()
    ann.asks('2.0')
    bench.torrent.asked(ann.facts, 0, BLOCK_LENGTH, BLOCK_LENGTH + 1)
    bench.torrent.asked(ann.facts, 0, 0, 2 * BLOCK_LENGTH)
    assert.deepEqual(ann.heard(), ['reject 2.0', 'reject 0.1', 'reject 0.0'])
    for (let i = 0; i < SWARM_LIMITS.queuedUploads; i++) ann.asks('0.0')
    ann.heard()
    ann.asks('0.1')
    assert.deepEqual(ann.heard(), ['reject 0.1'])
  })

  it('are rejected while we choke', () => {
    const { bench } = seed()
    const bob = bench.peer('bob', '....')
    bench.torrent.interested(bob.facts, true, bench.now)
    bob.asks('0.0')
    assert.deepEqual(bob.heard(), ['reject 0.0'])
  })

  it('are rejected when we choke, and what is being read for them is stale', () => {
    const { bench, ann } = seed()
    ann.asks('0.0', '1.0')
    ann.isServed()
    ann.heard()
    const { uploadEpoch } = ann.facts
    bench.torrent.interested(ann.facts, false, bench.now)
    assert.deepEqual(ann.heard(), ['choke', 'reject 1.0'])
    assert.notEqual(ann.facts.uploadEpoch, uploadEpoch)
    assert.equal(ann.facts.uploads.size, 0)
  })

  it('are rejected when they are cancelled in time, and else answered', () => {
    const { ann } = seed()
    ann.asks('0.0', '1.0')
    ann.isServed()
    ann.heard()
    ann.cancels('0.0')
    assert.deepEqual(ann.heard(), [])
    ann.cancels('1.0')
    assert.deepEqual(ann.heard(), ['reject 1.0'])
    assert.deepEqual(ann.isServed(), [])
  })

  it('are looked at again at every tick, for those who wait for memory or credit', () => {
    const { bench, ann } = seed()
    ann.asks('0.0')
    ann.heard()
    bench.wait(tickInterval)
    assert.deepEqual(ann.heard(), ['serve'])
  })

  it('are rejected for a piece that turned out to be lost', () => {
    const { bench, ann } = seed()
    ann.asks('0.0', '1.0', '0.1')
    ann.heard()
    bench.torrent.lost(0)
    assert.deepEqual(ann.heard(), ['dont-have 0', 'not upload-only', 'reject 0.0', 'reject 0.1'])
    assert.deepEqual(ann.isServed(), ['1.0'])
  })
})

describe('the slots for those who download from us', () => {
  it('go to who is interested, and to the next one when that one leaves or has enough', () => {
    const bench = new TorrentBench({ have: '#.', slots: 1 })
    const [ann, bob, cat] = ['ann', 'bob', 'cat'].map(name => bench.peer(name, '..'))
    for (const peer of [ann!, bob!, cat!]) bench.torrent.interested(peer.facts, true, bench.now)
    assert.deepEqual([ann!.heard(), bob!.heard(), cat!.heard()], [['unchoke'], [], []])
    ann!.leaves()
    assert.deepEqual([bob!.heard(), cat!.heard()], [['unchoke'], []])
    bench.torrent.interested(bob!.facts, false, bench.now)
    assert.deepEqual([bob!.heard(), cat!.heard()], [['choke'], ['unchoke']])
  })

  it('are given anew when the round is over', () => {
    const bench = new TorrentBench({ have: '#.', slots: 1 })
    const ann = bench.peer('ann', '..')
    const bob = bench.peer('bob', '.#')
    for (const peer of [ann, bob]) bench.torrent.interested(peer.facts, true, bench.now)
    bench.now += 9_000
    bob.sends('1.0')
    bob.heard()
    bench.wait(500)
    assert.deepEqual(bob.heard(), [])
    bench.wait(500)
    assert.deepEqual([ann.heard(), bob.heard()], [['unchoke', 'choke'], ['unchoke']])
  })
})

describe('a spilled piece', () => {
  it('is not asked for while there is no memory for what would come', () => {
    const bench = new TorrentBench({ pieces: 1, blocks: 3, extents: 1 })
    bench.torrent.pieces.restore(0, bitsOf('#..'))
    const extent = bench.pool.lend()!
    const ann = bench.peer('ann', '#')
    assert.deepEqual(ann.heard(), ['interested'])
    bench.pool.giveBack(extent)
    bench.wait(tickInterval)
    assert.deepEqual(ann.heard(), ['request 0.1', 'request 0.2'])
  })
})

describe('the time of a torrent', () => {
  it('stands still without peers', () => {
    const bench = new TorrentBench()
    assert.equal(bench.torrent.deadline(), Number.POSITIVE_INFINITY)
    const ann = bench.peer('ann', '....')
    assert.equal(bench.torrent.deadline(), bench.now + tickInterval)
    ann.leaves()
    assert.equal(bench.torrent.deadline(), Number.POSITIVE_INFINITY)
  })

  it('ticks at its interval, however often it is asked', () => {
    const bench = new TorrentBench()
    bench.peer('ann', '####')
    bench.wait(tickInterval - 1)
    assert.equal(bench.torrent.deadline(), bench.now + 1)
    bench.wait(1)
    assert.equal(bench.torrent.deadline(), bench.now + tickInterval)
    bench.peer('bob', '....')
    assert.equal(bench.torrent.deadline(), bench.now + tickInterval)
  })

  it('goes on without peers until no partial piece is left in memory', () => {
    const bench = new TorrentBench()
    const ann = bench.peer('ann', '####')
    ann.sends('0.0')
    ann.leaves()
    assert.equal(bench.torrent.deadline(), bench.now + tickInterval)
    bench.wait(tickInterval)
    bench.keeper.written(0)
    assert.equal(bench.pool.lent, 0)
    bench.wait(tickInterval)
    assert.equal(bench.torrent.deadline(), Number.POSITIVE_INFINITY)
    const bob = bench.peer('bob', '#...')
    assert.deepEqual(bob.heard(), ['interested', 'request 0.1'])
  })

  it('is not woken while all is quiet, and for rounds only while somebody waits for a place', () => {
    const bench = new TorrentBench()
    const ann = bench.peer('ann', '....')
    bench.wait(tickInterval)
    assert.equal(bench.torrent.deadline(), Number.POSITIVE_INFINITY)
    bench.torrent.interested(ann.facts, true, bench.now)
    assert.equal(bench.torrent.deadline(), bench.now + tickInterval)
    const round = bench.now + 10_000
    bench.wait(tickInterval)
    assert.equal(bench.torrent.deadline(), round)
  })
})

describe('leaf hashes of a piece that failed', () => {
  it('name everyone who sent a wrong block, once, and nobody for pads', () => {
    const bench = new TorrentBench({ format: 'v2', pieces: 1, blocks: 4 })
    const ann = bench.peer('ann', '#')
    const bob = bench.peer('bob', '#')
    ann.lies('0.0')
    ann.lies('0.1')
    bob.sends('0.2')
    bob.sends('0.3')
    bench.hashed(0, 'bad', [9, 9, 3])
    assert.deepEqual(bench.takeEvents(), ['failed 0, someone unknown lied'])
    bench.torrent.leavesCame(0, bench.lastFailure!, hashesOf([1, 2, 3, 0]))
    assert.deepEqual(bench.takeEvents(), ['caught ann'])
    assert.equal(ann.link.isClosed, true)
    assert.equal(bob.link.isClosed, false)
  })

  it('name who has left meanwhile too, for its host to be remembered', () => {
    const bench = new TorrentBench({ format: 'v2', pieces: 1 })
    const ann = bench.peer('ann', '#')
    const bob = bench.peer('bob', '#')
    ann.lies('0.0')
    bob.sends('0.1')
    bench.hashed(0, 'bad', [9, 2])
    ann.leaves()
    bench.takeEvents()
    bench.torrent.leavesCame(0, bench.lastFailure!, hashesOf([1, 2]))
    assert.deepEqual(bench.takeEvents(), ['caught ann'])
  })
})

describe('what a torrent counts', () => {
  it('is the content of wanted pieces, and what is missing of all', () => {
    const bench = new TorrentBench({ have: '#..', selected: '##.', blocks: 1, short: 384 })
    const { torrent } = bench
    assert.deepEqual(torrent.progress, { wanted: 2 * BLOCK_LENGTH, verified: BLOCK_LENGTH })
    assert.equal(torrent.missingBytes, 2 * BLOCK_LENGTH - 384)
    assert.equal(torrent.isSelected(2), false)
    bench.peer('ann', '.#.').sends('1.0')
    bench.verify(1)
    assert.deepEqual(torrent.progress, { wanted: 2 * BLOCK_LENGTH, verified: 2 * BLOCK_LENGTH })
    assert.equal(torrent.missingBytes, BLOCK_LENGTH - 384)
    torrent.lost(0)
    torrent.lost(0)
    assert.equal(torrent.progress.verified, BLOCK_LENGTH)
    assert.equal(torrent.missingBytes, 2 * BLOCK_LENGTH - 384)
  })
})

describe('other pieces are wanted', () => {
  const priorities = (text: string) => (piece: number) => Number(text[piece])

  it('what was asked for in vain is cancelled, and the rest is asked for', () => {
    const bench = new TorrentBench({ selected: '##..' })
    const ann = bench.peer('ann', '####')
    assert.equal(ann.sends('0.0'), 'taken')
    ann.heard()
    bench.torrent.select(priorities('0040'), bench.now)
    assert.deepEqual(ann.heard(), ['cancel 0.1', 'cancel 1.0', 'cancel 1.1', 'request 2.0', 'request 2.1'])
    assert.deepEqual(bench.torrent.progress, { wanted: 2 * BLOCK_LENGTH, verified: 0 })
    assert.equal(bench.torrent.isSelected(0), false)
    bench.torrent.select(priorities('4040'), bench.now)
    assert.deepEqual(ann.heard(), ['request 0.1'], 'what came of it is there still')
  })

  it('interest follows', () => {
    const bench = new TorrentBench({ selected: '##..' })
    const ann = bench.peer('ann', '#...')
    const bob = bench.peer('bob', '..#.')
    for (const peer of [ann, bob]) peer.heard()
    bench.torrent.select(priorities('0040'), bench.now)
    assert.deepEqual(ann.heard(), ['cancel 0.0', 'cancel 0.1', 'not interested'])
    assert.deepEqual(bob.heard(), ['interested', 'request 2.0', 'request 2.1'])
  })

  it('with nothing left to fetch it is complete', () => {
    const bench = new TorrentBench({ have: '#...' })
    const ann = bench.peer('ann', '.##.')
    const seed = bench.peer('seed', '####')
    bench.takeEvents()
    ann.heard()
    bench.torrent.select(priorities('4000'), bench.now)
    assert.deepEqual(bench.takeEvents(), ['completed'])
    assert.equal(bench.torrent.isComplete, true)
    assert.ok(ann.heard().includes('upload-only'))
    assert.equal(seed.heard().at(-1), 'close both-seeds')
    assert.equal(bench.torrent.missingBytes, 3 * 2 * BLOCK_LENGTH)
  })

  it('with more to fetch it is complete no more, and again later', () => {
    const bench = new TorrentBench({ have: '#...', selected: '#...' })
    const ann = bench.peer('ann', '##..')
    assert.deepEqual([bench.torrent.isComplete, ann.heard()], [true, []])
    bench.torrent.select(priorities('4400'), bench.now)
    assert.equal(bench.torrent.isComplete, false)
    assert.deepEqual(ann.heard(), ['interested', 'not upload-only', 'request 1.0', 'request 1.1'])
    for (const block of ['1.0', '1.1']) ann.sends(block)
    bench.verify(1)
    assert.deepEqual(bench.takeEvents(), ['verified 1', 'completed'])
    assert.deepEqual(bench.torrent.progress, { wanted: 4 * BLOCK_LENGTH, verified: 4 * BLOCK_LENGTH })
  })

  it('a piece that is on its way to the disk is had all the same', () => {
    const bench = new TorrentBench({ selected: '##..' })
    const ann = bench.peer('ann', '####')
    for (const block of ['0.0', '0.1']) ann.sends(block)
    bench.torrent.select(priorities('0040'), bench.now)
    bench.verify(0)
    assert.equal(bench.torrent.pieces.have.has(0), true)
    assert.deepEqual(bench.torrent.progress, { wanted: 2 * BLOCK_LENGTH, verified: 0 })
    assert.equal(bench.torrent.missingBytes, 3 * 2 * BLOCK_LENGTH)
  })

  it('somebody waits for a piece: it is asked for before others', () => {
    const bench = new TorrentBench({ pieces: 8, extents: 1 })
    const ann = bench.peer('ann', '########', { isChoking: true })
    const waiter = {}
    bench.torrent.hurry(waiter, [6], bench.now)
    ann.heard()
    bench.torrent.unchoked(ann.facts, bench.now)
    assert.deepEqual(ann.heard().slice(0, 2), ['request 6.0', 'request 6.1'])
    bench.torrent.hurry(waiter, [], bench.now)
  })
})
