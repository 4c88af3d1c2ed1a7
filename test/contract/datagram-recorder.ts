import type { Address } from '../../src/core/address.ts'
import type { DatagramNetwork, DatagramSocket } from '../../src/core/ports.ts'

/** Keeps what a socket for datagrams receives, and lets a test wait for it. */
export class DatagramRecorder {
  readonly received: { readonly bytes: Uint8Array; readonly from: Address }[] = []
  /** What to do with each, beside keeping it. */
  onDatagram: (bytes: Uint8Array) => void = () => {}
  #socket: DatagramSocket | null = null
  #waiting: (() => void)[] = []

  static async bind(network: DatagramNetwork, at: Address): Promise<DatagramRecorder> {
    const recorder = new DatagramRecorder()
    recorder.#socket = await network.bind(at, (datagram, from) => recorder.#note(datagram.slice(), from))
    return recorder
  }

  get socket(): DatagramSocket {
    if (!this.#socket) throw new Error('a datagram came before the socket did')
    return this.#socket
  }

  get local(): Address {
    return this.socket.local
  }

  /** The first byte of each. */
  get marks(): (number | undefined)[] {
    return this.received.map(({ bytes }) => bytes[0])
  }

  /** Resolves when so many have come. */
  async until(count: number): Promise<void> {
    while (this.received.length < count) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  #note(bytes: Uint8Array, from: Address): void {
    void this.socket
    this.received.push({ bytes, from })
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
    this.onDatagram(bytes)
  }
}
