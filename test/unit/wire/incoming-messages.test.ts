import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { concatBytes, latin1Bytes } from '../../../src/core/bytes.ts'
import type { HashRequest } from '../../../src/wire/hash-request.ts'
import { IncomingMessages } from '../../../src/wire/incoming-messages.ts'
import { WIRE_LIMITS } from '../../../src/wire/limits.ts'
import type { PeerEvent } from '../../../src/wire/peer-event.ts'
import { claim, counted, KEEP_ALIVE, message, u32 } from './wire-bytes.ts'

const NAMES = ['ut_metadata', 'lt_donthave', 'upload_only', 'ut_pex']
const ROOT = new Uint8Array(32).fill(9)
const ASKED: HashRequest = { piecesRoot: ROOT, baseLayer: 0, index: 0, length: 2, proofLayers: 0 }

interface Setting {
  readonly hasFast?: boolean
  readonly hasExtended?: boolean
  readonly isV2?: boolean
  /** Null: a magnet. */
  readonly pieceCount?: number | null
  readonly amChoking?: boolean
  readonly allowed?: readonly number[]
}

/** A peer of a torrent of ten pieces that speaks everything, unless told otherwise. */
function peer(setting: Setting = {}) {
  const events: PeerEvent[] = []
  const asked = [ASKED]
  const incoming = new IncomingMessages({
    ours: {
      isChoking: () => setting.amChoking ?? false,
      allowsFast: piece => setting.allowed?.includes(piece) ?? false,
      settleHashRequest: request => request.length === 2 && asked.pop() !== undefined,
    },
    events,
    hasFast: setting.hasFast ?? true,
    hasExtended: setting.hasExtended ?? true,
    isV2: setting.isV2 ?? true,
    extensionNames: NAMES,
  })
  if (setting.pieceCount !== null) incoming.setPieceCount(setting.pieceCount ?? 10)
  const said = {
    incoming,
    says: (...messages: Uint8Array[]) => {
      for (const each of messages) incoming.receive(each, 0)
      return said
    },
    /** What it said so far, bitfields as lists of indices. */
    events: () => events.splice(0).map(event => (event.type === 'bitfield' ? [...event.bits] : event)),
  }
  return said
}

function refuses(setting: Setting, messages: Uint8Array[], code: string): void {
  assert.throws(() => peer(setting).says(...messages), { code, name: 'ProtocolError' })
}

const have = (piece: number) => message(4, u32(piece))
const bitfield = (...bytes: number[]) => message(5, new Uint8Array(bytes))
const request = (piece: number, begin = 0, length = 16_384) => message(6, u32(piece, begin, length))
const block = (piece: number) => message(7, u32(piece, 0), counted(3))
const extended = (id: number, text: string) => message(20, new Uint8Array([id]), latin1Bytes(text))
const HAVE_ALL = message(14)
const HAVE_NONE = message(15)

suite('choke and interest', () => {
  it('are told once for each change', () => {
    const { incoming, says, events } = peer()
    assert.ok(incoming.isChoking && !incoming.isInterested)
    says(message(0), message(3))
    assert.deepEqual(events(), [])
    incoming.receive(concatBytes([message(1), message(1), message(2), message(2)]), 0)
    assert.deepEqual(events(), [{ type: 'unchoked' }, { type: 'interested' }])
    assert.ok(!incoming.isChoking && incoming.isInterested)
    incoming.receive(concatBytes([message(0), message(3)]), 0)
    assert.deepEqual(events(), [{ type: 'choked' }, { type: 'not-interested' }])
  })
})

suite('what a peer has', () => {
  it('comes as a bitfield, whichever way it was said', () => {
    assert.deepEqual(peer().says(bitfield(0x80, 0x40)).events(), [[0, 9]])
    assert.deepEqual(peer({ pieceCount: 3 }).says(HAVE_ALL).events(), [[0, 1, 2]])
    assert.deepEqual(peer().says(HAVE_NONE).events(), [[]])
  })

  it('may come behind messages that do not speak of pieces', () => {
    const before = [extended(0, 'de'), message(9, new Uint8Array([1, 2])), message(1), message(2), KEEP_ALIVE]
    for (const each of before) {
      const events = peer().says(each, bitfield(0x80, 0)).events()
      assert.deepEqual(events.at(-1), [0])
    }
  })

  it('may come behind messages that speak of pieces', () => {
    for (const each of [have(1), request(1), message(8, u32(1, 0, 1)), block(1)]) {
      assert.deepEqual(peer().says(each, bitfield(0x80, 0)).events().at(-1), [0])
    }
  })

  it('is said anew: the last word counts', () => {
    assert.deepEqual(peer({ pieceCount: 3 }).says(HAVE_NONE, bitfield(0x40), HAVE_ALL).events(), [
      [],
      [1],
      [0, 1, 2],
    ])
  })

  it('is said anew so often and no more', () => {
    const often = Array.from({ length: WIRE_LIMITS.statements }, () => HAVE_ALL)
    assert.equal(
      peer()
        .says(...often)
        .events().length,
      often.length,
    )
    refuses({}, [...often, HAVE_NONE], 'bitfield-flood')
    refuses({ pieceCount: null }, [...often, HAVE_NONE], 'bitfield-flood')
  })

  it('must have the right size and no spare bits', () => {
    refuses({}, [bitfield(0)], 'bitfield-size')
    refuses({}, [bitfield(0, 0, 0)], 'bitfield-size')
    refuses({}, [bitfield(0, 0x20)], 'bitfield-spare-bits')
    refuses({}, [bitfield(0, 0x01)], 'bitfield-spare-bits')
  })

  it('grows with HAVE and shrinks with DONTHAVE, inside the torrent', () => {
    const events = peer().says(have(9), extended(2, '\0\0\0\x09')).events()
    assert.deepEqual(events, [
      { type: 'have', piece: 9 },
      { type: 'dont-have', piece: 9 },
    ])
    refuses({}, [have(10)], 'have-out-of-range')
    refuses({}, [have(0xffffffff)], 'have-out-of-range')
    refuses({}, [extended(2, '\0\0\0\x0a')], 'have-out-of-range')
    refuses({}, [extended(2, '\0\0\x0a')], 'dont-have-size')
  })

  it('cannot change without end', () => {
    const fits = Array.from({ length: 10 + WIRE_LIMITS.spareHaves }, () => have(1))
    assert.equal(
      peer()
        .says(...fits)
        .events().length,
      fits.length,
    )
    refuses({}, [...fits, have(1)], 'have-flood')
    const lost = Array.from({ length: 10 + WIRE_LIMITS.spareHaves }, () => extended(2, '\0\0\0\x01'))
    refuses({}, [...lost, lost[0]!], 'have-flood')
  })

  it('may go to and fro for as long as gains and losses keep pace', () => {
    const { incoming } = peer()
    const turn = concatBytes([have(1), extended(2, '\0\0\0\x01')])
    for (let i = 0; i < 10_000; i++) incoming.receive(turn, 0)
  })
})

suite('before the metadata is known', () => {
  it('haves wait, and nothing else does', () => {
    const { incoming, says, events } = peer({ pieceCount: null })
    says(bitfield(0x80, 0), have(1), message(17, u32(4)), message(13, u32(4)), message(1), request(99))
    assert.deepEqual(events(), [
      { type: 'unchoked' },
      { type: 'request', piece: 99, begin: 0, length: 16_384 },
    ])
    incoming.setPieceCount(10)
    assert.deepEqual(events(), [[0], { type: 'have', piece: 1 }, { type: 'allowed-fast', piece: 4 }])
    says(have(2))
    assert.deepEqual(events(), [{ type: 'have', piece: 2 }])
  })

  it('what waited is judged by the torrent that it turns out to be', () => {
    const judge = (said: Uint8Array[], code: string) => {
      const { incoming } = peer({ pieceCount: null }).says(...said)
      assert.throws(() => incoming.setPieceCount(10), { code })
    }
    judge([bitfield(0)], 'bitfield-size')
    judge([bitfield(0, 1)], 'bitfield-spare-bits')
    judge([have(10)], 'have-out-of-range')
  })

  it('the last statement voids what came before it', () => {
    const { incoming, events } = peer({ pieceCount: null }).says(
      have(1),
      HAVE_NONE,
      have(2),
      bitfield(0x80),
      have(3),
    )
    incoming.setPieceCount(5)
    assert.deepEqual(events(), [[0], { type: 'have', piece: 3 }])
  })

  it('no piece is beyond what any torrent has', () => {
    refuses({ pieceCount: null }, [have(2_097_152)], 'have-out-of-range')
    refuses({ pieceCount: null }, [claim(5, 262_145)], 'bitfield-size')
  })

  it('nothing can have been asked for', () => {
    refuses({ pieceCount: null }, [block(1)], 'piece-before-metadata')
    refuses({ pieceCount: null }, [message(16, u32(1, 0, 1))], 'reject-out-of-range')
  })

  it('a late bitfield may be the first word, once the metadata came', () => {
    const { incoming, says, events } = peer({ pieceCount: null })
    incoming.setPieceCount(10)
    assert.deepEqual(events(), [])
    says(bitfield(0x80, 0))
    assert.deepEqual(events(), [[0]])
  })
})

suite('blocks', () => {
  it('come as start, data and end', () => {
    assert.deepEqual(peer().says(block(9)).events(), [
      { type: 'block-start', piece: 9, begin: 0, length: 3 },
      { type: 'block-data', bytes: counted(3) },
      { type: 'block-end' },
    ])
  })

  it('must be of a piece of the torrent', () => refuses({}, [block(10)], 'piece-out-of-range'))
})

suite('requests', () => {
  it('are passed on while we do not choke, with cancels', () => {
    assert.deepEqual(
      peer()
        .says(request(9, 5, 131_072), message(8, u32(9, 5, 131_072)))
        .events(),
      [
        { type: 'request', piece: 9, begin: 5, length: 131_072 },
        { type: 'cancel', piece: 9, begin: 5, length: 131_072 },
      ],
    )
  })

  it('that can never have been made are not taken back', () => {
    assert.deepEqual(
      peer()
        .says(message(8, u32(10, 0, 1)))
        .events(),
      [],
    )
  })

  it('must be of a piece of the torrent, and of 1 byte to 128 KiB', () => {
    refuses({}, [request(10)], 'request-out-of-range')
    refuses({}, [request(1, 0, 0)], 'request-length')
    refuses({}, [request(1, 0, 131_073)], 'request-length')
  })

  it('mean nothing while we choke, without the fast extension', () => {
    assert.deepEqual(peer({ amChoking: true, hasFast: false }).says(request(1)).events(), [])
  })

  it('are passed on while we choke, with the fast extension: they need an answer', () => {
    assert.equal(peer({ amChoking: true }).says(request(1)).events().length, 1)
  })

  it('cannot go on while we choke, but for the pieces that are allowed', () => {
    const many = Array.from({ length: WIRE_LIMITS.requestsWhileChoked }, () => request(1))
    peer({ amChoking: true }).says(...many)
    refuses({ amChoking: true }, [...many, request(1)], 'too-many-requests-while-choked')
    refuses({ amChoking: true, hasFast: false }, [...many, request(1)], 'too-many-requests-while-choked')
    peer({ amChoking: true, allowed: [1] }).says(...many, request(1))
  })

  it('that we made are rejected one by one', () => {
    assert.deepEqual(
      peer()
        .says(message(16, u32(1, 2, 3)))
        .events(),
      [{ type: 'rejected', piece: 1, begin: 2, length: 3 }],
    )
    refuses({}, [message(16, u32(10, 2, 3))], 'reject-out-of-range')
  })
})

suite('the fast extension', () => {
  it('must be agreed on', () => {
    const messages = [
      HAVE_ALL,
      HAVE_NONE,
      message(13, u32(1)),
      message(16, u32(1, 0, 1)),
      message(17, u32(1)),
    ]
    for (const each of messages) refuses({ hasFast: false }, [each], 'fast-message-without-fast')
  })

  it('hints at pieces of the torrent; others are passed over', () => {
    assert.deepEqual(
      peer()
        .says(message(13, u32(9)), message(17, u32(9)), message(13, u32(10)), message(17, u32(10)))
        .events(),
      [
        { type: 'suggested', piece: 9 },
        { type: 'allowed-fast', piece: 9 },
      ],
    )
  })
})

suite('extended messages', () => {
  it('must be agreed on', () => {
    refuses({ hasExtended: false }, [extended(0, 'de')], 'extended-without-extension')
  })

  it('begin with a handshake, which may come again', () => {
    const { incoming, says, events } = peer()
    says(extended(0, 'd1:pi1ee'), extended(0, 'd1:v1:xe'))
    const [first, second] = events() as Extract<PeerEvent, { type: 'extended-handshake' }>[]
    assert.equal(first?.listenPort, 1)
    assert.equal(second?.listenPort, 1)
    assert.equal(second.version, 'x')
    assert.equal(incoming.extended.version, 'x')
    refuses({}, [extended(0, 'nonsense')], 'extended-handshake-invalid')
  })

  it('are known by the numbers that we gave', () => {
    const said = [
      extended(1, 'd8:msg_typei0e5:piecei7ee'),
      extended(2, '\0\0\0\x03'),
      extended(3, '\x01'),
      extended(3, '\0'),
      extended(4, 'pex'),
    ]
    assert.deepEqual(
      peer()
        .says(...said)
        .events(),
      [
        { type: 'metadata-request', piece: 7 },
        { type: 'dont-have', piece: 3 },
        { type: 'upload-only', isUploadOnly: true },
        { type: 'upload-only', isUploadOnly: false },
        { type: 'extended', name: 'ut_pex', payload: latin1Bytes('pex') },
      ],
    )
  })

  it('with numbers that we did not give are passed over, as are odd ones of upload_only and ut_metadata', () => {
    const said = [
      extended(5, 'x'),
      extended(255, ''),
      extended(3, ''),
      extended(1, 'd8:msg_typei9e5:piecei7ee'),
    ]
    assert.deepEqual(
      peer()
        .says(...said)
        .events(),
      [],
    )
  })
})

suite('messages about hashes', () => {
  const fields = concatBytes([ROOT, u32(0, 0, 2, 0)])

  it('are for v2 connections', () => {
    for (const each of [message(21, fields), message(22, fields, counted(64)), message(23, fields)]) {
      refuses({ isV2: false }, [each], 'hash-message-without-v2')
    }
  })

  it('are passed on', () => {
    assert.deepEqual(peer().says(message(21, fields)).events(), [{ type: 'hash-request', request: ASKED }])
    assert.deepEqual(
      peer()
        .says(message(22, fields, counted(64)))
        .events(),
      [{ type: 'hashes', request: ASKED, hashes: counted(64) }],
    )
    assert.deepEqual(peer().says(message(23, fields)).events(), [{ type: 'hash-rejected', request: ASKED }])
  })

  it('carry as many hashes as they name', () => {
    refuses({}, [message(22, fields, counted(32))], 'hashes-size')
    refuses({}, [message(22, fields, counted(96))], 'hashes-size')
    refuses({}, [message(22, ROOT, u32(0, 0, 0xffffffff, 0), counted(96))], 'hashes-size')
  })

  it('answer what was asked, once', () => {
    refuses({}, [message(22, fields, counted(64)), message(22, fields, counted(64))], 'hashes-unasked')
    refuses({}, [message(22, ROOT, u32(0, 0, 4, 0), counted(128))], 'hashes-unasked')
    assert.deepEqual(
      peer()
        .says(message(23, ROOT, u32(0, 0, 4, 0)))
        .events(),
      [],
    )
  })
})

suite('idle chatter', () => {
  const chatter: [name: string, bytes: Uint8Array][] = [
    ['keep-alives', KEEP_ALIVE],
    ['choke flips', message(0)],
    ['interest flips', message(2)],
    ['suggestions', message(13, u32(1))],
    ['allowed-fast hints', message(17, u32(1))],
    ['ports', message(9, u32(1).subarray(2))],
    ['unknown messages', message(99)],
    ['unknown extended messages', extended(99, '')],
    ['extension handshakes', extended(0, 'de')],
    ['upload-only flips', extended(3, '\x01')],
  ]
  for (const [name, bytes] of chatter) {
    it(`has a budget a minute: ${name}`, () => {
      const { incoming } = peer()
      for (let minute = 0; minute < 3; minute++) {
        for (let i = 0; i < WIRE_LIMITS.chatterPerMinute; i++) incoming.receive(bytes, minute * 60_000)
      }
      assert.throws(() => incoming.receive(bytes, 179_999), { code: 'chatter-flood' })
    })
  }

  it('port 0 is no port', () => {
    assert.deepEqual(
      peer()
        .says(message(9, new Uint8Array(2)), message(9, u32(5).subarray(2)))
        .events(),
      [{ type: 'port', port: 5 }],
    )
  })
})

it('what came before a breach is still told', () => {
  const { incoming, events } = peer()
  assert.throws(() => incoming.receive(concatBytes([have(3), block(1), have(10), have(4)]), 0), {
    code: 'have-out-of-range',
  })
  assert.deepEqual(
    events().map(event => 'type' in event && event.type),
    ['have', 'block-start', 'block-data', 'block-end'],
  )
})
