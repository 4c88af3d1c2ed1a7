import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, it } from 'node:test'
import { orAborted } from '../../../src/core/or-aborted.ts'

describe('a promise or an abort', () => {
  it('is the promise where there is no signal, or none that aborts', async () => {
    assert.equal(await orAborted(Promise.resolve(7), undefined), 7)
    assert.equal(await orAborted(Promise.resolve(7), new AbortController().signal), 7)
    await assert.rejects(orAborted(Promise.reject(new Error('no')), new AbortController().signal), /no/)
  })

  it('is the abort where that comes first, with its reason', async () => {
    const controller = new AbortController()
    const waiting = orAborted(new Promise(() => undefined), controller.signal)
    controller.abort(new Error('enough'))
    await assert.rejects(waiting, /enough/)
    await assert.rejects(orAborted(Promise.resolve(7), controller.signal), /enough/)
    // A rejection that nobody handles would fail this test.
    await assert.rejects(orAborted(Promise.reject(new Error('no')), controller.signal), /enough/)
    await new Promise(resolve => setImmediate(resolve))
  })

  it('leaves no listener behind, whichever it was', async () => {
    const { signal } = new AbortController()
    await orAborted(Promise.resolve(7), signal)
    await assert.rejects(orAborted(Promise.reject(new Error('no')), signal))
    assert.equal(getEventListeners(signal, 'abort').length, 0)
  })
})
