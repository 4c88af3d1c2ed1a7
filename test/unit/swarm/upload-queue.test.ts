import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UploadQueue } from '../../../src/swarm/upload-queue.ts'

/** A queue of requests `piece.block`, of blocks of 10 bytes. */
function queue(...requests: string[]): UploadQueue {
  const uploads = new UploadQueue({ limit: 1000 })
  for (const request of requests) assert.equal(uploads.add(block(request)), true)
  return uploads
}

function block(name: string) {
  const [piece, index] = name.split('.').map(Number) as [number, number]
  return { piece, begin: index * 10, length: 10 }
}

function run(uploads: UploadQueue, blocks = 15, bytes = 1000): string {
  const taken = uploads.takeRun(blocks, bytes)
  if (!taken) return 'none'
  assert.equal(taken.length, taken.lengths.length * 10)
  return `${taken.piece}.${taken.begin / 10}+${taken.lengths.length}`
}

describe('UploadQueue', () => {
  it('answers neighbours together, first come, first served', () => {
    const uploads = queue('1.0', '1.1', '1.2', '1.4', '2.5', '1.5', '1.6')
    assert.deepEqual(
      Array.from({ length: 5 }, () => run(uploads)),
      ['1.0+3', '1.4+1', '2.5+1', '1.5+2', 'none'],
    )
    assert.equal(uploads.size, 0)
  })

  it('does not take what follows in another piece, or out of order', () => {
    const uploads = queue('1.1', '2.2', '2.1')
    assert.deepEqual([run(uploads), run(uploads), run(uploads)], ['1.1+1', '2.2+1', '2.1+1'])
  })

  it('answers a request that was made twice twice', () => {
    const uploads = queue('1.0', '1.0')
    assert.deepEqual([run(uploads), run(uploads), run(uploads)], ['1.0+1', '1.0+1', 'none'])
  })

  it('cuts a run at so many blocks and so many bytes, but always takes one', () => {
    const uploads = queue('1.0', '1.1', '1.2', '1.3', '1.4', '1.5')
    assert.equal(run(uploads, 2), '1.0+2')
    assert.equal(run(uploads, 15, 29), '1.2+2')
    assert.equal(run(uploads, 15, 5), '1.4+1')
    assert.equal(run(uploads, 15, 10), '1.5+1')
  })

  it('says what the next run would be, and leaves it', () => {
    const uploads = queue('1.0', '1.1', '2.0')
    assert.deepEqual(uploads.nextRun(15, 1000), { piece: 1, begin: 0, lengths: [10, 10], length: 20 })
    assert.equal(uploads.nextRun(15, 10)?.length, 10)
    assert.equal(uploads.size, 3)
    assert.equal(queue().nextRun(15, 1000), null)
  })

  it('refuses what is beyond its limit, until there is room', () => {
    const uploads = new UploadQueue({ limit: 2 })
    const added = ['1.0', '1.1', '1.2'].map(request => uploads.add(block(request)))
    assert.deepEqual(added, [true, true, false])
    run(uploads, 1)
    assert.equal(uploads.add(block('1.2')), true)
    assert.equal(uploads.add(block('1.3')), false)
  })

  it('forgets what is cancelled: one, exactly that, and only while it waits', () => {
    const uploads = queue('1.0', '1.1', '1.1')
    assert.equal(uploads.cancel(1, 10, 9), false)
    assert.equal(uploads.cancel(1, 10, 10), true)
    assert.equal(uploads.size, 2)
    assert.equal(run(uploads), '1.0+2')
    assert.equal(uploads.cancel(1, 0, 10), false)
  })

  it('forgets all of a piece, and keeps the order of the rest', () => {
    const uploads = queue('0.0', '1.0', '2.0', '1.1', '2.1')
    run(uploads)
    assert.deepEqual(uploads.cancelPiece(1), [block('1.0'), block('1.1')])
    assert.deepEqual(uploads.cancelPiece(1), [])
    assert.equal(run(uploads), '2.0+2')
  })

  it('forgets everything and says what it was', () => {
    const uploads = queue('0.0', '1.0', '2.0')
    run(uploads)
    assert.deepEqual(uploads.clear(), [block('1.0'), block('2.0')])
    assert.equal(uploads.size, 0)
    assert.deepEqual(uploads.clear(), [])
  })
})
