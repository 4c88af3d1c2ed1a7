import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { SystemAlarm } from '../../../src/net/system-alarm.ts'

/** An alarm on the test's own timers. */
function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  const rung: number[] = []
  const alarm = new SystemAlarm({ monotonic: () => now, wall: () => 0 })
  alarm.onRing(() => rung.push(now))
  const pass = (time: number) => {
    for (let i = 0; i < time; i++) {
      now++
      t.mock.timers.tick(1)
    }
  }
  return { alarm, rung, pass }
}

describe('SystemAlarm', () => {
  it('rings once, not before its time', t => {
    const { alarm, rung, pass } = setUp(t)
    alarm.set(9.5)
    pass(9)
    assert.deepEqual(rung, [])
    pass(50)
    assert.deepEqual(rung, [10])
  })

  it('rings at once for a time that has passed', t => {
    const { alarm, rung, pass } = setUp(t)
    pass(20)
    alarm.set(5)
    pass(1)
    assert.equal(rung.length, 1)
  })

  it('follows an earlier and a later time', t => {
    const { alarm, rung, pass } = setUp(t)
    alarm.set(50)
    alarm.set(10)
    pass(10)
    assert.deepEqual(rung, [10])
    alarm.set(20)
    alarm.set(40)
    pass(29)
    assert.deepEqual(rung, [10])
    pass(1)
    assert.deepEqual(rung, [10, 40])
  })

  it('never rings for never, nor when closed', t => {
    const { alarm, rung, pass } = setUp(t)
    alarm.set(10)
    alarm.set(Number.POSITIVE_INFINITY)
    pass(20)
    alarm.set(30)
    alarm.close()
    pass(20)
    assert.deepEqual(rung, [])
  })

  it('may be set again while it rings', t => {
    const { alarm, rung, pass } = setUp(t)
    alarm.onRing(() => {
      rung.push(0)
      if (rung.length < 3) alarm.set(0)
    })
    alarm.set(1)
    pass(5)
    assert.equal(rung.length, 3)
  })

  it('waits for a time beyond the longest timer', t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let now = 0
    let rung = 0
    const alarm = new SystemAlarm({ monotonic: () => now, wall: () => 0 })
    alarm.onRing(() => rung++)
    alarm.set(3e9)
    now = 0x7fffffff
    t.mock.timers.tick(0x7fffffff)
    assert.equal(rung, 0)
    now = 3e9
    t.mock.timers.tick(3e9 - 0x7fffffff)
    assert.equal(rung, 1)
  })
})
