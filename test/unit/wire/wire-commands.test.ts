import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { Bitfield } from '../../../src/core/bitfield.ts'
import { concatBytes } from '../../../src/core/bytes.ts'
import { WIRE_LIMITS } from '../../../src/wire/limits.ts'
import { PIECE_HEADER_LENGTH, writePieceHeader } from '../../../src/wire/wire-encoder.ts'
import { ConnectionPair } from './connection-pair.ts'
import { counted, INFO_HASH } from './wire-bytes.ts'

const HASHES = { piecesRoot: counted(32), baseLayer: 0, index: 0, length: 2, proofLayers: 0 }

/** A run of blocks of three bytes, as an uploader makes it. */
function run(...begins: number[]): Uint8Array {
  const bytes = new Uint8Array(begins.length * (PIECE_HEADER_LENGTH + 3))
  begins.forEach((begin, i) => {
    const at = i * (PIECE_HEADER_LENGTH + 3)
    writePieceHeader(bytes, at, 1, begin, 3)
    bytes.set([begin, begin, begin], at + PIECE_HEADER_LENGTH)
  })
  return bytes
}

suite('commands', () => {
  it('change choke and interest, and say so once', () => {
    const pair = ConnectionPair.open()
    pair.a.unchoke()
    pair.a.unchoke()
    pair.a.interested()
    pair.a.interested()
    assert.deepEqual(pair.seenBy('b'), [{ type: 'unchoked' }, { type: 'interested' }])
    assert.ok(!pair.a.amChoking && pair.a.amInterested && !pair.b.isChoking && pair.b.isInterested)
    pair.a.choke()
    pair.a.choke()
    pair.a.notInterested()
    pair.a.notInterested()
    assert.deepEqual(pair.seenBy('b'), [{ type: 'choked' }, { type: 'not-interested' }])
    assert.ok(pair.a.amChoking && !pair.a.amInterested && pair.b.isChoking && !pair.b.isInterested)
  })

  it('ask for blocks, take requests back, and send blocks in runs', () => {
    const pair = ConnectionPair.open()
    pair.b.unchoke()
    pair.a.request(1, 4, 3)
    pair.a.cancel(1, 4, 3)
    assert.deepEqual(pair.seenBy('b'), [
      { type: 'request', piece: 1, begin: 4, length: 3 },
      { type: 'cancel', piece: 1, begin: 4, length: 3 },
    ])
    pair.take('a')
    let taken = 0
    pair.b.have(2)
    pair.b.sendRun(run(4, 7), 2, () => taken++)
    pair.b.reject(1, 10, 3)
    assert.deepEqual(pair.seenBy('a'), [
      { type: 'have', piece: 2 },
      { type: 'block', piece: 1, begin: 4, bytes: [4, 4, 4] },
      { type: 'block', piece: 1, begin: 7, bytes: [7, 7, 7] },
      { type: 'rejected', piece: 1, begin: 10, length: 3 },
    ])
    assert.equal(taken, 1)
    assert.equal(pair.b.blocksSent, 2)
  })

  it('hint at pieces', () => {
    const pair = ConnectionPair.open()
    pair.a.suggest(3)
    pair.a.allowedFast(4)
    pair.a.allowedFast(4)
    assert.deepEqual(pair.seenBy('b'), [
      { type: 'suggested', piece: 3 },
      { type: 'allowed-fast', piece: 4 },
    ])
  })

  it('use what the other side speaks of BEP 9, 21 and 54', () => {
    const pair = ConnectionPair.open()
    assert.ok(pair.a.speaks('ut_metadata') && !pair.a.speaks('ut_pex'))
    assert.ok(pair.a.requestMetadata(3))
    assert.ok(pair.a.rejectMetadata(4))
    assert.ok(pair.a.sendMetadata(1, 16_384 + 2, counted(2)))
    assert.ok(pair.a.dontHave(5))
    pair.a.uploadOnly(true)
    pair.a.uploadOnly(true)
    pair.a.uploadOnly(false)
    assert.ok(!pair.a.extended('ut_pex', counted(1)))
    assert.deepEqual(pair.seenBy('b'), [
      { type: 'metadata-request', piece: 3 },
      { type: 'metadata-rejected', piece: 4 },
      { type: 'metadata-piece', piece: 1, total: 16_386, bytes: counted(2) },
      { type: 'dont-have', piece: 5 },
      { type: 'upload-only', isUploadOnly: true },
      { type: 'upload-only', isUploadOnly: false },
    ])
  })

  it('say by a handshake that we only upload, where the message is not known yet', () => {
    const pair = new ConnectionPair({ accepts: false })
    pair.settle()
    pair.b.accept({ infoHash: INFO_HASH, pieceCount: 10, extended: {} })
    pair.b.uploadOnly(true)
    const seen = pair.seenBy('a').filter(event => event.type === 'extended-handshake')
    assert.deepEqual(
      seen.map(event => event.isUploadOnly),
      [null, true],
    )
  })

  it('say again who we are, and carry messages of extensions that were named', () => {
    const pair = ConnectionPair.open({
      a: { extended: { names: ['ut_pex'] } },
      b: { extended: { names: ['ut_pex'] } },
    })
    pair.a.extendedHandshake({ metadataSize: 77 })
    assert.ok(pair.a.extended('ut_pex', counted(2)))
    const [handshake, pex] = pair.seenBy('b')
    assert.ok(handshake?.type === 'extended-handshake')
    assert.equal(handshake.metadataSize, 77)
    assert.deepEqual(pex, { type: 'extended', name: 'ut_pex', payload: counted(2) })
  })

  it('speak of hashes on a v2 connection, and ask once until there is an answer', () => {
    const pair = ConnectionPair.open({ a: { isV2: true }, b: { isV2: true } })
    assert.ok(pair.a.hashRequest(HASHES))
    assert.ok(!pair.a.hashRequest({ ...HASHES, piecesRoot: counted(32) }))
    assert.deepEqual(pair.seenBy('b'), [{ type: 'hash-request', request: HASHES }])
    pair.b.hashes(HASHES, counted(64))
    assert.deepEqual(pair.seenBy('a'), [{ type: 'hashes', request: HASHES, hashes: counted(64) }])
    assert.ok(pair.a.hashRequest(HASHES))
    pair.settle()
    pair.b.hashReject(HASHES)
    assert.deepEqual(pair.seenBy('a'), [{ type: 'hash-rejected', request: HASHES }])
  })

  it('say what we have in the shortest way that the other side knows', () => {
    const lengths = (bits: Bitfield, hasFast: boolean) => {
      const pair = new ConnectionPair()
      pair.settle()
      pair.a.hasFast = hasFast
      pair.a.bitfield(bits)
      pair.a.bitfield(bits)
      return pair.a.queuedBytes
    }
    const some = new Bitfield(10)
    some.set(3)
    assert.equal(lengths(Bitfield.full(10), true), 5)
    assert.equal(lengths(new Bitfield(10), true), 5)
    assert.equal(lengths(some, true), 7)
    assert.equal(lengths(Bitfield.full(10), false), 7)
    assert.equal(lengths(new Bitfield(10), false), 0)
    assert.equal(lengths(some, false), 7)
  })

  it('do not say HAVE before the bitfield, which has it', () => {
    const pair = new ConnectionPair()
    pair.settle()
    pair.a.have(1)
    assert.equal(pair.a.queuedBytes, 0)
    pair.a.bitfield(new Bitfield(10))
    pair.a.have(1)
    assert.equal(pair.a.queuedBytes, 5 + 9)
  })

  it('allow pieces while choking, until they are allowed no more', () => {
    const pair = ConnectionPair.open()
    const { requestsWhileChoked } = WIRE_LIMITS
    pair.a.allowedFast(1)
    for (let time = 0; time <= requestsWhileChoked; time++) pair.b.request(1, 0, 1)
    assert.equal(pair.seenBy('a').length, requestsWhileChoked + 1)
    pair.a.allowedFastNoMore(1)
    for (let time = 0; time <= requestsWhileChoked; time++) pair.b.request(1, 0, 1)
    assert.throws(() => pair.seenBy('a'), { code: 'too-many-requests-while-choked' })
  })

  it('that need an extension do nothing without it', () => {
    const pair = ConnectionPair.open({ a: { hasDht: true } })
    pair.a.hasFast = false
    pair.a.reject(1, 0, 3)
    pair.a.suggest(1)
    pair.a.allowedFast(1)
    pair.a.port(6881)
    pair.a.hashes(HASHES, counted(64))
    pair.a.hashReject(HASHES)
    assert.equal(pair.a.hashRequest(HASHES), false)
    assert.equal(pair.a.queuedBytes, 0)
    pair.b.port(6881)
    assert.deepEqual(pair.seenBy('a'), [{ type: 'port', port: 6881 }])
  })

  it('do nothing before the connection is open and after its end, but give runs back', () => {
    const pair = new ConnectionPair({ accepts: false })
    const commands = () => {
      let taken = 0
      for (const wire of [pair.a, pair.b]) {
        wire.choke()
        wire.unchoke()
        wire.interested()
        wire.notInterested()
        wire.bitfield(new Bitfield(10))
        wire.have(1)
        wire.request(1, 0, 1)
        wire.cancel(1, 0, 1)
        wire.reject(1, 0, 1)
        wire.suggest(1)
        wire.allowedFast(1)
        wire.port(1)
        wire.uploadOnly(true)
        wire.extendedHandshake({})
        wire.requestMetadata(0)
        wire.hashRequest(HASHES)
        wire.hashes(HASHES, counted(64))
        wire.hashReject(HASHES)
        wire.sendRun(counted(9), 1, () => taken++)
      }
      return taken
    }
    const greeting = pair.a.queuedBytes
    assert.equal(commands(), 2)
    assert.equal(pair.a.queuedBytes, greeting)
    assert.equal(pair.b.queuedBytes, 0)
    pair.a.close()
    pair.b.close()
    assert.equal(commands(), 2)
    assert.deepEqual([pair.a.queuedBytes, pair.b.queuedBytes], [0, 0])
  })
})

it('a run goes out with its own bytes', () => {
  const pair = ConnectionPair.open()
  const bytes = run(1)
  pair.a.sendRun(bytes, 1)
  const sent: Uint8Array[] = []
  pair.a.drain({ room: () => 1, send: output => sent.push(output.bytes), emit: () => {} }, 0)
  assert.equal(sent[0], bytes)
  assert.deepEqual(concatBytes(sent), bytes)
})
