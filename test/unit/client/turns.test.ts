import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Flushed, Timed } from '../../../src/client/turns.ts'
import { manualTurns, Owner } from '../../support/manual-turns.ts'

/** Something with a deadline that writes down when it is looked at. */
class Item extends Owner implements Timed, Flushed {
  at = Number.POSITIVE_INFINITY
  readonly ticks: number[] = []
  flushes = 0
  onTick: () => void = () => {
    this.at = Number.POSITIVE_INFINITY
  }
  onFlush: () => void = () => undefined

  tick(now: number): void {
    this.ticks.push(now)
    this.onTick()
  }

  deadline(): number {
    return this.at
  }

  flush(): void {
    this.flushes++
    this.onFlush()
  }
}

function itemAt(at: number): Item {
  const item = new Item()
  item.at = at
  return item
}

const fault = (message: string) => (): never => {
  throw new Error(message)
}

describe('a turn', () => {
  it('is told the time', () => {
    const { time, turns } = manualTurns()
    let told = 0
    turns.enter(new Owner(), now => {
      told = now
    })
    assert.equal(told, time.now)
    assert.equal(turns.now(), time.now)
  })

  it('makes what is thrown the error of whoever was entered, and of nobody else', () => {
    const { turns } = manualTurns()
    const [ann, bob] = [new Owner(), new Owner()]
    const steps: string[] = []
    turns.enter(ann, () => {
      turns.enter(bob, fault('in bob'))
      steps.push('ann goes on')
      fault('in ann')()
    })
    turns.enter(bob, () => steps.push('bob is entered again'))
    assert.deepEqual([ann.errors, bob.errors], [['in ann'], ['in bob']])
    assert.deepEqual(steps, ['ann goes on', 'bob is entered again'])
  })
})

describe('flushing', () => {
  it('happens once, at the end of the outermost turn', () => {
    const { turns } = manualTurns()
    const item = new Item()
    turns.enter(new Owner(), () => {
      turns.flushLater(item)
      turns.enter(new Owner(), () => turns.flushLater(item))
      assert.equal(item.flushes, 0)
    })
    assert.equal(item.flushes, 1)
    turns.enter(new Owner(), () => undefined)
    assert.equal(item.flushes, 1)
  })

  it('happens after a fault too', () => {
    const { turns } = manualTurns()
    const item = new Item()
    turns.enter(new Owner(), () => {
      turns.flushLater(item)
      fault('after that')()
    })
    assert.equal(item.flushes, 1)
  })

  it('goes on until nobody has output, and a fault in it is its own', () => {
    const { turns } = manualTurns()
    const [first, second, broken] = [new Item(), new Item(), new Item()]
    first.onFlush = () => {
      if (first.flushes === 1) turns.enter(second, () => turns.flushLater(second))
    }
    second.onFlush = () => {
      if (second.flushes === 1) turns.flushLater(first)
    }
    broken.onFlush = fault('broken')
    turns.enter(new Owner(), () => {
      for (const item of [broken, first]) turns.flushLater(item)
    })
    assert.deepEqual([first.flushes, second.flushes], [2, 1])
    assert.deepEqual(broken.errors, ['broken'])
  })
})

describe('deadlines', () => {
  it('set the one alarm to the earliest, at the end of a turn', () => {
    const { time, turns } = manualTurns()
    turns.enter(new Owner(), () => {
      for (const at of [5000, 3000, 4000]) turns.heed(itemAt(at))
      assert.equal(time.alarmAt, Number.POSITIVE_INFINITY)
    })
    assert.equal(time.alarmAt, 3000)
  })

  it('are looked at when they are due, each in time', () => {
    const { time, turns } = manualTurns()
    const items = [itemAt(3000), itemAt(2000), itemAt(9000)]
    const [, second] = items
    second!.onTick = () => {
      second!.at = second!.ticks.length === 1 ? 2500 : Number.POSITIVE_INFINITY
    }
    turns.enter(new Owner(), () => items.forEach(item => turns.heed(item)))
    assert.equal(time.pass(4000), 3)
    assert.deepEqual(
      items.map(item => item.ticks),
      [[3000], [2000, 2500], []],
    )
    assert.equal(time.alarmAt, 9000)
  })

  it('can come nearer, and go away', () => {
    const { time, turns } = manualTurns()
    const [near, gone, forgotten] = [itemAt(9000), itemAt(3000), itemAt(3000)]
    turns.enter(new Owner(), () => [near, gone, forgotten].forEach(item => turns.heed(item)))
    near.at = 2000
    gone.at = Number.POSITIVE_INFINITY
    turns.enter(new Owner(), () => {
      turns.heed(near)
      turns.heed(gone)
      turns.forget(forgotten)
    })
    time.pass(5000)
    assert.deepEqual([near.ticks, gone.ticks, forgotten.ticks], [[2000], [], []])
  })

  it('that stay in the past are looked at every millisecond, not for ever in one', () => {
    const { time, turns } = manualTurns()
    const stuck = itemAt(2000)
    stuck.onTick = () => undefined
    turns.enter(new Owner(), () => turns.heed(stuck))
    time.pass(1003)
    assert.deepEqual(stuck.ticks, [2000, 2001, 2002, 2003])
  })

  it('of others are looked at though one throws, and what they queue is flushed', () => {
    const { time, turns } = manualTurns()
    const [broken, well] = [itemAt(2000), itemAt(2000)]
    broken.onTick = () => {
      broken.at = Number.POSITIVE_INFINITY
      fault('broken')()
    }
    well.onTick = () => {
      well.at = Number.POSITIVE_INFINITY
      turns.flushLater(well)
    }
    turns.enter(new Owner(), () => [broken, well].forEach(item => turns.heed(item)))
    time.pass(2000)
    assert.deepEqual(broken.errors, ['broken'])
    assert.deepEqual([well.ticks.length, well.flushes], [1, 1])
  })

  it('end with the session', () => {
    const { time, turns } = manualTurns()
    const item = itemAt(2000)
    turns.enter(new Owner(), () => turns.heed(item))
    time.alarmAt = Number.POSITIVE_INFINITY
    turns.close()
    assert.equal(time.isAlarmClosed, true)
    turns.enter(new Owner(), () => turns.heed(item))
    assert.equal(time.alarmAt, Number.POSITIVE_INFINITY)
  })
})

describe('a probe of turns', () => {
  it('hears of each turn once, whatever is entered in it, and after all is flushed', () => {
    const steps: string[] = []
    const { time, turns } = manualTurns({ begin: () => steps.push('begin'), end: () => steps.push('end') })
    const item = itemAt(2000)
    item.onFlush = () => steps.push('flush')
    turns.enter(new Owner(), () => {
      turns.heed(item)
      turns.flushLater(item)
      turns.enter(new Owner(), fault('inside'))
      steps.push('work')
    })
    assert.deepEqual(steps.splice(0), ['begin', 'work', 'flush', 'end'])
    time.pass(2000)
    assert.deepEqual(steps, ['begin', 'end'])
  })
})
