import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bitfield } from '../../../src/core/bitfield.ts'
import { SystemDice } from '../../../src/net/system-dice.ts'
import type { PickedBlock } from '../../../src/swarm/pick-request.ts'
import { PiecePicker } from '../../../src/swarm/piece-picker.ts'

const PIECES = 6
const PEERS = 4
const BLOCKS = [1, 3, 2, 1, 4, 2]

/** The rules again, as plainly as they can be put: everything is a list, and everything is counted anew each time. */
class NaiveModel {
  had = new Set<number>()
  arrived = new Set<string>()
  requests: { key: string; piece: number; peer: number }[] = []
  priority = Array<number>(PIECES).fill(4)

  wanted = (piece: number) => this.priority[piece]! > 0 && !this.had.has(piece)
  isOpen = (piece: number) =>
    blocksOf(piece).some(key => this.arrived.has(key)) || this.requests.some(r => r.piece === piece)
  isFree = (key: string) => !this.arrived.has(key) && !this.requests.some(r => r.key === key)
  rank = (piece: number, copies: number) => (7 - this.priority[piece]!) * 100 + copies
  /** The ranks that a peer may begin next: the best priority and rarity among those that are fresh. */
  best(has: (piece: number) => boolean, copies: (piece: number) => number): number {
    const fresh = pieces.filter(piece => this.wanted(piece) && !this.isOpen(piece) && has(piece))
    return Math.min(...fresh.map(piece => this.rank(piece, this.had.size > 0 ? copies(piece) : 0)))
  }
}

const pieces = Array.from({ length: PIECES }, (_, piece) => piece)
const blocksOf = (piece: number) => Array.from({ length: BLOCKS[piece]! }, (_, block) => `${piece}.${block}`)

class World {
  readonly model = new NaiveModel()
  readonly picker: PiecePicker
  /** Null: not connected. */
  readonly bits = Array<Bitfield | null>(PEERS).fill(null)
  readonly keys = Array.from({ length: PEERS }, (_, peer) => ({ peer }))

  constructor(seed: number) {
    const blockCount = (piece: number) => BLOCKS[piece]!
    this.picker = new PiecePicker({ pieceCount: PIECES, blockCount, dice: new SystemDice(seed) })
  }

  copies = (piece: number) => this.bits.filter(bits => bits?.has(piece)).length

  check(): void {
    const { model, picker } = this
    assert.equal(picker.remaining, pieces.filter(model.wanted).length)
    for (const piece of pieces) {
      assert.equal(picker.availability(piece), this.copies(piece), `availability of ${piece}`)
      assert.equal(picker.isWanted(piece), model.wanted(piece), `wanted ${piece}`)
      if (!model.had.has(piece)) assert.equal(picker.isOpen(piece), model.isOpen(piece), `open ${piece}`)
      for (let block = 0; block < BLOCKS[piece]!; block++) {
        const asked = model.requests.filter(r => r.key === `${piece}.${block}`).map(r => this.keys[r.peer])
        assert.deepEqual(new Set(picker.requesters(piece, block)), new Set(asked))
      }
    }
    for (const bits of this.bits)
      if (bits)
        assert.equal(
          picker.wants(bits),
          pieces.some(p => bits.has(p) && model.wanted(p)),
        )
  }

  pick(peer: number, count: number): void {
    const bits = this.bits[peer]
    if (!bits) return
    const wasEndgame = this.picker.isEndgame
    const picked = this.picker.pick({ peer: this.keys[peer]!, has: bits, count })
    assert.ok(picked.length <= count)
    for (const block of picked) this.#judge(block, peer, bits)
    if (picked.length < count) this.#judgeEnd(peer, bits, wasEndgame)
  }

  /** Each pick in turn obeys the rules as they stood when it was made. */
  #judge({ piece, block }: PickedBlock, peer: number, bits: Bitfield): void {
    const { model } = this
    const key = `${piece}.${block}`
    assert.ok(model.wanted(piece) && bits.has(piece), `${key} is wanted and there`)
    assert.ok(!model.arrived.has(key), `${key} has not come yet`)
    const asked = model.requests.filter(r => r.key === key)
    assert.ok(!asked.some(r => r.peer === peer), `${key} is asked of ${peer} once`)
    const freeOpen = pieces.filter(
      p => model.wanted(p) && model.isOpen(p) && bits.has(p) && blocksOf(p).some(model.isFree),
    )
    const has = (p: number) => bits.has(p)
    const shares = (p: number) => this.copies(p)
    if (asked.length > 0) {
      assert.equal(asked.length, 1, `${key} is asked of two at most`)
      assert.deepEqual(freeOpen, [], 'duplicates come last')
      assert.equal(model.best(has, shares), Number.POSITIVE_INFINITY, 'duplicates come last')
    } else if (model.isOpen(piece)) {
      for (const p of pieces) {
        const isBetter = model.wanted(p) && has(p) && model.priority[p]! > model.priority[piece]!
        if (isBetter) assert.ok(!blocksOf(p).some(model.isFree), `${p} comes before ${piece}`)
      }
    } else {
      const seeds = this.bits.filter(other => other?.isFull).length
      assert.equal(
        model.rank(piece, model.had.size > 0 ? this.copies(piece) : 0),
        model.best(has, shares),
        `seeds: ${seeds}`,
      )
      assert.ok(
        !freeOpen.some(p => model.priority[p]! >= model.priority[piece]!),
        'what is begun comes first',
      )
    }
    model.requests.push({ key, piece, peer })
  }

  /** A pick that came out short left nothing that it could have taken. */
  #judgeEnd(peer: number, bits: Bitfield, wasEndgame: boolean): void {
    const { model } = this
    for (const piece of pieces.filter(p => model.wanted(p) && bits.has(p))) {
      for (const key of blocksOf(piece)) {
        assert.ok(!model.isFree(key), `${key} was free for ${peer}`)
        const asked = model.requests.filter(r => r.key === key)
        if (wasEndgame && asked.length === 1) assert.equal(asked[0]!.peer, peer, `${key} needs a second`)
      }
    }
  }
}

type Step = (world: World) => void

const peerIndex = fc.nat(PEERS - 1)
const pieceIndex = fc.nat(PIECES - 1)

const join = fc.tuple(peerIndex, fc.uint8Array({ minLength: 1, maxLength: 1 }), fc.boolean()).map(
  ([peer, [mask], isSeed]): Step =>
    ({ bits, picker }) => {
      if (bits[peer]) return
      const has = isSeed ? Bitfield.full(PIECES) : new Bitfield(PIECES)
      if (!isSeed) for (const piece of pieces) if (mask! & (1 << piece)) has.set(piece)
      bits[peer] = has
      picker.peerJoined(has)
    },
)

const leave = peerIndex.map(
  (peer): Step =>
    ({ bits, picker, model, keys }) => {
      const has = bits[peer]
      if (!has) return
      picker.peerLeft(has)
      bits[peer] = null
      for (const { key, piece } of model.requests.filter(r => r.peer === peer)) {
        const block = Number(key.split('.')[1])
        model.requests = model.requests.filter(r => r.key !== key || r.peer !== peer)
        assert.equal(picker.blockReleased(piece, block, keys[peer]!), !model.isOpen(piece))
      }
    },
)

const have = fc.tuple(peerIndex, pieceIndex, fc.boolean()).map(
  ([peer, piece, isGained]): Step =>
    ({ bits, picker }) => {
      const has = bits[peer]
      if (!has) return
      if (isGained && has.set(piece)) picker.peerHas(piece)
      else if (!isGained && has.clear(piece)) picker.peerLacks(piece, has)
    },
)

const pick = fc.tuple(peerIndex, fc.integer({ min: 1, max: 6 })).map(
  ([peer, count]): Step =>
    world =>
      world.pick(peer, count),
)

/** One of the requests is answered; a whole piece is good or bad at once. */
const arrive = fc.tuple(fc.nat(), fc.boolean()).map(
  ([which, isGood]): Step =>
    ({ model, picker, keys }) => {
      const request = model.requests[which % Math.max(1, model.requests.length)]
      if (!request) return
      const { key, piece, peer } = request
      const others = model.requests.filter(r => r.key === key && r.peer !== peer).map(r => keys[r.peer]!)
      assert.deepEqual(picker.blockArrived(piece, Number(key.split('.')[1]), keys[peer]!), others)
      model.requests = model.requests.filter(r => r.key !== key)
      model.arrived.add(key)
      if (!blocksOf(piece).every(k => model.arrived.has(k))) return
      if (isGood) model.had.add(piece)
      for (const k of blocksOf(piece)) model.arrived.delete(k)
      if (isGood) picker.pieceVerified(piece)
      else picker.pieceLost(piece)
    },
)

const prioritize = fc.tuple(pieceIndex, fc.nat(7)).map(
  ([piece, priority]): Step =>
    ({ model, picker }) => {
      model.priority[piece] = priority
      picker.setPriority(piece, priority)
    },
)

const lose = pieceIndex.map(
  (piece): Step =>
    ({ model, picker }) => {
      if (model.had.delete(piece)) picker.pieceLost(piece)
    },
)

test('the picker obeys the rules of the naive model, whatever happens', () => {
  const step = fc.oneof(
    { weight: 2, arbitrary: join },
    { weight: 1, arbitrary: leave },
    { weight: 2, arbitrary: have },
    { weight: 6, arbitrary: pick },
    { weight: 6, arbitrary: arrive },
    { weight: 1, arbitrary: prioritize },
    { weight: 1, arbitrary: lose },
  )
  fc.assert(
    fc.property(fc.integer(), fc.array(step, { maxLength: 80, size: 'max' }), (seed, steps) => {
      const world = new World(seed)
      for (const change of steps) {
        change(world)
        world.check()
      }
    }),
    { numRuns: 400 },
  )
})
