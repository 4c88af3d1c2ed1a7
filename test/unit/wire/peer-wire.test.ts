import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { Bitfield } from '../../../src/core/bitfield.ts'
import { concatBytes, latin1Bytes } from '../../../src/core/bytes.ts'
import { WIRE_LIMITS } from '../../../src/wire/limits.ts'
import { type PeerEvent, PeerWire } from '../../../src/wire/peer-wire.ts'
import { ConnectionPair } from './connection-pair.ts'
import { acceptor, drained, initiator, opened, PEER_ID } from './lone-wire.ts'
import { counted, everySplit, handshake, INFO_HASH, KEEP_ALIVE, message, u32 } from './wire-bytes.ts'

const V2_KEY = new Uint8Array(20).fill(0x22)
const OTHER_KEY = new Uint8Array(20).fill(0x33)

suite('handshakes', () => {
  it('are exchanged, and extension handshakes follow on their own', () => {
    const pair = new ConnectionPair({
      a: { extended: { version: 'A 1' } },
      b: { extended: { version: 'B 1' } },
    })
    const [fromA, saidByA] = pair.seenBy('b')
    const [fromB, saidByB] = pair.seenBy('a')
    assert.ok(fromA?.type === 'handshake' && fromB?.type === 'handshake')
    assert.deepEqual(fromA.infoHash, INFO_HASH)
    assert.deepEqual(fromA.peerId, latin1Bytes('-SH0100-aaaaaaaaaaaa'))
    assert.deepEqual(fromB.peerId, latin1Bytes('-SH0100-bbbbbbbbbbbb'))
    assert.ok(saidByA?.type === 'extended-handshake' && saidByA.version === 'A 1')
    assert.ok(saidByB?.type === 'extended-handshake' && saidByB.version === 'B 1')
    for (const wire of [pair.a, pair.b]) assert.ok(wire.isOpen && wire.hasFast && wire.hasExtended)
    assert.equal(pair.a.clientName, 'B 1')
    assert.equal(pair.a.remoteExtended.version, 'B 1')
  })

  it('work byte by byte, as all that follows does', () => {
    const pair = ConnectionPair.open({ chunkLength: 1 })
    pair.b.unchoke()
    pair.a.request(3, 0, 16_384)
    assert.deepEqual(pair.seenBy('b'), [{ type: 'request', piece: 3, begin: 0, length: 16_384 }])
    assert.deepEqual(pair.take('a'), [{ type: 'unchoked' }])
  })

  it('are read with what follows them at every split', () => {
    const stream = concatBytes([handshake(), message(14), message(4, u32(3)), message(1)])
    for (const chunks of everySplit(stream)) {
      const wire = initiator()
      const types: string[] = []
      for (const chunk of chunks) {
        wire.receive(chunk, 0)
        types.push(...drained(wire).events.map(event => event.type))
      }
      assert.deepEqual(types, ['handshake', 'bitfield', 'have', 'unchoked'])
    }
  })

  it('speak what both sides speak', () => {
    const plain = initiator({ extended: {} })
    plain.receive(handshake({ reserved: [0, 0, 0, 0, 0, 0, 0, 0x01] }), 0)
    assert.ok(plain.isOpen && !plain.hasFast && !plain.hasExtended && plain.hasDht)
    assert.equal(drained(plain).sent.length, 68)
    const withoutExtensions = opened()
    assert.ok(withoutExtensions.hasFast && !withoutExtensions.hasExtended)
  })

  it('name the program where the extension handshake does not', () => {
    const wire = initiator()
    assert.equal(wire.clientName, null)
    wire.receive(handshake({ peerId: latin1Bytes('-TR3000-abcdefghijkl') }), 0)
    assert.equal(wire.clientName, 'Transmission 3.0')
  })

  it('must be for the torrent that was asked for', () => {
    assert.throws(() => initiator().receive(handshake({ infoHash: OTHER_KEY }), 0), {
      code: 'info-hash-mismatch',
    })
  })

  it('must come from the peer that was expected', () => {
    const expectedPeerId = latin1Bytes('-XX0001-abcdefghijkl')
    initiator({ expectedPeerId }).receive(handshake({ peerId: expectedPeerId }), 0)
    assert.throws(() => initiator({ expectedPeerId }).receive(handshake({ peerId: counted(20) }), 0), {
      code: 'peer-id-mismatch',
    })
  })

  it('must be of this protocol', () => {
    assert.throws(() => initiator().receive(latin1Bytes('GET / HTTP/1.1'), 0), {
      code: 'handshake-not-bittorrent',
    })
  })

  it('have ten seconds, however slowly they drip', () => {
    const wire = acceptor()
    assert.equal(wire.deadline(), 10_000)
    for (let at = 0; at < 20; at++) wire.receive(handshake().subarray(at, at + 1), at * 480)
    wire.tick(9_999)
    assert.equal(wire.deadline(), 10_000)
    assert.throws(() => wire.tick(10_000), { code: 'handshake-timeout' })
    assert.equal(wire.deadline(), Number.POSITIVE_INFINITY)
  })
})

suite('an acceptor', () => {
  it('says nothing until it is told to accept', () => {
    const wire = acceptor()
    wire.receive(handshake({ reserved: [0, 0, 0, 0, 0, 0, 0, 0x10] }), 0)
    const { events, sent } = drained(wire)
    assert.equal(sent.length, 0)
    assert.ok(events[0]?.type === 'handshake' && events[0].offersUpgrade)
    assert.ok(!wire.isOpen)
    wire.accept({ infoHash: INFO_HASH, pieceCount: 10 })
    assert.ok(wire.isOpen)
    assert.deepEqual(
      drained(wire).sent,
      handshake({ peerId: PEER_ID, reserved: [0, 0, 0, 0, 0, 0, 0, 0x04] }),
    )
  })

  it('keeps what came early until it has accepted', () => {
    const wire = acceptor()
    const early = concatBytes([message(14), message(2), message(4, u32(3))])
    wire.receive(concatBytes([handshake(), early.subarray(0, 7)]), 0)
    assert.equal(drained(wire).events.length, 1)
    wire.receive(early.subarray(7), 0)
    assert.equal(drained(wire).events.length, 0)
    wire.accept({ infoHash: INFO_HASH, pieceCount: 10 })
    assert.deepEqual(
      drained(wire).events.map(event => event.type),
      ['bitfield', 'interested', 'have'],
    )
  })

  it('may accept in the midst of a drain', () => {
    const wire = acceptor()
    wire.receive(concatBytes([handshake(), message(14)]), 0)
    const types: string[] = []
    let sent = 0
    wire.drain(
      {
        room: () => 1,
        send: output => {
          sent += output.bytes.length
        },
        emit: event => {
          types.push(event.type)
          if (event.type === 'handshake') wire.accept({ infoHash: INFO_HASH, pieceCount: 10 })
        },
      },
      0,
    )
    assert.deepEqual(types, ['handshake', 'bitfield'])
    assert.equal(sent, 68)
  })

  it('throws what it finds in early bytes at the next chance, and says that this is now', () => {
    for (const next of ['receive', 'tick'] as const) {
      const wire = acceptor()
      wire.receive(concatBytes([handshake(), message(4, u32(10))]), 5)
      wire.accept({ infoHash: INFO_HASH, pieceCount: 10 })
      assert.ok(!wire.isOpen)
      assert.equal(wire.deadline(), 5)
      assert.throws(() => (next === 'tick' ? wire.tick(5) : wire.receive(KEEP_ALIVE, 5)), {
        code: 'have-out-of-range',
      })
      wire.tick(6)
      assert.equal(wire.deadline(), Number.POSITIVE_INFINITY)
    }
  })

  it('does not keep early bytes without end', () => {
    const wire = acceptor()
    wire.receive(handshake(), 0)
    wire.receive(new Uint8Array(WIRE_LIMITS.earlyBytes), 0)
    assert.throws(() => wire.receive(new Uint8Array(1), 0), { code: 'early-bytes-too-many' })
  })

  it('is cut off when nobody decides and nothing comes', () => {
    const wire = acceptor()
    wire.receive(handshake(), 1_000)
    assert.equal(wire.deadline(), 1_000 + WIRE_LIMITS.idleTimeout)
    wire.tick(100_000)
    assert.throws(() => wire.tick(1_000 + WIRE_LIMITS.idleTimeout), { code: 'idle' })
  })

  it('accepts once, and only after a handshake', () => {
    const wire = acceptor()
    wire.accept({ infoHash: INFO_HASH })
    assert.equal(drained(wire).sent.length, 0)
    wire.receive(handshake(), 0)
    wire.accept({ infoHash: INFO_HASH })
    wire.accept({ infoHash: INFO_HASH })
    assert.equal(drained(wire).sent.length, 68)
  })
})

suite('the upgrade of hybrids (BEP 52)', () => {
  it('is offered by an initiator that has a v2 key, and taken by an answer under it', () => {
    const wire = initiator({ upgradeHash: V2_KEY })
    assert.equal(drained(wire).sent[27], 0x14)
    wire.receive(handshake({ infoHash: V2_KEY }), 0)
    assert.ok(wire.supportsV2)
  })

  it('need not be taken', () => {
    const wire = initiator({ upgradeHash: V2_KEY })
    wire.receive(handshake(), 0)
    assert.ok(wire.isOpen && !wire.supportsV2)
  })

  it('is not taken where it was not offered', () => {
    assert.equal(drained(initiator({ upgradeHash: null })).sent[27], 0x04)
    assert.throws(() => initiator().receive(handshake({ infoHash: V2_KEY }), 0), {
      code: 'info-hash-mismatch',
    })
  })

  it('is answered by an acceptor under the v2 key', () => {
    const pair = new ConnectionPair({ a: { upgradeHash: V2_KEY }, b: { infoHash: V2_KEY, isV2: true } })
    pair.settle()
    assert.ok(pair.a.supportsV2 && pair.b.supportsV2)
  })

  it('is not needed where the torrent is v2 alone', () => {
    const wire = opened({ isV2: true })
    assert.ok(wire.supportsV2)
  })
})

suite('metadata that comes later', () => {
  it('lets haves wait until the number of pieces is known', () => {
    const magnet = new PeerWire({
      role: 'initiator',
      peerId: PEER_ID,
      infoHash: INFO_HASH,
      extended: {},
      now: 0,
    })
    magnet.receive(concatBytes([handshake(), message(5, new Uint8Array([0x80, 0])), message(4, u32(9))]), 0)
    assert.deepEqual(
      drained(magnet).events.map(event => event.type),
      ['handshake'],
    )
    magnet.setPieceCount(10)
    const [bits, have] = drained(magnet).events
    assert.ok(bits?.type === 'bitfield')
    assert.deepEqual([...bits.bits], [0])
    assert.deepEqual(have, { type: 'have', piece: 9 })
    magnet.setPieceCount(10)
    assert.equal(drained(magnet).events.length, 0)
  })

  it('shows that the peer speaks of another torrent', () => {
    const magnet = new PeerWire({ role: 'initiator', peerId: PEER_ID, infoHash: INFO_HASH, now: 0 })
    magnet.receive(concatBytes([handshake(), message(5, new Uint8Array([0x80]))]), 0)
    magnet.setPieceCount(10)
    assert.throws(() => magnet.tick(0), { code: 'bitfield-size' })
  })

  it('may be there before the handshake is', () => {
    const wire = new PeerWire({ role: 'initiator', peerId: PEER_ID, infoHash: INFO_HASH, now: 0 })
    wire.setPieceCount(10)
    wire.receive(concatBytes([handshake(), message(14)]), 0)
    assert.equal(drained(wire).events.length, 2)
  })
})

suite('silence', () => {
  it('of ours is broken by a keep-alive after 100 s', () => {
    const wire = opened()
    assert.equal(wire.deadline(), 100_000)
    wire.tick(99_999)
    assert.equal(drained(wire, 99_999).sent.length, 0)
    wire.tick(100_000)
    assert.deepEqual(drained(wire, 100_000).sent, KEEP_ALIVE)
    assert.equal(wire.deadline(), WIRE_LIMITS.idleTimeout)
  })

  it('of ours ends with anything that we send', () => {
    const wire = opened()
    wire.interested()
    drained(wire, 60_000)
    wire.receive(KEEP_ALIVE, 60_000)
    assert.equal(wire.deadline(), 160_000)
  })

  it('needs no keep-alive behind output that has no room', () => {
    const wire = opened()
    wire.interested()
    wire.tick(100_000)
    assert.deepEqual(drained(wire, 100_000).sent, message(2))
  })

  it('of theirs ends the connection', () => {
    const wire = opened()
    wire.receive(KEEP_ALIVE, 5_000)
    wire.tick(5_000 + WIRE_LIMITS.idleTimeout - 1)
    assert.throws(() => wire.tick(5_000 + WIRE_LIMITS.idleTimeout), { code: 'idle' })
  })

  it('of two minutes is not held against a peer that keeps BEP 3', () => {
    const wire = opened()
    for (let minute = 2; minute <= 60; minute += 2) {
      wire.tick(minute * 60_000 - 1)
      wire.receive(KEEP_ALIVE, minute * 60_000)
      drained(wire, minute * 60_000)
    }
    assert.ok(wire.isOpen)
  })
})

suite('drain', () => {
  it('hands out all events, and output only while there is room', () => {
    const wire = opened()
    wire.receive(concatBytes([message(1), message(2)]), 0)
    wire.interested()
    wire.sendRun(counted(20), 1)
    wire.unchoke()
    let room = 0
    const sent: number[] = []
    const events: string[] = []
    const drain = () =>
      wire.drain(
        {
          room: () => room,
          send: output => {
            sent.push(output.bytes.length)
            room -= output.bytes.length
          },
          emit: event => events.push(event.type),
        },
        0,
      )
    drain()
    assert.deepEqual([sent, events], [[], ['unchoked', 'interested']])
    room = 6
    drain()
    assert.deepEqual(sent, [5, 20])
    room = 1
    drain()
    assert.deepEqual(sent, [5, 20, 5])
    drain()
    assert.deepEqual([sent.length, events.length], [3, 2])
  })

  it('sends in the same turn what events lead to', () => {
    const wire = opened()
    wire.receive(message(1), 0)
    const sent: number[] = []
    wire.drain(
      {
        room: () => 1,
        send: output => sent.push(output.bytes.length),
        emit: () => {
          for (let i = 0; i < 64; i++) wire.request(1, i * 16_384, 16_384)
        },
      },
      0,
    )
    assert.deepEqual(sent, [64 * 17])
  })

  it('does nothing when it is called from within itself', () => {
    const wire = opened()
    wire.receive(concatBytes([message(1), message(2)]), 0)
    const events: string[] = []
    const sink = {
      room: () => 1,
      send: () => {},
      emit: (event: PeerEvent) => {
        events.push(event.type)
        wire.drain(sink, 0)
      },
    }
    wire.drain(sink, 0)
    assert.deepEqual(events, ['unchoked', 'interested'])
  })

  it('goes on behind an event whose receiver threw', () => {
    const wire = opened()
    wire.receive(concatBytes([message(1), message(2)]), 0)
    const emit = () => {
      throw new Error('receiver')
    }
    assert.throws(() => wire.drain({ room: () => 1, send: () => {}, emit }, 0), /receiver/)
    assert.deepEqual(drained(wire).events, [{ type: 'interested' }])
  })
})

suite('the end', () => {
  it('after a breach still hands out what was there before it', () => {
    const wire = opened()
    wire.interested()
    assert.throws(() => wire.receive(concatBytes([message(1), message(4, u32(10))]), 0), {
      code: 'have-out-of-range',
    })
    assert.ok(!wire.isOpen)
    wire.receive(message(2), 0)
    const { events, sent } = drained(wire)
    assert.deepEqual(events, [{ type: 'unchoked' }])
    assert.deepEqual(sent, message(2))
  })

  it('by close hands out nothing more, and gives runs back', () => {
    const wire = opened()
    let taken = 0
    wire.interested()
    wire.sendRun(counted(9), 1, () => taken++)
    wire.receive(message(1), 0)
    wire.close()
    wire.receive(message(2), 0)
    wire.tick(1e9)
    assert.deepEqual(drained(wire), { events: [], sent: new Uint8Array(0) })
    assert.equal(taken, 1)
    assert.equal(wire.deadline(), Number.POSITIVE_INFINITY)
  })

  it('may come in the midst of a drain', () => {
    const wire = opened()
    wire.receive(concatBytes([message(1), message(2)]), 0)
    const events: string[] = []
    const emit = (event: PeerEvent) => {
      events.push(event.type)
      wire.close()
    }
    wire.drain({ room: () => 1, send: () => assert.fail('sent after close'), emit }, 0)
    assert.deepEqual(events, ['unchoked'])
  })

  it('comes to a peer that asks and asks but reads no answer', () => {
    const wire = opened()
    wire.bitfield(Bitfield.full(10))
    const asks = message(6, u32(1, 0, 16_384))
    assert.throws(
      () => {
        for (let i = 0; i < 200_000; i++) {
          wire.receive(asks, 0)
          wire.unchoke()
          wire.reject(1, 0, 16_384)
        }
      },
      { code: 'reads-too-slowly' },
    )
  })
})
