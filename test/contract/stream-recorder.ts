import { concatBytes } from '../../src/core/bytes.ts'
import type { BitTorrentError } from '../../src/core/errors.ts'
import type { StreamSocket } from '../../src/core/ports.ts'

/** Keeps what one end of a stream is told, and lets a test wait for it. */
export class StreamRecorder {
  readonly socket: StreamSocket
  /** `received`, `taken`, `drained` and `closed`, in the order they came. */
  readonly events: string[] = []
  error: BitTorrentError | null = null
  length = 0
  /** What to do with each chunk, beside keeping it. */
  onChunk: () => void = () => {}
  readonly #chunks: Uint8Array[] = []
  #waiting: (() => void)[] = []

  constructor(socket: StreamSocket) {
    this.socket = socket
  }

  start(): this {
    this.socket.start({
      received: chunk => {
        this.#chunks.push(chunk.slice())
        this.length += chunk.length
        this.onChunk()
        this.#note('received')
      },
      drained: () => this.#note('drained'),
      closed: error => {
        this.error = error
        this.#note('closed')
      },
    })
    return this
  }

  bytes(): Uint8Array {
    return concatBytes(this.#chunks)
  }

  count(event: string): number {
    return this.events.filter(name => name === event).length
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes, () => this.#note('taken'))
  }

  /** Resolves when the condition holds; it is looked at after every event. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  closed(): Promise<void> {
    return this.until(() => this.events.includes('closed'))
  }

  #note(event: string): void {
    this.events.push(event)
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
