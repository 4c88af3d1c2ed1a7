import { connect, createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { type Handshake, HandshakeReader } from '../../src/wire/handshake.ts'
import type { Message } from '../../src/wire/messages.ts'
import { WireDecoder } from '../../src/wire/wire-decoder.ts'

/** One connection that went through a tap. */
export class TappedConnection {
  /** What the one who connected said, and what it was answered, byte by byte. */
  readonly said: Uint8Array[] = []
  readonly answered: Uint8Array[] = []
  isClosed = false
}

/** A message on the wire between two peers, with the moment it passed: one clock for all taps. */
export interface Passed {
  readonly at: number
  readonly from: 'dialer' | 'listener'
  readonly message: Message
}

let clock = 0

/** A door that looks like a server, passes everything on to the real one, and writes down what went through. */
export class WireTap {
  readonly connections: TappedConnection[] = []
  readonly port: number
  /** Where the tap is for peers: their handshakes and messages, decoded as they pass. */
  readonly handshakes: { from: 'dialer' | 'listener'; handshake: Handshake }[] = []
  readonly messages: Passed[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  /** `isPeerWire`: decodes what passes as the peer protocol. */
  static async open(target: number, options: { isPeerWire?: boolean } = {}): Promise<WireTap> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const tap = new WireTap(server)
    server.on('connection', socket => tap.#pass(socket, target, options.isPeerWire ?? false))
    return tap
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  /** What one side said, in order. */
  of<T extends Message['type']>(
    from: Passed['from'],
    type: T,
  ): (Passed & { message: Extract<Message, { type: T }> })[] {
    return this.messages.filter(each => each.from === from && each.message.type === type) as never
  }

  #pass(near: Socket, target: number, isPeerWire: boolean): void {
    const far = connect(target, '127.0.0.1')
    const connection = new TappedConnection()
    this.connections.push(connection)
    const hear = (from: Passed['from'], kept: Uint8Array[]) => {
      const decode = isPeerWire ? this.#decoder(from) : () => undefined
      return (chunk: Uint8Array) => {
        kept.push(chunk)
        decode(chunk)
      }
    }
    const said = hear('dialer', connection.said)
    const answered = hear('listener', connection.answered)
    near.on('data', chunk => {
      said(chunk)
      far.write(chunk)
    })
    far.on('data', chunk => {
      answered(chunk)
      near.write(chunk)
    })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => undefined)
      one.on('end', () => other.end())
      one.on('close', () => {
        this.#sockets.delete(one)
        connection.isClosed = true
        other.end()
      })
    }
  }

  #decoder(from: Passed['from']): (chunk: Uint8Array) => void {
    const reader = new HandshakeReader()
    const decoder = new WireDecoder()
    let isShaken = false
    return chunk => {
      let rest = chunk
      if (!isShaken) {
        rest = chunk.subarray(reader.take(chunk))
        const handshake = reader.handshake()
        if (!handshake) return
        isShaken = true
        this.handshakes.push({ from, handshake })
      }
      decoder.push(rest)
      for (let message = decoder.next(); message !== null; message = decoder.next()) {
        if (message.type !== 'block-data') this.messages.push({ at: clock++, from, message })
      }
    }
  }
}
