import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PipelineDepth } from '../../../src/swarm/pipeline-depth.ts'

/** A line that carries a block each `interval` with so much delay, kept as full as the depth says. */
class Line {
  readonly depth: PipelineDepth
  now = 0
  readonly #interval: number
  readonly #delay: number
  #asked: number[] = []
  #lastDone = 0

  constructor(options: { interval: number; delay: number }) {
    this.#interval = options.interval
    this.#delay = options.delay
    this.depth = new PipelineDepth(0)
  }

  /** Runs for so long and returns the blocks per second that came. */
  run(duration: number, limit = 2000): number {
    const end = this.now + duration
    let count = 0
    while (true) {
      while (this.#asked.length < Math.min(limit, this.depth.blocks)) this.#asked.push(this.now)
      const done = Math.max(this.#asked[0]! + this.#delay, this.#lastDone + this.#interval)
      if (done > end) break
      this.now = this.#lastDone = done
      this.depth.arrived(done - this.#asked.shift()!, done)
      count++
    }
    this.now = end
    return (count * 1000) / duration
  }
}

describe('PipelineDepth', () => {
  it('starts small', () => {
    assert.equal(new PipelineDepth(0).blocks, 8)
  })

  it('reaches hundreds in a moment where the line is fast and short', () => {
    const line = new Line({ interval: 0.016, delay: 0.3 })
    line.run(20)
    assert.ok(line.depth.blocks > 500, `${line.depth.blocks} after 20 ms`)
  })

  it('fills a fast and long line within a second', () => {
    const line = new Line({ interval: 0.5, delay: 100 })
    line.run(1000)
    assert.ok(line.run(1000) > 0.95 * 2000)
  })

  it('doubles every round trip until the rate stops growing', () => {
    const line = new Line({ interval: 0.01, delay: 100 })
    const depths = [1, 2, 3, 4].map(() => {
      line.run(100.5)
      return line.depth.blocks
    })
    assert.deepEqual(depths, [16, 32, 64, 128])
  })

  it('settles at bandwidth times delay and a second on top', () => {
    const line = new Line({ interval: 10, delay: 50 })
    line.run(20_000)
    const ideal = (1000 + 50) / 10
    assert.ok(
      line.depth.blocks >= ideal && line.depth.blocks < 1.3 * ideal,
      `${line.depth.blocks} for ${ideal}`,
    )
  })

  it('asks a slow peer for little', () => {
    const line = new Line({ interval: 2000, delay: 100 })
    line.run(60_000)
    assert.equal(line.depth.blocks, 4)
  })

  it('does not take its own queue for the delay of the line', () => {
    const line = new Line({ interval: 10, delay: 5 })
    line.run(60_000)
    const before = line.depth.blocks
    line.run(60_000)
    assert.ok(line.depth.blocks <= before, `${before}, then ${line.depth.blocks}`)
  })

  it('follows a line that becomes faster, and one that becomes slower', () => {
    const line = new Line({ interval: 20, delay: 20 })
    line.run(10_000)
    const slow = line.depth.blocks
    for (let now = line.now; now < line.now + 3000; now += 5) line.depth.arrived(1000, now)
    assert.ok(line.depth.blocks > 2 * slow, `${slow}, then ${line.depth.blocks}`)
    for (let now = line.now + 3000; now < line.now + 13_000; now += 50) line.depth.arrived(1000, now)
    assert.ok(line.depth.blocks < slow, `${slow}, then ${line.depth.blocks}`)
  })

  it('learns nothing from a pause in which nothing was asked', () => {
    const line = new Line({ interval: 10, delay: 5 })
    line.run(10_000)
    const before = line.depth.blocks
    line.depth.resumed(line.now + 60_000)
    for (let now = 0; now < 5000; now += 10) line.depth.arrived(1000, line.now + 60_000 + now)
    assert.ok(Math.abs(line.depth.blocks - before) <= 0.1 * before, `${before}, then ${line.depth.blocks}`)
  })
})
