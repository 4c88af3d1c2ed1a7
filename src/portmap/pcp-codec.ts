/** PCP as datagrams (RFC 6887): MAP, and ANNOUNCE, which asks nothing but whether the server is there. */

import { hostBytes, hostFromBytes } from '../core/address.ts'
import { equalBytes, readU16, readU32, writeU16, writeU32 } from '../core/bytes.ts'
import type { Transport } from './port-mapping.ts'

const VERSION = 2
const ANSWER = 0x80
const OPCODE = { announce: 0, map: 1 } as const
const PROTOCOL: Readonly<Record<Transport, number>> = { tcp: 6, udp: 17 }
const HEADER = 24
const MAP_LENGTH = 60
/** RFC 6887, section 7. */
const MAX_LENGTH = 1100

/** What makes a mapping ours: nobody else can change it or take it back. */
export const PCP_NONCE_LENGTH = 12

export interface PcpOrder {
  /** The address that we send from; the server refuses where it sees another. */
  readonly client: string
  readonly nonce: Uint8Array
  readonly transport: Transport
  readonly internalPort: number
  /** Wished for; 0 leaves it to the server. */
  readonly externalPort: number
  /** Wished for; null leaves it to the server. */
  readonly externalHost: string | null
  /** 0 takes the mapping back. */
  readonly lifetimeSeconds: number
}

/** What an answer says of one mapping. With a `result` that is not 0 it is what was asked for, given back. */
export interface PcpMap {
  readonly nonce: Uint8Array
  readonly transport: Transport
  readonly internalPort: number
  readonly externalPort: number
  /** Null where it says none. */
  readonly externalHost: string | null
}

export interface PcpAnswer {
  /** 0: done. */
  readonly result: number
  /** How long the mapping holds; of a refusal: how long it will stay one. */
  readonly lifetimeSeconds: number
  readonly epoch: number
  /** Null of an answer to ANNOUNCE, and of one that is not whole. */
  readonly map: PcpMap | null
}

export const PCP_UNSUPPORTED_VERSION = 1

const RESULTS = [
  'success',
  'it does not speak this version',
  'it does not allow it',
  'it does not understand the request',
  'it does not know the request',
  'it does not know an option',
  'it does not understand an option',
  'it has no way out at the moment',
  'it has no more room',
  'it does not forward this protocol',
  'it gives one machine no more ports',
  'it cannot give this port',
  'another router stands between it and this machine',
  'it cannot serve so many peers',
]

export function pcpReason(result: number): string {
  return RESULTS[result] ?? `result ${result}`
}

export function encodePcpMap(order: PcpOrder): Uint8Array {
  const bytes = new Uint8Array(MAP_LENGTH)
  writeHeader(bytes, { opcode: OPCODE.map, lifetimeSeconds: order.lifetimeSeconds, client: order.client })
  bytes.set(order.nonce, HEADER)
  bytes[36] = PROTOCOL[order.transport]
  writeU16(bytes, 40, order.internalPort)
  writeU16(bytes, 42, order.externalPort)
  writeHost(bytes, 44, order.externalHost ?? (order.client.includes(':') ? '::' : '0.0.0.0'))
  return bytes
}

export function encodePcpAnnounce(client: string): Uint8Array {
  const bytes = new Uint8Array(HEADER)
  writeHeader(bytes, { opcode: OPCODE.announce, lifetimeSeconds: 0, client })
  return bytes
}

/** Null for what is no answer. Options behind are not read: none was sent. */
export function decodePcpAnswer(bytes: Uint8Array): PcpAnswer | null {
  if (bytes.length < HEADER || bytes.length > MAX_LENGTH || bytes.length % 4 !== 0) return null
  if (bytes[0] !== VERSION || (bytes[1]! & ANSWER) === 0) return null
  const opcode = bytes[1]! & ~ANSWER
  if (opcode !== OPCODE.announce && opcode !== OPCODE.map) return null
  const head = { result: bytes[3]!, lifetimeSeconds: readU32(bytes, 4), epoch: readU32(bytes, 8) }
  if (opcode === OPCODE.announce) return { ...head, map: null }
  const map = readMap(bytes)
  return map === null && head.result === 0 ? null : { ...head, map }
}

/** Whether an answer is about this mapping (RFC 6887, section 11.4). */
export function isSamePcpMap(
  map: PcpMap,
  order: Pick<PcpOrder, 'nonce' | 'transport' | 'internalPort'>,
): boolean {
  return (
    map.transport === order.transport &&
    map.internalPort === order.internalPort &&
    equalBytes(map.nonce, order.nonce)
  )
}

function readMap(bytes: Uint8Array): PcpMap | null {
  if (bytes.length < MAP_LENGTH) return null
  const transport = bytes[36] === PROTOCOL.tcp ? 'tcp' : bytes[36] === PROTOCOL.udp ? 'udp' : null
  if (transport === null) return null
  const host = hostFromBytes(bytes.subarray(44, 60))
  return {
    nonce: bytes.slice(HEADER, HEADER + PCP_NONCE_LENGTH),
    transport,
    internalPort: readU16(bytes, 40),
    externalPort: readU16(bytes, 42),
    externalHost: host === '0.0.0.0' || host === '::' ? null : host,
  }
}

function writeHeader(
  bytes: Uint8Array,
  head: { opcode: number; lifetimeSeconds: number; client: string },
): void {
  bytes[0] = VERSION
  bytes[1] = head.opcode
  writeU32(bytes, 4, head.lifetimeSeconds)
  writeHost(bytes, 8, head.client)
}

/** IPv4 as `::ffff:a.b.c.d`. */
function writeHost(bytes: Uint8Array, at: number, host: string): void {
  const plain = hostBytes(host)
  if (plain.length === 4) bytes.fill(0xff, at + 10, at + 12)
  bytes.set(plain, at + 16 - plain.length)
}
