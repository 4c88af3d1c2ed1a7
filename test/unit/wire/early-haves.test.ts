import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { WIRE_LIMITS } from '../../../src/wire/limits.ts'
import { EarlyHaves, readBitfield } from '../../../src/wire/early-haves.ts'

/** What was held for a torrent of ten pieces, with bitfields as lists of indices. */
function released(held: EarlyHaves, pieceCount = 10): unknown[] {
  return held.release(pieceCount).map(event => (event.type === 'bitfield' ? [...event.bits] : event))
}

suite('EarlyHaves', () => {
  it('has nothing to say for a peer that said nothing', () => {
    assert.deepEqual(released(new EarlyHaves()), [])
  })

  it('gives a bitfield back, as it was when it came', () => {
    const held = new EarlyHaves()
    const chunk = new Uint8Array([0b1010_0000, 0b0100_0000])
    held.statement(chunk)
    chunk.fill(0xff)
    assert.deepEqual(released(held), [[0, 2, 9]])
  })

  it('gives HAVE ALL and HAVE NONE back as bitfields', () => {
    const all = new EarlyHaves()
    all.statement('all')
    assert.deepEqual(released(all, 3), [[0, 1, 2]])
    const none = new EarlyHaves()
    none.statement('none')
    assert.deepEqual(released(none, 3), [[]])
  })

  it('gives gains and losses back in their order, then what may be asked for while choked', () => {
    const held = new EarlyHaves()
    held.allowedFast(2)
    held.allowedFast(99)
    held.have(0)
    held.dontHave(0)
    held.have(9)
    assert.deepEqual(released(held), [
      { type: 'have', piece: 0 },
      { type: 'dont-have', piece: 0 },
      { type: 'have', piece: 9 },
      { type: 'allowed-fast', piece: 2 },
    ])
  })

  it('refuses what does not fit the torrent', () => {
    const short = new EarlyHaves()
    short.statement(new Uint8Array(1))
    assert.throws(() => short.release(10), { code: 'bitfield-size' })
    const spare = new EarlyHaves()
    spare.statement(new Uint8Array([0, 1]))
    assert.throws(() => spare.release(10), { code: 'bitfield-spare-bits' })
    const beyond = new EarlyHaves()
    beyond.have(10)
    assert.throws(() => beyond.release(10), { code: 'have-out-of-range' })
    const lost = new EarlyHaves()
    lost.dontHave(10)
    assert.throws(() => lost.release(10), { code: 'have-out-of-range' })
  })

  it('refuses at once a piece that no torrent has', () => {
    new EarlyHaves().have(WIRE_LIMITS.unknownPieceCount - 1)
    assert.throws(() => new EarlyHaves().have(WIRE_LIMITS.unknownPieceCount), { code: 'have-out-of-range' })
    assert.throws(() => new EarlyHaves().dontHave(0xffffffff), { code: 'have-out-of-range' })
  })

  it('forgets what is beyond its bounds', () => {
    const held = new EarlyHaves()
    for (let i = 0; i < WIRE_LIMITS.heldHaves + 10; i++) held.have(i % 10)
    for (let i = 0; i < WIRE_LIMITS.heldAllowedFast + 10; i++) held.allowedFast(i)
    assert.equal(held.release(1_000).length, WIRE_LIMITS.heldHaves + WIRE_LIMITS.heldAllowedFast)
  })
})

suite('readBitfield', () => {
  it('reads a bitfield of the right size', () => {
    assert.deepEqual([...readBitfield(new Uint8Array([0x80, 0x80]), 9)], [0, 8])
  })
})
