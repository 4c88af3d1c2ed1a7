import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CLIENT_LIMITS } from '../../../src/client/limits.ts'
import { Openings } from '../../../src/client/openings.ts'

const { openingTorrents } = CLIENT_LIMITS

/** Lets everything go on that can. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

/** Those who ask for a turn in a folder, in order, and may give up. */
class Line {
  readonly openings = new Openings()
  readonly entered: string[] = []
  readonly #leaving = new Map<string, () => void>()
  readonly #aborts = new Map<string, AbortController>()

  ask(name: string, folder = 'a'): Promise<void> {
    const abort = new AbortController()
    this.#aborts.set(name, abort)
    return this.openings.enter(folder, abort.signal).then(leave => {
      this.entered.push(name)
      this.#leaving.set(name, leave)
    })
  }

  async askAll(names: readonly string[], folder = 'a'): Promise<void> {
    for (const name of names) void this.ask(name, folder).catch(() => undefined)
    await settled()
  }

  async leaves(name: string): Promise<void> {
    this.#leaving.get(name)!()
    await settled()
  }

  giveUp(name: string): void {
    this.#aborts.get(name)!.abort(new Error('enough'))
  }
}

/** As many as may be in at a time. */
const FULL = Array.from({ length: openingTorrents }, (_, index) => `${index}`)

describe('Openings', () => {
  it('lets in a few at a time, in the order they came', async () => {
    const line = new Line()
    await line.askAll([...FULL, 'x', 'y'])
    assert.deepEqual(line.entered, FULL)
    await line.leaves('3')
    assert.deepEqual(line.entered, [...FULL, 'x'])
    await line.leaves('x')
    assert.deepEqual(line.entered, [...FULL, 'x', 'y'])
  })

  it('counts each folder by itself', async () => {
    const line = new Line()
    await line.askAll(FULL)
    await line.askAll(['x'], 'b')
    assert.deepEqual(line.entered, [...FULL, 'x'])
  })

  it('takes a turn as over once, however often that is said', async () => {
    const line = new Line()
    await line.askAll([...FULL, 'x', 'y'])
    await line.leaves('0')
    await line.leaves('0')
    assert.deepEqual(line.entered, [...FULL, 'x'])
  })

  it('forgets who gives up', async () => {
    const line = new Line()
    await line.askAll(FULL)
    const asked = line.ask('x')
    await line.askAll(['y'])
    line.giveUp('x')
    await assert.rejects(asked, /enough/)
    await line.leaves('0')
    assert.deepEqual(line.entered, [...FULL, 'y'])
  })

  it('loses no turn to one who gives up at the very moment it is given to him', async () => {
    for (const isGivenFirst of [true, false]) {
      const line = new Line()
      await line.askAll([...FULL, 'x', 'y'])
      if (!isGivenFirst) line.giveUp('x')
      const leaving = line.leaves('0')
      line.giveUp('x')
      await leaving
      if (line.entered.includes('x')) await line.leaves('x')
      assert.equal(line.entered.at(-1), 'y')
    }
  })
})
