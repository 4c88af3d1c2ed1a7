import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { address, formatAddress } from '../../../src/core/address.ts'
import { ContactLedger } from '../../../src/swarm/contact-ledger.ts'
import type { PexContact, PexMessage } from '../../../src/wire/ut-pex.ts'

function contact(port: number): PexContact {
  return {
    address: address('203.0.113.1', port),
    prefersEncryption: false,
    isSeed: false,
    hasUtp: false,
    hasHolepunch: false,
    isReachable: true,
  }
}

function contacts(from: number, to: number): Map<string, PexContact> {
  const all = Array.from({ length: to - from }, (_, i) => contact(from + i))
  return new Map(all.map(each => [formatAddress(each.address), each]))
}

function ports(message: PexMessage | null) {
  return (
    message && {
      added: message.added.map(({ address }) => address.port),
      dropped: message.dropped.map(({ port }) => port),
    }
  )
}

describe('what a peer is told of others', () => {
  it('is who is there, and then only what changed', () => {
    const ledger = new ContactLedger()
    assert.deepEqual(ports(ledger.news(contacts(1, 4))), { added: [1, 2, 3], dropped: [] })
    assert.equal(ledger.news(contacts(1, 4)), null)
    assert.deepEqual(ports(ledger.news(contacts(2, 6))), { added: [4, 5], dropped: [1] })
    assert.deepEqual(ports(ledger.news(new Map())), { added: [], dropped: [2, 3, 4, 5] })
    assert.equal(ledger.news(new Map()), null)
  })

  it('is nothing where there is nobody, and the first message may still be long then', () => {
    const ledger = new ContactLedger()
    assert.equal(ledger.news(new Map()), null)
    assert.equal(ledger.news(contacts(1, 61))?.added.length, 60)
  })

  it('says nothing of who came and went between two messages', () => {
    const ledger = new ContactLedger()
    ledger.news(contacts(1, 2))
    assert.equal(ledger.news(contacts(1, 2)), null, '2 was there meanwhile')
  })

  for (const [count, first] of [
    [199, 199],
    [200, 200],
    [201, 200],
  ] as const) {
    it(`of ${count} has ${first} in the first message`, () => {
      assert.equal(new ContactLedger().news(contacts(1, count + 1))?.added.length, first)
    })
  }

  it('is fifty more and fifty fewer at the most in a message, until it is up to date', () => {
    const ledger = new ContactLedger()
    ledger.news(contacts(1, 121))
    const now = contacts(121, 241)
    for (const [count, isUpToDate] of [
      [50, false],
      [50, false],
      [20, true],
    ] as const) {
      const message = ledger.news(now)
      assert.deepEqual([message?.added.length, message?.dropped.length], [count, count])
      assert.equal(ledger.isUpToDate(now), isUpToDate)
    }
    assert.equal(ledger.news(now), null)
  })

  it('is not up to date where as many are there, but others', () => {
    const ledger = new ContactLedger()
    ledger.news(contacts(1, 3))
    assert.ok(ledger.isUpToDate(contacts(1, 3)))
    assert.ok(!ledger.isUpToDate(contacts(2, 4)))
  })
})
