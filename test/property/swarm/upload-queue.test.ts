import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { BlockRef } from '../../../src/swarm/block.ts'
import { UploadQueue } from '../../../src/swarm/upload-queue.ts'

const LIMIT = 400

type Action =
  | { readonly do: 'add' | 'cancel'; readonly blocks: readonly BlockRef[] }
  | { readonly do: 'take'; readonly blocks: number; readonly bytes: number }
  | { readonly do: 'forget'; readonly piece: number }
  | { readonly do: 'clear' }

/** Blocks of 10 bytes that mostly follow one another, as requests do. */
const neighbours: fc.Arbitrary<BlockRef[]> = fc
  .record({ piece: fc.nat(2), first: fc.nat(5), count: fc.integer({ min: 1, max: 40 }) })
  .map(({ piece, first, count }) =>
    Array.from({ length: count }, (_, i) => ({ piece, begin: (first + i) * 10, length: 10 })),
  )

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: neighbours.map(blocks => ({ do: 'add', blocks }) as const) },
  { weight: 2, arbitrary: neighbours.map(blocks => ({ do: 'cancel', blocks }) as const) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('take' as const),
      blocks: fc.integer({ min: 1, max: 16 }),
      bytes: fc.nat(200),
    }),
  },
  { weight: 1, arbitrary: fc.nat(2).map(piece => ({ do: 'forget', piece }) as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'clear' } as const) },
)

test('the upload queue answers in order, and loses and doubles nothing', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 150 }), actions => {
      const queue = new UploadQueue({ limit: LIMIT })
      let waiting: BlockRef[] = []
      for (const step of actions) {
        waiting = carryOut(queue, step, waiting)
        assert.equal(queue.size, waiting.length)
      }
      assert.deepEqual(queue.clear(), waiting)
    }),
    { numRuns: 200 },
  )
})

/** Does a step with the queue and with a plain list, which it returns. */
function carryOut(queue: UploadQueue, step: Action, waiting: BlockRef[]): BlockRef[] {
  switch (step.do) {
    case 'add': {
      const accepted = step.blocks.filter(block => queue.add(block))
      assert.equal(accepted.length, Math.min(step.blocks.length, LIMIT - waiting.length))
      return [...waiting, ...accepted]
    }
    case 'cancel': {
      const rest = [...waiting]
      for (const block of step.blocks) {
        const at = rest.findIndex(other => other.piece === block.piece && other.begin === block.begin)
        assert.equal(queue.cancel(block.piece, block.begin, block.length), at >= 0)
        if (at >= 0) rest.splice(at, 1)
      }
      return rest
    }
    case 'take': {
      const announced = queue.nextRun(step.blocks, step.bytes)
      const run = queue.takeRun(step.blocks, step.bytes)
      assert.deepEqual(run, announced)
      if (!run) {
        assert.equal(waiting.length, 0)
        return waiting
      }
      assert.ok(run.lengths.length <= step.blocks)
      assert.ok(run.length <= Math.max(step.bytes, 10))
      let begin = run.begin
      const blocks = run.lengths.map(length => {
        begin += length
        return { piece: run.piece, begin: begin - length, length }
      })
      assert.deepEqual(blocks, waiting.slice(0, blocks.length))
      return waiting.slice(blocks.length)
    }
    case 'forget':
      assert.deepEqual(
        queue.cancelPiece(step.piece),
        waiting.filter(block => block.piece === step.piece),
      )
      return waiting.filter(block => block.piece !== step.piece)
    case 'clear':
      assert.deepEqual(queue.clear(), waiting)
      return []
  }
}
