import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eachRun, pieceRuns } from '../../../src/storage/piece-runs.ts'
import { FOUR_FILES, PIECE_LENGTH } from '../../contract/storage/stored-torrents.ts'

describe('pieceRuns', () => {
  it('gathers small pieces', () => {
    assert.deepEqual(pieceRuns(FOUR_FILES.geometry, 2 * PIECE_LENGTH), [
      { first: 0, end: 2, length: 2 * PIECE_LENGTH },
      { first: 2, end: 4, length: PIECE_LENGTH + 1300 },
    ])
  })

  it('has one run for each large piece', () => {
    assert.equal(pieceRuns(FOUR_FILES.geometry, 1).length, 4)
  })
})

describe('eachRun', () => {
  const runs = pieceRuns(FOUR_FILES.geometry, 1)

  it('does all, so many at once', async () => {
    let underWay = 0
    let most = 0
    const done: number[] = []
    await eachRun(runs, { atOnce: 2 }, async ({ first }) => {
      most = Math.max(most, ++underWay)
      await Promise.resolve()
      underWay--
      done.push(first)
    })
    assert.deepEqual(done, [0, 1, 2, 3])
    assert.equal(most, 2)
  })

  it('stops at the first that fails', async () => {
    let begun = 0
    const hash = async (): Promise<void> => {
      begun++
      await Promise.resolve()
      throw new Error('disk')
    }
    await assert.rejects(eachRun(runs, { atOnce: 1 }, hash), /disk/)
    assert.equal(begun, 1)
  })

  it('stops with the signal’s reason', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const work = eachRun(runs, { atOnce: 1, signal: abort.signal }, async () => abort.abort(reason))
    await assert.rejects(work, error => error === reason)
  })
})
