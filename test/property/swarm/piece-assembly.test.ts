import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BLOCK_LENGTH } from '../../../src/metainfo/geometry.ts'
import type { BlockPlace } from '../../../src/swarm/block-place.ts'
import { PieceAssembly } from '../../../src/swarm/piece-assembly.ts'
import { extentPool } from '../../support/gathering.ts'

const PIECES = 2
const BLOCKS = 18
const SOURCES = 3

/** Each source fills its blocks with a number of its own, so that every byte tells who wrote it. */
class World {
  readonly pool = extentPool(6)
  readonly assembly = new PieceAssembly({ pool: this.pool, lengthOf: () => BLOCKS * BLOCK_LENGTH })
  readonly sources = Array.from({ length: SOURCES }, (_, index) => ({ fill: index + 1 }))
  /**
   * What each source is in the middle of, and how much of it came. `isLate`: another was done first, so that it counts
   * for nothing even where the block is lost again before its end.
   */
  readonly sending = new Map<object, { place: BlockPlace; sent: number; isLate: boolean }>()
  /** Places of those who left or whose piece is gone: what they still write may show nowhere. */
  readonly orphans: BlockPlace[] = []
  /** Who sent each block that arrived, by `piece.block`; as the rules have it. */
  readonly expected = new Map<string, { fill: number }>()
  readonly onDisk = new Set<string>()

  begin(piece: number, block: number, from: number): void {
    const source = this.sources[from]!
    const place = this.assembly.place(piece, block * BLOCK_LENGTH, BLOCK_LENGTH, source)
    const isWelcome = this.assembly.isOpen(piece) && !this.expected.has(`${piece}.${block}`)
    if (!this.assembly.isSpilled(piece)) assert.equal(place !== null, isWelcome)
    if (!place) return
    this.leave(source)
    this.sending.set(source, { place, sent: 0, isLate: false })
  }

  /** What the source is in the middle of will not be finished. */
  leave(source: object): void {
    const sending = this.sending.get(source)
    if (!sending) return
    this.sending.delete(source)
    this.orphans.push(sending.place)
  }

  send(from: number, share: number): void {
    const source = this.sources[from]!
    const sending = this.sending.get(source)
    if (!sending) return
    const count = Math.min(share, BLOCK_LENGTH - sending.sent)
    sending.place.write(new Uint8Array(count).fill(source.fill))
    sending.sent += count
    if (sending.sent < BLOCK_LENGTH) return
    this.sending.delete(source)
    const { piece, begin } = sending.place
    const key = `${piece}.${begin / BLOCK_LENGTH}`
    const state = this.assembly.arrived(piece, begin, source)
    assert.equal(state === 'duplicate', sending.isLate || this.expected.has(key))
    if (state === 'duplicate') return
    this.expected.set(key, source)
    for (const other of this.sending.values()) {
      if (other.place.piece === piece && other.place.begin === begin) other.isLate = true
    }
  }

  forget(piece: number): void {
    for (const key of [...this.expected.keys()]) if (key.startsWith(`${piece}.`)) this.expected.delete(key)
    for (const key of [...this.onDisk]) if (key.startsWith(`${piece}.`)) this.onDisk.delete(key)
    for (const [source, { place }] of this.sending) if (place.piece === piece) this.leave(source)
  }

  spill(piece: number): void {
    const runs = this.assembly.runs(piece)
    for (const run of runs) {
      for (let at = 0; at < run.length; at += BLOCK_LENGTH)
        this.onDisk.add(`${piece}.${(run.begin + at) / BLOCK_LENGTH}`)
    }
    this.assembly.spilled(piece, runs)
  }

  haunt(): void {
    for (const place of this.orphans) place.write(new Uint8Array(16).fill(0xee))
  }

  check(): void {
    for (let piece = 0; piece < PIECES; piece++) {
      const sources = this.assembly.sources(piece)
      for (const [block, source] of sources.entries()) {
        assert.equal(source, this.expected.get(`${piece}.${block}`) ?? null)
      }
      const held = new Set<string>()
      for (const { begin, parts } of this.assembly.runs(piece)) {
        let block = begin / BLOCK_LENGTH
        for (const part of parts) {
          for (let at = 0; at < part.length; at += BLOCK_LENGTH, block++) {
            const fill = this.expected.get(`${piece}.${block}`)!.fill
            const isPure = part.subarray(at, at + BLOCK_LENGTH).every(byte => byte === fill)
            assert.ok(isPure, `block ${block} of piece ${piece} has bytes of another source than ${fill}`)
            held.add(`${piece}.${block}`)
          }
        }
      }
      for (let block = 0; block < BLOCKS; block++) {
        const key = `${piece}.${block}`
        assert.equal(held.has(key), this.expected.has(key) && !this.onDisk.has(key), key)
      }
      assert.equal(this.assembly.isWhole(piece), sources.length === BLOCKS && sources.every(s => s !== null))
    }
  }
}

type Step = (world: World) => void

const piece = fc.nat(PIECES - 1)
/** Few blocks, so that sources meet; one of them in the second extent. */
const block = fc.constantFrom(0, 1, 17)
const source = fc.nat(SOURCES - 1)

const steps = fc.oneof(
  {
    weight: 2,
    arbitrary: piece.map(
      (p): Step =>
        ({ assembly }) =>
          void assembly.open(p),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(piece, block, source).map(
      ([p, b, s]): Step =>
        world =>
          world.begin(p, b, s),
    ),
  },
  {
    weight: 12,
    arbitrary: fc.tuple(source, fc.constantFrom(1, 5000, BLOCK_LENGTH)).map(
      ([s, share]): Step =>
        world =>
          world.send(s, share),
    ),
  },
  {
    weight: 3,
    arbitrary: source.map(
      (s): Step =>
        world => {
          world.assembly.sourceGone(world.sources[s]!)
          world.leave(world.sources[s]!)
        },
    ),
  },
  {
    weight: 1,
    arbitrary: piece.map(
      (p): Step =>
        world => {
          world.assembly.release(p)
          world.forget(p)
        },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(piece, block).map(
      ([p, b]): Step =>
        world => {
          world.assembly.fail(p, [b])
          world.expected.delete(`${p}.${b}`)
          world.onDisk.delete(`${p}.${b}`)
        },
    ),
  },
  {
    weight: 1,
    arbitrary: piece.map(
      (p): Step =>
        world =>
          world.spill(p),
    ),
  },
  { weight: 2, arbitrary: fc.constant<Step>(world => world.haunt()) },
)

test('a block holds what its source sent and nothing else, whoever writes, leaves or is late', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 60, size: 'max' }), story => {
      const world = new World()
      for (const step of story) {
        step(world)
        world.check()
      }
      for (let p = 0; p < PIECES; p++) world.assembly.release(p)
      assert.equal(world.pool.lent, 0)
    }),
    { numRuns: 200 },
  )
})
