import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { address } from '../../../src/core/address.ts'
import { ProtocolError } from '../../../src/core/errors.ts'
import { ContactIntake } from '../../../src/swarm/contact-intake.ts'
import type { PexMessage } from '../../../src/wire/ut-pex.ts'

const MINUTE = 60_000
let lastHost = 0

/** A message with so many hosts that nobody was told of before. */
function message(count: number, port = 6881): PexMessage {
  const added = Array.from({ length: count }, () => ({
    address: address(`203.${(++lastHost >> 16) & 255}.${(lastHost >> 8) & 255}.${lastHost & 255}`, port),
    prefersEncryption: false,
    isSeed: false,
    hasUtp: false,
    hasHolepunch: false,
    isReachable: false,
  }))
  return { added, dropped: [] }
}

describe('what is taken of what a peer tells', () => {
  for (const [told, taken] of [
    [199, 199],
    [200, 200],
    [201, 200],
  ] as const) {
    it(`is ${taken} of ${told} addresses in the first message`, () => {
      assert.equal(new ContactIntake(0).take(message(told), 0).length, taken)
    })
  }

  it('is fifty a minute after that, however they come', () => {
    const intake = new ContactIntake(0)
    intake.take(message(200), 0)
    assert.equal(intake.take(message(50), MINUTE).length, 50)
    assert.equal(intake.take(message(50), 1.5 * MINUTE).length, 25)
    assert.equal(intake.take(message(51), 2.5 * MINUTE).length, 50)
    assert.equal(intake.take(message(1), 2.5 * MINUTE).length, 0)
  })

  it('is never more at once than the first message may have', () => {
    const intake = new ContactIntake(0)
    assert.equal(intake.take(message(500), 1000 * MINUTE).length, 200)
  })

  it('has nobody twice and no port 0, and neither costs anything', () => {
    const intake = new ContactIntake(0)
    const { added } = message(2)
    const noPort = message(300, 0).added
    assert.deepEqual(intake.take({ added: [...noPort, ...added, ...added], dropped: [] }, 0), added)
    assert.equal(intake.take(message(300), 0).length, 198)
  })

  it('is six messages a minute; the seventh costs the connection', () => {
    const intake = new ContactIntake(0)
    for (let i = 0; i < 6; i++) intake.take(message(1), i)
    assert.throws(
      () => intake.take(message(1), MINUTE - 1),
      error => error instanceof ProtocolError && error.code === 'pex-flood',
    )
    const patient = new ContactIntake(0)
    for (let i = 0; i < 20; i++) patient.take(message(1), (i * MINUTE) / 6)
  })
})
