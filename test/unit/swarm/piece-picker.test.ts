import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '../../../src/core/bitfield.ts'
import { SystemDice } from '../../../src/net/system-dice.ts'
import { PiecePicker } from '../../../src/swarm/piece-picker.ts'
import { bitsOf, peer, picker } from '../../support/picker-board.ts'

/** What different seeds of chance lead to, without repetition. */
function outcomes<T>(of: (seed: number) => T): Set<T> {
  return new Set(Array.from({ length: 60 }, (_, seed) => of(seed)))
}

describe('which piece is begun', () => {
  it('is the rarest that is wanted and that the peer has', () => {
    assert.deepEqual(picker({ avail: '1321', have: '..#.' }).pick(peer('##.#'), { count: 3 }).at(-1), 1)
    assert.deepEqual(picker({ avail: '3132', have: '#...' }).pick(peer('####')), [1])
    assert.deepEqual(picker({ avail: '3132', have: '#...' }).pick(peer('#.##')), [3])
    assert.deepEqual(picker({ avail: '3132', have: '#...', want: '4044' }).pick(peer('####')), [3])
  })

  it('is any of those that are equally rare', () => {
    const firsts = outcomes(seed => picker({ avail: '2121', have: '#...', seed }).pick(peer('####'))[0])
    assert.deepEqual(firsts, new Set([1, 3]))
  })

  it('is any piece at all until one is had', () => {
    const firsts = outcomes(seed => picker({ avail: '1239', seed }).pick(peer('####'))[0])
    assert.deepEqual(firsts, new Set([0, 1, 2, 3]))
  })

  it('follows HAVEs, losses and peers that leave', () => {
    const board = picker({ avail: '2222', have: '#...' })
    board.picker.peerHas(1)
    board.picker.peerHas(2)
    const leaving = bitsOf('..#.')
    board.picker.peerJoined(leaving)
    assert.deepEqual(board.pick(peer('####')), [3])
    board.picker.peerLeft(leaving)
    board.picker.peerLacks(2, bitsOf('....'))
    assert.deepEqual(board.pick(peer('####')), [2])
  })

  it('is one of higher priority, however common', () => {
    const board = picker({ avail: '1929', have: '#...', want: '4174' })
    assert.deepEqual(board.pick(peer('####'), { count: 3 }), [2, 3, 1])
  })

  it('is never one that is had or not wanted', () => {
    const board = picker({ avail: '1111', have: '#...', want: '4400' })
    const ann = peer('####')
    assert.deepEqual(board.pick(ann, { count: 9 }), [1])
    assert.deepEqual(board.pick(ann, { count: 9 }), [])
  })

  it('is the first one when sequential, and of higher priority before that', () => {
    assert.deepEqual(
      picker({ avail: '9119', have: '#...', sequential: true }).pick(peer('####'), { count: 3 }),
      [1, 2, 3],
    )
    assert.deepEqual(
      picker({ avail: '1111', want: '4447', sequential: true }).pick(peer('####'), { count: 4 }),
      [3, 0, 1, 2],
    )
    assert.deepEqual(picker({ avail: '1111', sequential: true }).pick(peer('..##')), [2])
  })

  it('goes back when sequential and an early piece is wanted again', () => {
    const board = picker({ avail: '1111', have: '##..', sequential: true })
    assert.deepEqual(board.pick(peer('####')), [2])
    board.picker.pieceLost(0)
    assert.deepEqual(board.pick(peer('####')), [0])
  })

  it('is only one that the peer allows while it chokes us, the rarest first', () => {
    assert.deepEqual(
      picker({ avail: '123', have: '...' }).pick(peer('###'), { count: 9, allowed: piece => piece === 2 }),
      [2],
    )
    const board = picker({ avail: '12321', have: '....#', want: '44474', blocks: '11211' })
    const only = new Set([4, 0, 2, 1, 3])
    assert.deepEqual(board.pick(peer('##.##'), { count: 1, only }), [3])
    assert.deepEqual(board.pick(peer('####.'), { count: 2, only: new Set([4, 2, 1]) }), [1, 2])
    assert.deepEqual(board.pick(peer('#####'), { count: 9, only: new Set([2]) }), [2])
  })

  it('is one that the peer suggests, of those that are equally rare and that it has', () => {
    const suggested = new Set([0, 3, 1])
    const firsts = (has: string) =>
      outcomes(seed => picker({ avail: '21211', have: '#....', seed }).pick(peer(has), { suggested })[0])
    assert.deepEqual(firsts('#####'), new Set([3]))
    assert.deepEqual(firsts('##..#'), new Set([1]))
    assert.deepEqual(firsts('..#.#'), new Set([4]))
    const all = picker({ avail: '21211', have: '#....' }).pick(peer('#####'), { count: 9, suggested })
    assert.deepEqual([all.slice(0, 2), all[2], all[3]], [[3, 1], 4, 2])
  })
})

describe('the blocks of a pick', () => {
  it('come piece by piece, as many as asked for', () => {
    const board = picker({ avail: '12', have: '..', blocks: '33', sequential: true })
    const ann = peer('##')
    assert.equal(board.pickBlocks(ann, { count: 4 }), '0.0 0.1 0.2 1.0')
    assert.equal(board.pickBlocks(ann, { count: 4 }), '1.1 1.2')
  })

  it('finish what is begun before something new is', () => {
    const board = picker({ avail: '91', blocks: '33' })
    board.picker.blockArrived(0, 0)
    assert.equal(board.pickBlocks(peer('##'), { count: 2 }), '0.1 0.2')
    assert.equal(board.pickBlocks(peer('##'), { count: 1 }), '1.0')
  })

  it('prefer something new of a higher priority to what is begun', () => {
    const board = picker({ avail: '11', blocks: '33', want: '47' })
    board.picker.blockArrived(0, 0)
    assert.equal(board.pickBlocks(peer('##'), { count: 4 }), '1.0 1.1 1.2 0.1')
  })

  it('leave a piece alone that the peer does not have', () => {
    const board = picker({ avail: '11', blocks: '33' })
    board.picker.blockArrived(0, 0)
    assert.equal(board.pickBlocks(peer('.#'), { count: 1 }), '1.0')
  })

  it('come from no new piece when there is no memory for one', () => {
    const board = picker({ avail: '1111', blocks: '2222' })
    const opened: number[] = []
    const mayOpen = (piece: number) => opened.length < 2 && opened.push(piece) > 0
    const picked = board.pick(peer('####'), { count: 8, mayOpen })
    assert.deepEqual(
      picked,
      opened.flatMap(piece => [piece, piece]),
    )
    assert.deepEqual(board.pick(peer('####'), { count: 8, mayOpen }), [])
    assert.equal(board.picker.isOpen(opened[0]!), true)
  })

  it('ask for memory for one piece at a time, each just before it is begun', () => {
    const board = picker({ avail: '1111', blocks: '2222' })
    let asked = 0
    board.pick(peer('####'), { count: 3, mayOpen: () => ++asked > 0 })
    assert.equal(asked, 2)
  })

  it('are free for others once released', () => {
    const board = picker({ avail: '1', blocks: '3' })
    const ann = peer('#')
    board.pick(ann, { count: 3 })
    assert.equal(board.picker.blockReleased(0, 1, ann.peer), false)
    assert.equal(board.pickBlocks(peer('#'), { count: 3 }).split(' ')[0], '0.1')
  })

  it('close their piece when the last one is released and none has come', () => {
    const board = picker({ avail: '1', blocks: '2' })
    const ann = peer('#')
    board.pick(ann, { count: 2 })
    assert.equal(board.picker.blockReleased(0, 0, ann.peer), false)
    assert.equal(board.picker.blockReleased(0, 1, ann.peer), true)
    assert.equal(board.picker.isOpen(0), false)
    let asked = 0
    board.pick(peer('#'), { mayOpen: () => ++asked > 0 })
    assert.equal(asked, 1, 'its memory is asked for again')
  })

  it('keep their piece open when one has come', () => {
    const board = picker({ avail: '1', blocks: '2' })
    const ann = peer('#')
    board.pick(ann, { count: 2 })
    board.picker.blockArrived(0, 0, ann.peer)
    assert.equal(board.picker.blockReleased(0, 1, ann.peer), false)
    assert.equal(board.picker.isOpen(0), true)
  })
})

describe('a slow peer', () => {
  it('begins a piece of its own rather than join a fast one', () => {
    const board = picker({ avail: '11', blocks: '33', sequential: true })
    board.pickBlocks(peer('##'), { count: 1 })
    const slow = peer('##')
    assert.equal(board.pickBlocks(slow, { count: 1, isSlow: true }), '1.0')
    assert.equal(board.pickBlocks(slow, { count: 2, isSlow: true }), '1.1 1.2')
    assert.equal(board.pickBlocks(slow, { count: 2, isSlow: true }), '0.1 0.2', 'there is nothing else')
  })

  it('is helped by fast ones', () => {
    const board = picker({ avail: '11', blocks: '33', sequential: true })
    board.pickBlocks(peer('##'), { count: 1, isSlow: true })
    assert.equal(board.pickBlocks(peer('##'), { count: 2 }), '0.1 0.2')
  })
})

describe('a piece', () => {
  it('is remaining while it is wanted and not had', () => {
    const { picker: facts } = picker({ avail: '111', want: '440' })
    assert.equal(facts.remaining, 2)
    facts.setWanted(2, true)
    facts.setPriority(0, 0)
    assert.equal(facts.remaining, 2)
    facts.pieceVerified(1)
    facts.pieceVerified(1)
    facts.pieceVerified(0)
    assert.equal(facts.remaining, 1)
    assert.equal(facts.isWanted(1), false)
    assert.equal(facts.isWanted(2), true)
    facts.pieceVerified(2)
    assert.equal(facts.isComplete, true)
    facts.setWanted(0, true)
    assert.equal(facts.isComplete, true, 'it is had, wanted or not')
    facts.pieceLost(0)
    assert.equal(facts.remaining, 1)
  })

  it('keeps its priority when it is wanted already', () => {
    const board = picker({ avail: '11', want: '17' })
    board.picker.setWanted(1, true)
    assert.deepEqual(board.pick(peer('##')), [1])
  })

  it('is picked anew, all of it, when it failed', () => {
    const board = picker({ avail: '1', blocks: '2' })
    board.picker.blockArrived(0, 0)
    board.picker.blockArrived(0, 1)
    assert.equal(board.pickBlocks(peer('#'), { count: 9 }), '')
    board.picker.pieceLost(0)
    assert.equal(board.pickBlocks(peer('#'), { count: 9 }), '0.0 0.1')
  })

  it('is mended where its bad blocks are known', () => {
    const board = picker({ avail: '1', blocks: '3' })
    for (const block of [0, 1, 2]) board.picker.blockArrived(0, block)
    board.picker.pieceLost(0, [1])
    assert.equal(board.pickBlocks(peer('#'), { count: 9 }), '0.1')
  })

  it('is had with all others where all were, and asked for again when it is lost', () => {
    const board = picker({ avail: '999', blocks: '111', want: '440' })
    board.picker.allVerified()
    assert.deepEqual([board.picker.remaining, board.picker.isComplete], [0, true])
    assert.deepEqual(board.pick(peer('###')), [])
    board.picker.pieceLost(1)
    board.picker.pieceLost(2)
    assert.equal(board.picker.remaining, 1)
    assert.deepEqual(board.pick(peer('###')), [1])
  })

  it('is asked for no more when it was verified by other means', () => {
    const board = picker({ avail: '11', blocks: '22' })
    const ann = peer('##')
    board.pick(ann, { count: 1, allowed: piece => piece === 0 })
    board.picker.pieceVerified(0)
    assert.equal(board.picker.blockReleased(0, 0, ann.peer), false)
    assert.deepEqual(board.picker.blockArrived(0, 0, ann.peer), [])
    assert.deepEqual(board.pick(peer('##'), { count: 9 }), [1, 1])
  })

  it('is not picked any more when it is deselected half-way', () => {
    const board = picker({ avail: '11', blocks: '22', sequential: true })
    board.pick(peer('##'))
    board.picker.setWanted(0, false)
    assert.equal(board.pickBlocks(peer('##'), { count: 9 }), '1.0 1.1')
    board.picker.setWanted(0, true)
    assert.equal(board.pickBlocks(peer('##'), { count: 1 }), '0.1')
  })

  it('has the blocks that are requested without a pick', () => {
    const board = picker({ avail: '1', blocks: '2' })
    const seed = {}
    assert.equal(board.picker.blockRequested(0, 0, seed), true)
    assert.equal(board.picker.blockRequested(0, 0, seed), false)
    assert.deepEqual(board.picker.requesters(0, 0), [seed])
    assert.equal(board.pickBlocks(peer('#')), '0.1')
  })
})

describe('availability', () => {
  it('counts seeds and others', () => {
    const { picker: facts } = picker({ avail: '102' })
    const seed = bitsOf('###')
    facts.peerJoined(seed)
    assert.deepEqual(
      [0, 1, 2].map(piece => facts.availability(piece)),
      [2, 1, 3],
    )
    facts.peerLeft(seed)
    assert.equal(facts.availability(1), 0)
  })

  it('stays right when a leech becomes a seed by HAVEs, and leaves', () => {
    const { picker: facts } = picker({ avail: '000' })
    const bits = bitsOf('##.')
    facts.peerJoined(bits)
    bits.set(2)
    facts.peerHas(2)
    facts.peerLeft(bits)
    assert.deepEqual(
      [0, 1, 2].map(piece => facts.availability(piece)),
      [0, 0, 0],
    )
  })

  it('stays right when a seed loses a piece, and leaves', () => {
    const { picker: facts } = picker({ avail: '000' })
    const bits = bitsOf('###')
    facts.peerJoined(bits)
    bits.clear(1)
    facts.peerLacks(1, bits)
    assert.deepEqual(
      [0, 1, 2].map(piece => facts.availability(piece)),
      [1, 0, 1],
    )
    facts.peerLeft(bits)
    assert.equal(facts.availability(0), 0)
  })

  it('makes no difference between sixty-three copies and more', () => {
    const { picker: facts } = picker({ avail: '00', have: '..' })
    for (let copies = 0; copies < 300; copies++) facts.peerHas(0)
    for (let copies = 0; copies < 299; copies++) facts.peerLacks(0, bitsOf('..'))
    assert.equal(facts.availability(0), 1)
  })
})

describe('wants', () => {
  it('is true where a peer has a piece that is wanted, begun or not', () => {
    const board = picker({ avail: '1111', have: '#...', want: '4404', blocks: '2222' })
    assert.equal(board.picker.wants(bitsOf('#.#.')), false)
    assert.equal(board.picker.wants(bitsOf('#..#')), true)
    assert.equal(board.picker.wants(Bitfield.full(4)), true)
    board.pick(peer('...#'))
    assert.equal(board.picker.wants(bitsOf('...#')), true)
    board.picker.pieceVerified(3)
    board.picker.pieceVerified(1)
    assert.equal(board.picker.wants(Bitfield.full(4)), false)
  })
})

describe('endgame', () => {
  it('begins when everything that can be had is asked for', () => {
    const board = picker({ avail: '110', blocks: '220' })
    assert.equal(board.picker.isEndgame, false, 'nothing is begun')
    board.pick(peer('##.'), { count: 3 })
    assert.equal(board.picker.isEndgame, false)
    board.pick(peer('##.'), { count: 1 })
    assert.equal(board.picker.isEndgame, true, 'nobody has the last piece')
    board.picker.peerHas(2)
    assert.equal(board.picker.isEndgame, false)
  })

  it('asks one more peer for what is under way, and not a third', () => {
    const board = picker({ avail: '2', blocks: '3' })
    const [ann, ben, cem] = [peer('#'), peer('#'), peer('#')]
    board.pick(ann, { count: 9 })
    assert.equal(board.pickBlocks(ann, { count: 9 }), '', 'ann is asked already')
    assert.equal(board.pickBlocks(ben, { count: 2 }), '0.2 0.1', 'what comes last of all first')
    assert.deepEqual(board.picker.requesters(0, 1), [ann.peer, ben.peer])
    assert.equal(board.pickBlocks(cem, { count: 9 }), '0.0')
  })

  it('asks nobody for more of it than they may be asked', () => {
    const board = picker({ avail: '22', blocks: '33' })
    const [ann, ben] = [peer('##'), peer('##')]
    board.pick(ann, { count: 9 })
    for (const duplicates of [-3, 0]) assert.equal(board.pickBlocks(ben, { count: 9, duplicates }), '')
    assert.equal(board.pickBlocks(ben, { count: 9, duplicates: 4 }).split(' ').length, 4)
  })

  it('tells whom to stop when a block comes', () => {
    const board = picker({ avail: '2', blocks: '1' })
    const [ann, ben] = [peer('#'), peer('#')]
    board.pick(ann)
    board.pick(ben)
    assert.deepEqual(board.picker.blockArrived(0, 0, ben.peer), [ann.peer])
    assert.deepEqual(board.picker.requesters(0, 0), [])
    assert.deepEqual(board.picker.blockArrived(0, 0, ann.peer), [])
  })

  it('asks one peer for few blocks that others are asked for', () => {
    const board = picker({ avail: '1111', blocks: '9999' })
    const [ann, ben] = [peer('####'), peer('####')]
    board.pick(ann, { count: 36 })
    const first = board.picker.pick({ ...ben, count: 100 })
    assert.equal(first.length, 16)
    assert.equal(board.pick(ben, { count: 100 }).length, 0)
    board.picker.blockReleased(first[0]!.piece, first[0]!.block, ben.peer)
    board.picker.blockArrived(first[1]!.piece, first[1]!.block, ann.peer)
    assert.equal(board.pick(ben, { count: 100 }).length, 2)
  })

  it('counts a peer as first when the one before it is gone', () => {
    const board = picker({ avail: '1111', blocks: '9999' })
    const [ann, ben] = [peer('####'), peer('####')]
    const all = board.picker.pick({ ...ann, count: 36 })
    board.pick(ben, { count: 16 })
    for (const { piece, block } of all) board.picker.blockReleased(piece, block, ann.peer)
    assert.equal(board.pick(ben, { count: 100 }).length, 20, 'the rest is free')
    assert.equal(board.pick(ann, { count: 100 }).length, 16, 'now ann is second')
    assert.equal(board.pick(ben, { count: 100 }).length, 0)
  })

  it('helps nobody with a piece that is not wanted any more', () => {
    const board = picker({ avail: '11', blocks: '11' })
    board.pick(peer('##'), { count: 2 })
    board.picker.setWanted(0, false)
    assert.equal(board.pickBlocks(peer('##'), { count: 9 }), '1.0')
  })
})

describe('the endgame among peers that hardly send anything', () => {
  it('asks one that is proven, too, and counts whom it replaced no more', () => {
    const board = picker({ avail: '1', blocks: '1' })
    const [slow, other, fast] = [peer('#'), peer('#'), peer('#')]
    assert.equal(board.pickBlocks(slow, { count: 9 }), '0.0')
    assert.equal(board.pickBlocks(other, { count: 9 }), '0.0')
    assert.equal(board.pickBlocks(peer('#'), { count: 9 }), '')
    assert.equal(board.pickBlocks(fast, { count: 9, holdsUp: () => true }), '0.0')
    assert.deepEqual(board.picker.requesters(0, 0), [slow.peer, fast.peer])
    assert.deepEqual(board.picker.blockArrived(0, 0, fast.peer), [slow.peer])
  })
})

describe('what somebody waits for', () => {
  it('comes first, in its order, before what is begun, rare, or of higher priority', () => {
    const board = picker({ avail: '9199', have: '....', want: '4747', blocks: '2222' })
    board.pick(peer('.#..'))
    board.picker.setUrgent({}, [2, 0])
    assert.equal(board.pickBlocks(peer('####'), { count: 5 }), '2.0 2.1 0.0 0.1 1.1')
  })

  it('is only what is wanted and what the peer has and gives', () => {
    const board = picker({ avail: '99999', have: '#....', want: '44044', blocks: '11111' })
    board.picker.setUrgent({}, [0, 1, 2, 3, 4])
    assert.deepEqual(board.pick(peer('###.#'), { count: 9, allowed: piece => piece !== 4 }), [1])
  })

  it('is asked of no slow peer before other things', () => {
    const board = picker({ avail: '19', have: '..', want: '74', blocks: '11' })
    board.picker.setUrgent({}, [1])
    assert.deepEqual(board.pick(peer('##'), { isSlow: true }), [0])
    assert.deepEqual(board.pick(peer('##')), [1])
  })

  it('is asked of a second peer where the first one holds it up, and of no third', () => {
    const board = picker({ avail: '99', blocks: '19' })
    const [slow, fast, other] = [peer('##'), peer('##'), peer('##')]
    board.picker.setUrgent({}, [0])
    board.pick(slow)
    const holdsUp = (one: object): boolean => one === slow.peer
    assert.equal(board.pickBlocks(fast, { holdsUp: () => false }), '1.0')
    assert.equal(board.pickBlocks(fast, { holdsUp }), '0.0')
    assert.equal(board.pickBlocks(other, { holdsUp }), '1.1')
    assert.deepEqual(board.picker.blockArrived(0, 0, fast.peer), [slow.peer])
  })

  it('is asked of a second peer for few blocks at a time', () => {
    const board = picker({ avail: '999', blocks: '999' })
    const [slow, fast] = [peer('###'), peer('###')]
    board.pick(slow, { count: 27 })
    board.picker.setUrgent({}, [0, 1, 2])
    assert.equal(board.pick(fast, { count: 99, holdsUp: () => true }).length, 16)
  })

  it('begins no piece that there is no memory for', () => {
    const board = picker({ avail: '99', blocks: '22' })
    board.picker.setUrgent({}, [1])
    assert.deepEqual(board.pick(peer('##'), { count: 4, mayOpen: () => false }), [])
  })
})

describe('priorities anew', () => {
  it('hold for pieces that are had, begun and fresh', () => {
    const board = picker({ avail: '1111', have: '#...', blocks: '1211' })
    const ann = peer('####')
    board.pick(peer('.#..'))
    board.picker.setPriorities(piece => [4, 0, 1, 7][piece]!)
    assert.equal(board.picker.remaining, 2)
    assert.deepEqual(board.pick(ann, { count: 9 }), [3, 2])
    board.picker.setPriorities(() => 0)
    assert.equal(board.picker.isComplete, true)
    board.picker.setPriorities(() => 4)
    assert.equal(board.picker.remaining, 3)
    assert.equal(board.pickBlocks(ann, { count: 1 }), '1.1')
  })

  it('hold in sequence too', () => {
    const board = picker({ avail: '1111', want: '0044', sequential: true })
    assert.deepEqual(board.pick(peer('####')), [2])
    board.picker.setPriorities(() => 4)
    assert.deepEqual(board.pick(peer('####'), { count: 3 }), [0, 1, 3])
  })
})

it('a picker for no pieces is complete', () => {
  const empty = new PiecePicker({ pieceCount: 0, blockCount: () => 0, dice: new SystemDice(1) })
  assert.equal(empty.isComplete, true)
  assert.equal(empty.isEndgame, false)
  assert.deepEqual(empty.pick({ peer: {}, has: new Bitfield(0), count: 9 }), [])
})
