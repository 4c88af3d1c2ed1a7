import { hostBytes, hostFromBytes, scopeOf } from '../../src/core/address.ts'
import { readU16 } from '../../src/core/bytes.ts'
import type { PackedPeers, SwarmAnnounce, SwarmAnswer } from '../../src/tracker/swarm-store.ts'

/** An announce of a leech; `host` is an address, `peer` a number that makes its id. */
export function announceOf(
  options: Partial<Omit<SwarmAnnounce, 'host'>> & { host?: string; peer?: number },
): SwarmAnnounce {
  const { host = '192.0.2.1', peer = 1, ...rest } = options
  const scope = scopeOf(host)
  return {
    infoHash: infoHashOf(1),
    host: hostBytes(host),
    port: 6881,
    scope,
    askedFrom: scope,
    peerId: peerIdOf(peer),
    isSeed: false,
    isPartialSeed: false,
    hasStarted: false,
    hasCompleted: false,
    hasStopped: false,
    numWant: 50,
    wantsPeerIds: true,
    ...rest,
  }
}

export function infoHashOf(number: number): Uint8Array {
  return numbered(number, 0x11)
}

export function peerIdOf(number: number): Uint8Array {
  return numbered(number, 0x22)
}

/** The peers of an answer as `host port`, sorted. */
export function peersOf(answer: SwarmAnswer): string[] {
  return [...unpacked(answer.ipv4, 4), ...unpacked(answer.ipv6, 16)].sort()
}

/** As `peersOf`, of one family and in the answer's order. */
export function unpacked(peers: PackedPeers, hostLength: number): string[] {
  return Array.from({ length: peers.count }, (_, i) => {
    const at = i * (hostLength + 2)
    const host = hostFromBytes(peers.addresses.subarray(at, at + hostLength))
    return `${host} ${readU16(peers.addresses, at + hostLength)}`
  })
}

function numbered(number: number, fill: number): Uint8Array {
  const bytes = new Uint8Array(20).fill(fill)
  new DataView(bytes.buffer).setUint32(16, number)
  return bytes
}
