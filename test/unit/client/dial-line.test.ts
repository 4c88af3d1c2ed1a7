import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DialLine } from '../../../src/client/dial-line.ts'
import { CLIENT_LIMITS } from '../../../src/client/limits.ts'
import { manualTurns, Owner } from '../../support/manual-turns.ts'

const { halfOpen, halfOpenPerTorrent } = CLIENT_LIMITS

/** A torrent that would dial so many. */
class Home extends Owner {
  readonly #line: DialLine<Home>
  readonly #dialled: string[]
  readonly name: string
  wants: number

  constructor(line: DialLine<Home>, dialled: string[], name: string, wants: number) {
    super()
    this.#line = line
    this.#dialled = dialled
    this.name = name
    this.wants = wants
  }

  connectMore(): void {
    while (this.wants > 0 && this.#line.mayDial(this)) {
      this.wants--
      this.#dialled.push(this.name)
      this.#line.began(this)
    }
  }
}

function scene(options: { isFull?: () => boolean } = {}) {
  const line = new DialLine<Home>({ isFull: options.isFull ?? (() => false), turns: manualTurns().turns })
  const dialled: string[] = []
  const home = (name: string, wants: number): Home => {
    const added = new Home(line, dialled, name, wants)
    added.connectMore()
    return added
  }
  const answered = (by: Home): void => {
    line.ended(by)
    line.serve()
  }
  const taken = (): string => dialled.splice(0).join('')
  return { line, home, answered, taken }
}

describe('who may dial', () => {
  it('is everybody as long as there are places, but for who has most of them', () => {
    const { line, home, taken } = scene()
    const greedy = home('a', 1000)
    assert.equal(taken(), 'a'.repeat(halfOpenPerTorrent))
    assert.equal(line.isWaiting(greedy), true)
    home('b', 3)
    assert.equal(taken(), 'bbb')
    assert.equal(line.count, halfOpenPerTorrent + 3)
  })

  it('is one after the other where places come free', () => {
    const { home, answered, taken } = scene()
    const [a, b] = [home('a', 1000), home('b', 1000)]
    assert.equal(taken(), 'a'.repeat(halfOpenPerTorrent) + 'b'.repeat(halfOpen - halfOpenPerTorrent))
    home('c', 2)
    home('d', 9)
    for (let i = 0; i < 3; i++) {
      answered(a)
      answered(b)
    }
    assert.equal(taken(), 'abcdab')
  })

  it('is nobody while the session is full', () => {
    let isFull = true
    const { line, home, taken } = scene({ isFull: () => isFull })
    home('a', 1)
    home('b', 1)
    line.serve()
    assert.equal(taken(), '')
    isFull = false
    line.serve()
    assert.equal(taken(), 'ab')
  })

  it('is the next one where somebody has nobody left to dial', () => {
    const { home, answered, taken } = scene()
    const a = home('a', 1000)
    home('b', 1000)
    const gone = home('c', 1)
    home('d', 1)
    taken()
    gone.wants = 0
    for (let i = 0; i < 3; i++) answered(a)
    assert.equal(taken(), 'abd')
  })
})
