import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { abortable, withinTime } from '../../../src/net/abortable.ts'

const reason = new Error('no longer needed')
const forever = () => new Promise<never>(() => {})

describe('abortable', () => {
  it('gives what the work gives', async () => {
    const { signal } = new AbortController()
    assert.equal(await abortable(Promise.resolve(1), signal), 1)
    await assert.rejects(abortable(Promise.reject(reason), signal), reason)
  })

  it('stops waiting with the reason', async () => {
    const controller = new AbortController()
    const waiting = abortable(forever(), controller.signal)
    controller.abort(reason)
    await assert.rejects(waiting, reason)
    await assert.rejects(abortable(forever(), controller.signal), reason)
  })
})

describe('withinTime', () => {
  const late = () => new Error('late')

  it('tells the work when the time is over', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const work = withinTime({ time: 100, late }, signal => abortable(forever(), signal))
    t.mock.timers.tick(100)
    await assert.rejects(work, { message: 'late' })
  })

  it('tells the work when the caller has enough', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const work = withinTime({ time: 10_000, late, signal }, inner => abortable(forever(), inner))
    controller.abort(reason)
    await assert.rejects(work, reason)
    await assert.rejects(
      withinTime({ time: 1, late, signal }, async () => assert.fail('started')),
      reason,
    )
  })
})
