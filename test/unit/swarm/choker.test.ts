import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SystemDice } from '../../../src/net/system-dice.ts'
import { Choker, type ChokerPeer } from '../../../src/swarm/choker.ts'

/** A peer by name, with what it gives us and takes from us in bytes a second. */
class Peer implements ChokerPeer {
  readonly name: string
  isInterested = true
  joinedAt: number
  gives: number
  takes: number
  readonly downloadRate = { total: 0 }
  readonly uploadRate = { total: 0, perSecond: () => this.takes }

  constructor(name: string, about: { gives?: number; takes?: number; joinedAt?: number } = {}) {
    this.name = name
    this.gives = about.gives ?? 0
    this.takes = about.takes ?? 0
    this.joinedAt = about.joinedAt ?? -1_000_000
  }
}

/** A torrent that tells its story in rounds of ten seconds. */
class Story {
  readonly choker: Choker<Peer>
  peers: Peer[]
  now = 0
  unchoked: ReadonlySet<Peer> = new Set()

  constructor(slots: number, peers: Peer[], seed = 1) {
    this.choker = new Choker({ dice: new SystemDice(seed), slots })
    this.peers = peers
    this.move()
  }

  /** Who is unchoked now. */
  choose(): string[] {
    this.unchoked = this.choker.choose(this.peers, this.now)
    return [...this.unchoked].map(peer => peer.name).sort()
  }

  /** What goes to and fro in a round; to us also from those whom we choke. */
  move(): void {
    for (const peer of this.peers) {
      peer.downloadRate.total += peer.gives * 10
      if (this.unchoked.has(peer)) peer.uploadRate.total += peer.takes * 10
    }
  }

  nextRound(): string[] {
    this.move()
    this.now += 10_000
    return this.choose()
  }
}

const names = (...of: string[]) => of
const fillers = (count: number) => Array.from({ length: count }, (_, i) => new Peer(`filler ${i}`))

describe('while we download', () => {
  it('those who give most have the regular slots', () => {
    const story = new Story(4, [
      new Peer('ann', { gives: 500 }),
      new Peer('ben', { gives: 100 }),
      new Peer('cem', { gives: 900 }),
      new Peer('dee', { gives: 700 }),
      new Peer('eve', { gives: 0 }),
    ])
    const unchoked = story.choose()
    for (const name of ['ann', 'cem', 'dee']) assert.ok(unchoked.includes(name))
    assert.equal(unchoked.length, 4)
  })

  it('who gives less than others loses its slot in the next round', () => {
    const [ann, ben, cem] = [
      new Peer('ann', { gives: 900 }),
      new Peer('ben', { gives: 800 }),
      new Peer('cem', { gives: 1 }),
    ]
    const story = new Story(1, [ann, ben, cem])
    assert.deepEqual(story.choose(), names('ann'))
    ann.gives = 10
    assert.deepEqual(story.choose(), names('ann'), 'not before the round is over')
    assert.deepEqual(story.nextRound(), names('ben'))
  })

  it('who wants nothing has no slot, however much it gives', () => {
    const ann = new Peer('ann', { gives: 900 })
    const story = new Story(1, [ann, new Peer('ben', { gives: 10 })])
    ann.isInterested = false
    assert.deepEqual(story.choose(), names('ben'))
  })

  it('those who give nothing take turns, and who had least comes first', () => {
    const story = new Story(3, fillers(6))
    for (const peer of story.peers) peer.takes = 100_000
    for (let round = 0; round < 30; round++) story.nextRound()
    const taken = story.peers.map(peer => peer.uploadRate.total)
    assert.ok(Math.max(...taken) - Math.min(...taken) <= 3 * 1_000_000, taken.join())
  })

  it('who gave in the last round comes before who owes less', () => {
    const ann = new Peer('ann', { gives: 1, takes: 900_000 })
    const story = new Story(1, [ann, new Peer('ben')])
    for (let round = 0; round < 5; round++) assert.deepEqual(story.nextRound(), names('ann'))
  })
})

describe('the optimistic slot', () => {
  it('shows in time what everyone would give', () => {
    const story = new Story(4, [
      new Peer('ann', { gives: 900 }),
      new Peer('ben', { gives: 800 }),
      new Peer('cem', { gives: 700 }),
      ...fillers(5),
    ])
    const seen = new Set(story.choose())
    for (let round = 0; round < 150; round++) for (const name of story.nextRound()) seen.add(name)
    assert.equal(seen.size, 8)
  })

  it('is kept for three rounds', () => {
    const best = new Peer('best', { gives: 900 })
    const story = new Story(2, [best, ...fillers(20)])
    const rounds = [story.choose(), ...Array.from({ length: 11 }, () => story.nextRound())]
    const optimists = rounds.map(unchoked => unchoked.find(name => name !== 'best')!)
    for (const turn of [0, 3, 6, 9]) {
      assert.equal(new Set(optimists.slice(turn, turn + 3)).size, 1, optimists.join())
    }
    assert.ok(new Set(optimists).size >= 3, optimists.join())
  })

  it('goes to someone else at once when its peer has earned a regular one', () => {
    const story = new Story(2, [new Peer('best', { gives: 900 }), ...fillers(3)])
    const optimist = story.choose().find(name => name !== 'best')!
    story.peers.find(peer => peer.name === optimist)!.gives = 5000
    const unchoked = story.nextRound()
    assert.ok(unchoked.includes(optimist))
    assert.equal(unchoked.length, 2)
  })

  it('is drawn among those who owe us no more than others do', () => {
    const rounds = 300
    const times = new Map<string, number>()
    for (let seed = 0; seed < rounds; seed++) {
      const best = new Peer('best', { gives: 900 })
      const debtor = new Peer('debtor')
      debtor.uploadRate.total = 1_000_000
      const story = new Story(2, [best, debtor, new Peer('new'), new Peer('friend', { gives: 1 })], seed)
      for (const name of story.choose()) times.set(name, (times.get(name) ?? 0) + 1)
    }
    assert.equal(times.get('debtor'), undefined)
    assert.ok(Math.abs(times.get('new')! / rounds - 1 / 2) < 0.1, `${times.get('new')} of ${rounds}`)
  })

  it('goes to debtors where there is nobody else', () => {
    const debtor = new Peer('debtor')
    debtor.uploadRate.total = 1_000_000
    const story = new Story(2, [new Peer('best', { gives: 900 }), debtor])
    assert.deepEqual(story.choose(), names('best', 'debtor'))
  })
})

describe('between rounds', () => {
  it('a free slot goes at once to who becomes interested', () => {
    const ann = new Peer('ann')
    const ben = new Peer('ben')
    ben.isInterested = false
    const story = new Story(4, [ann, ben])
    assert.deepEqual(story.choose(), names('ann'))
    ben.isInterested = true
    story.now += 1
    assert.deepEqual(story.choose(), names('ann', 'ben'))
  })

  it('the slot of who leaves goes to the best of the others', () => {
    const story = new Story(1, [
      new Peer('ann', { gives: 3 }),
      new Peer('ben', { gives: 1 }),
      new Peer('cem', { gives: 2 }),
    ])
    assert.deepEqual(story.choose(), names('ann'))
    story.peers.shift()
    assert.deepEqual(story.choose(), names('cem'))
  })

  it('nobody loses a slot to who comes', () => {
    const story = new Story(1, [new Peer('ann', { gives: 3 })])
    story.choose()
    story.peers.push(new Peer('ben', { gives: 900 }))
    assert.deepEqual(story.choose(), names('ann'))
    assert.deepEqual(story.nextRound(), names('ben'))
  })

  it('the deadline says when the next round is', () => {
    const story = new Story(1, [])
    assert.ok(story.choker.deadline() <= 0)
    story.choose()
    assert.equal(story.choker.deadline(), 10_000)
    story.now = 4000
    story.choose()
    assert.equal(story.choker.deadline(), 10_000)
  })

  it('fewer slots take effect', () => {
    const story = new Story(4, fillers(6))
    assert.equal(story.choose().length, 4)
    story.choker.slots = 2
    assert.equal(story.choose().length, 2)
    story.choker.slots = 0
    assert.equal(story.nextRound().length, 0)
  })
})

describe('when we are a seed', () => {
  it('those who take fastest have the regular slots', () => {
    const story = new Story(3, [
      new Peer('ann', { takes: 100, gives: 900 }),
      new Peer('ben', { takes: 900 }),
      new Peer('cem', { takes: 500 }),
      new Peer('dee', { takes: 10 }),
    ])
    story.choker.isSeeding = true
    const seen = new Map<string, number>()
    for (let round = 0; round < 40; round++)
      for (const name of story.nextRound()) seen.set(name, (seen.get(name) ?? 0) + 1)
    for (const name of ['ben', 'cem']) assert.ok(seen.get(name)! > 35, `${name} ${seen.get(name)}`)
    for (const name of ['ann', 'dee']) assert.ok(seen.get(name)! > 10, `${name} ${seen.get(name)}`)
  })

  it('who had its quota makes place for others', () => {
    const greedy = new Peer('greedy', { takes: 1_000_000 })
    const story = new Story(1, [greedy, new Peer('ben', { takes: 1 })])
    story.choker.isSeeding = true
    assert.deepEqual(story.choose(), names('greedy'))
    assert.deepEqual(story.nextRound(), names('greedy'))
    assert.deepEqual(story.nextRound(), names('greedy'), '20 MB, but not yet for half a minute')
    assert.deepEqual(story.nextRound(), names('ben'))
  })

  it('everyone who waits is served in turn', () => {
    const story = new Story(2, [new Peer('fast', { takes: 900 }), ...fillers(6)])
    story.choker.isSeeding = true
    const served = new Map<string, number>()
    for (let round = 0; round < 36; round++) {
      for (const name of story.nextRound()) served.set(name, (served.get(name) ?? 0) + 1)
    }
    assert.equal(served.get('fast'), 36)
    for (let i = 0; i < 6; i++) assert.equal(served.get(`filler ${i}`), 6, `filler ${i}`)
  })
})

it('everybody is unchoked where there are slots for all', () => {
  const story = new Story(Number.POSITIVE_INFINITY, fillers(30))
  assert.equal(story.choose().length, 30)
  assert.equal(story.nextRound().length, 30)
})
