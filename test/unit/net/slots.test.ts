import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Slots } from '../../../src/net/slots.ts'

const never = new AbortController().signal

describe('Slots', () => {
  it('lets in up to the limit, and the rest in order as others leave', async () => {
    const slots = new Slots({ limit: 2, waitingLimit: 10, what: 'things' })
    const order: string[] = []
    const noted = (name: string) => (release: () => void) => {
      order.push(name)
      return release
    }
    const first = await slots.acquire(never)
    const second = await slots.acquire(never)
    const third = slots.acquire(never).then(noted('third'))
    const fourth = slots.acquire(never).then(noted('fourth'))
    assert.deepEqual([slots.taken, slots.waiting], [2, 2])
    first()
    first()
    const release = await third
    assert.deepEqual(order, ['third'])
    second()
    release()
    const last = await fourth
    last()
    assert.deepEqual([slots.taken, slots.waiting], [0, 0])
  })

  it('turns away who comes when the line is full', async () => {
    const slots = new Slots({ limit: 1, waitingLimit: 1, what: 'things' })
    const release = await slots.acquire(never)
    const waiting = slots.acquire(never)
    await assert.rejects(slots.acquire(never), { name: 'ProtocolError', code: 'too-busy', message: /things/ })
    release()
    ;(await waiting)()
  })

  it('lets whoever is aborted leave the line', async () => {
    const slots = new Slots({ limit: 1, waitingLimit: 5, what: 'things' })
    const reason = new Error('no longer')
    await assert.rejects(slots.acquire(AbortSignal.abort(reason)), reason)
    const release = await slots.acquire(never)
    const controller = new AbortController()
    const leaving = slots.acquire(controller.signal)
    const staying = slots.acquire(never)
    controller.abort(reason)
    await assert.rejects(leaving, reason)
    assert.equal(slots.waiting, 1)
    release()
    ;(await staying)()
    assert.equal(slots.taken, 0)
  })
})
