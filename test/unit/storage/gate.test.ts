import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Gate } from '../../../src/storage/gate.ts'

/** Work that says when it begins, and ends when it is told to. */
function work(log: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  return {
    run: () => (log.push(name), promise),
    end: () => resolve(name),
    fail: () => reject(new Error(name)),
  }
}

/** All that can happen by itself has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

describe('Gate', () => {
  it('lets work pass side by side', async () => {
    const gate = new Gate()
    const log: string[] = []
    const [a, b] = [work(log, 'a'), work(log, 'b')]
    const both = Promise.all([gate.pass(a.run), gate.pass(b.run)])
    await settled()
    assert.deepEqual(log, ['a', 'b'])
    b.end()
    a.end()
    assert.deepEqual(await both, ['a', 'b'])
  })

  it('lets who must be alone wait for what is under way, and others for him', async () => {
    const gate = new Gate()
    const log: string[] = []
    const [a, alone, b] = [work(log, 'a'), work(log, 'alone'), work(log, 'b')]
    const all = Promise.all([gate.pass(a.run), gate.alone(alone.run), gate.pass(b.run)])
    await settled()
    assert.deepEqual(log, ['a'])
    a.end()
    await settled()
    assert.deepEqual(log, ['a', 'alone'])
    alone.end()
    await settled()
    assert.deepEqual(log, ['a', 'alone', 'b'])
    b.end()
    await all
  })

  it('goes on after work that failed, alone or not', async () => {
    const gate = new Gate()
    const log: string[] = []
    const [a, alone, next] = [work(log, 'a'), work(log, 'alone'), work(log, 'next')]
    const failed = assert.rejects(gate.pass(a.run), /a/)
    const failedToo = assert.rejects(gate.alone(alone.run), /alone/)
    const last = gate.alone(next.run)
    a.fail()
    await failed
    await settled()
    alone.fail()
    await failedToo
    await settled()
    next.end()
    assert.equal(await last, 'next')
    assert.deepEqual(log, ['a', 'alone', 'next'])
  })
})
