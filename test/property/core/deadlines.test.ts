import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { Deadlines } from '../../../src/core/deadlines.ts'

const step = fc.oneof(
  fc.record({ act: fc.constant('set' as const), key: fc.nat(8), at: fc.nat(20) }),
  fc.record({ act: fc.constant('delete' as const), key: fc.nat(8), at: fc.constant(0) }),
  fc.record({ act: fc.constant('take' as const), key: fc.constant(0), at: fc.nat(20) }),
)

/** Fifteen lines that are plainly right, to compare with. */
class NaiveDeadlines {
  entries: { key: number; at: number }[] = []
  set(key: number, at: number): void {
    if (this.entries.some(entry => entry.key === key && entry.at === at)) return
    this.delete(key)
    this.entries.push({ key, at })
  }
  delete(key: number): void {
    this.entries = this.entries.filter(entry => entry.key !== key)
  }
  take(now: number): number | null {
    const first = this.entries.toSorted((a, b) => a.at - b.at).find(entry => entry.at <= now)
    if (first !== undefined) this.delete(first.key)
    return first?.key ?? null
  }
}

it('Deadlines behaves as a sorted list would', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const heap = new Deadlines<number>()
      const naive = new NaiveDeadlines()
      for (const { act, key, at } of steps) {
        if (act === 'set') {
          heap.set(key, at)
          naive.set(key, at)
        } else if (act === 'delete') {
          heap.delete(key)
          naive.delete(key)
        } else assert.equal(heap.take(at), naive.take(at))
        assert.equal(heap.size, naive.entries.length)
        assert.equal(heap.next(), Math.min(Number.POSITIVE_INFINITY, ...naive.entries.map(entry => entry.at)))
      }
    }),
  )
})
