/** What a UDP tracker sends and reads, written field by field from BEP 15 and 41: nothing here is shoal's own codec. */

export interface UdpAnnounceFields {
  readonly connectionId: bigint
  readonly transactionId: number
  readonly infoHash: Uint8Array
  readonly peerId: Uint8Array
  readonly downloaded: bigint
  readonly left: bigint
  readonly uploaded: bigint
  readonly event: number
  readonly ip: number
  readonly key: number
  readonly numWant: number
  readonly port: number
  /** What stands behind the fields. */
  readonly options: Uint8Array
}

/** The transaction id of a connect; null for anything else. */
export function readConnect(datagram: Uint8Array): number | null {
  const view = viewOf(datagram)
  const isConnect =
    datagram.length === 16 && view.getBigUint64(0) === 0x41727101980n && view.getUint32(8) === 0
  return isConnect ? view.getUint32(12) : null
}

/** Null for what is no announce. */
export function readAnnounce(datagram: Uint8Array): UdpAnnounceFields | null {
  const view = viewOf(datagram)
  if (datagram.length < 98 || view.getUint32(8) !== 1) return null
  return {
    connectionId: view.getBigUint64(0),
    transactionId: view.getUint32(12),
    infoHash: datagram.slice(16, 36),
    peerId: datagram.slice(36, 56),
    downloaded: view.getBigUint64(56),
    left: view.getBigUint64(64),
    uploaded: view.getBigUint64(72),
    event: view.getUint32(80),
    ip: view.getUint32(84),
    key: view.getUint32(88),
    numWant: view.getInt32(92),
    port: view.getUint16(96),
    options: datagram.slice(98),
  }
}

export function connectAnswer(transactionId: number, connectionId: bigint): Uint8Array {
  const datagram = new Uint8Array(16)
  const view = viewOf(datagram)
  view.setUint32(0, 0)
  view.setUint32(4, transactionId)
  view.setBigUint64(8, connectionId)
  return datagram
}

/** `peers`: packed, 6 bytes each over IPv4 and 18 over IPv6. */
export function announceAnswer(
  transactionId: number,
  said: { interval: number; leechers: number; seeders: number; peers: readonly (readonly number[])[] },
): Uint8Array {
  const head = new Uint8Array(20)
  const view = viewOf(head)
  view.setUint32(0, 1)
  view.setUint32(4, transactionId)
  view.setUint32(8, said.interval)
  view.setUint32(12, said.leechers)
  view.setUint32(16, said.seeders)
  return Uint8Array.from([...head, ...said.peers.flat()])
}

/** Null for what is no scrape. */
export function readScrape(
  datagram: Uint8Array,
): { connectionId: bigint; transactionId: number; infoHashes: Uint8Array[] } | null {
  const view = viewOf(datagram)
  if (datagram.length < 36 || (datagram.length - 16) % 20 !== 0 || view.getUint32(8) !== 2) return null
  return {
    connectionId: view.getBigUint64(0),
    transactionId: view.getUint32(12),
    infoHashes: Array.from({ length: (datagram.length - 16) / 20 }, (_, i) =>
      datagram.slice(16 + 20 * i, 36 + 20 * i),
    ),
  }
}

/** `counts`: seeds, completed, leeches of each swarm. */
export function scrapeAnswer(
  transactionId: number,
  counts: readonly (readonly [number, number, number])[],
): Uint8Array {
  const datagram = new Uint8Array(8 + 12 * counts.length)
  const view = viewOf(datagram)
  view.setUint32(0, 2)
  view.setUint32(4, transactionId)
  for (const [i, count] of counts.flat().entries()) view.setUint32(8 + 4 * i, count)
  return datagram
}

export function errorAnswer(transactionId: number, text: string): Uint8Array {
  const head = new Uint8Array(8)
  const view = viewOf(head)
  view.setUint32(0, 3)
  view.setUint32(4, transactionId)
  return Uint8Array.from([...head, ...new TextEncoder().encode(text)])
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
