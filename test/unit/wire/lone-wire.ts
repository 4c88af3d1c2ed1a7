/** One wire whose other side is the test itself. */

import { concatBytes, latin1Bytes } from '../../../src/core/bytes.ts'
import { type PeerEvent, PeerWire, type PeerWireOptions } from '../../../src/wire/peer-wire.ts'
import { handshake, INFO_HASH } from './wire-bytes.ts'

export const PEER_ID = latin1Bytes('-SH0100-aaaaaaaaaaaa')

export function initiator(options: Partial<PeerWireOptions> = {}): PeerWire {
  return new PeerWire({
    role: 'initiator',
    peerId: PEER_ID,
    infoHash: INFO_HASH,
    pieceCount: 10,
    now: 0,
    ...options,
  })
}

export function acceptor(options: Partial<PeerWireOptions> = {}): PeerWire {
  return new PeerWire({ role: 'acceptor', peerId: PEER_ID, now: 0, ...options })
}

/** Drains a wire into lists. */
export function drained(wire: PeerWire, now = 0): { events: PeerEvent[]; sent: Uint8Array } {
  const events: PeerEvent[] = []
  const sent: Uint8Array[] = []
  wire.drain(
    { room: () => 1, send: output => sent.push(output.bytes), emit: event => events.push(event) },
    now,
  )
  return { events, sent: concatBytes(sent) }
}

/** An initiator whose handshake was answered and that said what it had to say. */
export function opened(options: Partial<PeerWireOptions> = {}): PeerWire {
  const wire = initiator(options)
  wire.receive(handshake(), 0)
  drained(wire)
  return wire
}
