import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Address, address, formatAddress } from '../../../src/core/address.ts'
import type { Contact } from '../../../src/dht/contact.ts'
import { DHT_LIMITS } from '../../../src/dht/limits.ts'
import { Lookup, type LookupResult } from '../../../src/dht/lookup.ts'
import { isSecureId } from '../../../src/dht/node-id.ts'
import { DHT_DEFAULTS } from '../../../src/dht/options.ts'

const TARGET = new Uint8Array(20)
const K = DHT_LIMITS.bucketNodes
const TOKEN = Uint8Array.of(1)

/** A node of this machine, where any id is right: the smaller `distance`, the nearer. */
function near(distance: number, port = distance + 1): Contact {
  const id = new Uint8Array(20)
  new DataView(id.buffer).setUint32(0, distance)
  return { id, address: address('127.0.0.1', port) }
}

/** A lookup whose questions the test answers. */
class Bench {
  readonly asked: Contact[] = []
  readonly lookup: Lookup
  result: LookupResult | null = null
  /** Addresses that nothing can be sent to. */
  readonly closed = new Set<string>()

  constructor(contacts: readonly Contact[], routers: readonly Address[] = []) {
    this.lookup = new Lookup({
      target: TARGET,
      contacts,
      routers,
      ask: to => {
        if (this.closed.has(formatAddress(to.address))) return false
        this.asked.push('id' in to ? to : { id: TARGET, address: to.address })
        return true
      },
      done: result => {
        assert.equal(this.result, null, 'it ends once')
        this.result = result
      },
      now: 0,
    })
    this.lookup.start(0)
  }

  /** The ports that were asked since the last call. */
  ports(): number[] {
    return this.asked.splice(0).map(contact => contact.address.port)
  }

  answers(contact: Contact, contacts: readonly Contact[] = [], id = contact.id): void {
    this.lookup.answered(contact.address, { id, contacts, token: TOKEN }, 0)
  }

  /** Everybody who is asked answers with what `knows` says, until it is over. */
  run(knows: (contact: Contact) => readonly Contact[]): LookupResult {
    for (let next = this.asked.shift(); next; next = this.asked.shift()) this.answers(next, knows(next))
    return this.result!
  }
}

describe('a lookup', () => {
  it('asks the nearest first, so many at a time', () => {
    const bench = new Bench([9, 3, 7, 1, 5, 2].map(each => near(each)))
    assert.deepEqual(bench.ports(), [2, 3, 4, 6].slice(0, DHT_DEFAULTS.questionsAtOnce))
    bench.answers(near(1))
    assert.deepEqual(bench.ports(), [8])
  })

  it('goes to nearer ones that it is told of, and ends when the nearest have answered', () => {
    const all = Array.from({ length: 100 }, (_, i) => near(i))
    const bench = new Bench(all.slice(-4))
    // Each knows those that are some steps nearer.
    const result = bench.run(({ address: { port } }) => all.slice(Math.max(0, port - 25), port - 1))
    assert.deepEqual(
      result.closest.map(found => found.address.port),
      all.slice(0, K).map(contact => contact.address.port),
    )
    assert.ok(result.questions < 60, `${result.questions} questions`)
    assert.ok(result.depth <= 6, `${result.depth} deep`)
    assert.deepEqual(result.closest[0]!.token, TOKEN)
  })

  it('ends at once where nobody is known', () => {
    assert.deepEqual(new Bench([]).result, { closest: [], questions: 0, depth: 0 })
  })

  it('asks routers first, whose ids nobody knows, and takes them for no node', () => {
    const router = address('127.0.0.1', 999)
    const bench = new Bench([], [router])
    assert.deepEqual(bench.ports(), [999])
    bench.lookup.answered(router, { id: TARGET, contacts: [near(1)], token: TOKEN }, 0)
    assert.deepEqual(bench.ports(), [2])
    bench.answers(near(1))
    assert.deepEqual(
      bench.result?.closest.map(found => found.address.port),
      [2],
    )
  })

  it('goes on without those that are slow, and takes their answer when it comes', () => {
    const bench = new Bench([1, 2, 3, 4, 5].map(each => near(each)))
    bench.ports()
    bench.lookup.slow(near(1).address, 1000)
    assert.deepEqual(bench.ports(), [6])
    bench.answers(near(1))
    for (const each of [2, 3, 4, 5]) bench.answers(near(each))
    assert.equal(bench.result?.closest.length, 5)
  })

  it('passes over those that are silent, or cannot be asked', () => {
    const contacts = [1, 2, 3].map(each => near(each))
    const bench = new Bench(contacts)
    bench.lookup.silent(near(1).address, 0)
    bench.answers(near(2))
    bench.closed.add(formatAddress(near(9).address))
    bench.answers(near(3), [near(9)])
    assert.deepEqual(
      bench.result?.closest.map(found => found.address.port),
      [3, 4],
    )
  })

  it('ends when its time is up, with those that answered by then', () => {
    const bench = new Bench([1, 2, 3].map(each => near(each)))
    bench.answers(near(2))
    assert.equal(bench.lookup.deadline(), DHT_LIMITS.lookupTime)
    bench.lookup.tick(DHT_LIMITS.lookupTime)
    assert.equal(bench.result?.closest.length, 1)
    assert.equal(bench.lookup.deadline(), Number.POSITIVE_INFINITY)
    bench.answers(near(1))
    assert.equal(bench.result?.closest.length, 1, 'it is over')
  })
})

describe('a lookup among liars', () => {
  it('asks so many questions and no more, whatever it is told', () => {
    let nearer = 2 ** 31
    const bench = new Bench([near(2 ** 31 + 5, 1)])
    bench.run(() => Array.from({ length: 8 }, () => near((nearer -= 1000), 2 + (2 ** 31 - nearer) / 1000)))
    assert.ok(bench.result!.questions <= DHT_LIMITS.lookupQuestions)
  })

  it('does not count who is another than was said', () => {
    const bench = new Bench([near(1), near(2)])
    bench.answers(near(1), [near(0)], near(77).id)
    bench.answers(near(2))
    assert.deepEqual(
      bench.result?.closest.map(found => found.address.port),
      [3],
    )
  })

  it('asks each subnet of the world once', () => {
    const bench = new Bench([1, 2, 3].map(i => ({ ...near(i), address: address(`203.0.113.${i}`, 6881) })))
    assert.equal(bench.asked.length, 1)
  })

  it('puts those first whose id is theirs by BEP 42', () => {
    const forged = { ...near(1), address: address('203.0.113.1', 6881) }
    assert.equal(isSecureId(forged.id, forged.address.host), false)
    const bench = new Bench([forged, near(2 ** 20, 5)])
    bench.answers(forged)
    bench.answers(near(2 ** 20, 5))
    assert.deepEqual(
      bench.result?.closest.map(found => found.address.port),
      [5, 6881],
    )
  })

  it('asks those last that one named whose others were not there', () => {
    const liar = near(1000, 1)
    const honest = near(1001, 2)
    const bench = new Bench([liar, honest])
    bench.ports()
    bench.answers(
      liar,
      Array.from({ length: 8 }, (_, i) => near(i, 100 + i)),
    )
    const ghosts = bench.ports()
    for (const port of ghosts) bench.lookup.silent(address('127.0.0.1', port), 0)
    bench.answers(honest, [near(500, 50)])
    assert.ok(bench.ports().includes(50), 'before all ghosts were tried')
  })
})
