import { connect, type Socket } from 'node:net'

/** An HTTP answer as it came over the wire. Texts have one character a byte. */
export interface RawAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** A TCP connection that sends any bytes and reads HTTP answers one by one. */
export class RawHttp {
  readonly socket: Socket
  #received = ''
  #hasEnded = false
  #isClosed = false
  #changed = Promise.withResolvers<void>()

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', chunk => {
      this.#received += chunk.toString('latin1')
      this.#wake()
    })
    socket.on('error', () => {})
    socket.on('end', () => {
      this.#hasEnded = true
      this.#wake()
    })
    socket.on('close', () => {
      this.#isClosed = true
      this.#wake()
    })
  }

  static open(port: number, host = '127.0.0.1', localAddress?: string): Promise<RawHttp> {
    const options = {
      port,
      host,
      allowHalfOpen: true,
      ...(localAddress === undefined ? {} : { localAddress }),
    }
    return new Promise((resolve, reject) => {
      const socket = connect(options, () => resolve(new RawHttp(socket)))
      socket.once('error', reject)
    })
  }

  send(text: string): void {
    this.socket.write(Buffer.from(text, 'latin1'))
  }

  /** The next answer; null where the connection ends before it is whole. That to a HEAD has no body. */
  async answer(hasBody = true): Promise<RawAnswer | null> {
    for (;;) {
      const answer = this.#take(hasBody)
      if (answer !== null) return answer
      if (this.#hasEnded || this.#isClosed) return null
      await this.#changed.promise
    }
  }

  /** Sends a GET and reads its answer. */
  async get(target: string, headers = ''): Promise<RawAnswer | null> {
    this.send(`GET ${target} HTTP/1.1\r\nHost: tracker.example\r\n${headers}\r\n`)
    return await this.answer()
  }

  /** Resolves when the other side has closed; with what came before it and was not read. */
  async closed(): Promise<string> {
    while (!this.#isClosed) {
      if (this.#hasEnded) this.socket.end()
      await this.#changed.promise
    }
    return this.#received
  }

  close(): void {
    this.socket.destroy()
  }

  #take(hasBody: boolean): RawAnswer | null {
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return null
    const [first = '', ...lines] = this.#received.slice(0, end).split('\r\n')
    const headers = new Map(
      lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), valueOf(line)]),
    )
    const length = hasBody ? Number(headers.get('content-length') ?? 0) : 0
    const body = this.#received.slice(end + 4, end + 4 + length)
    if (body.length < length) return null
    this.#received = this.#received.slice(end + 4 + length)
    return { status: Number(first.split(' ')[1]), headers, body }
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
  }
}

function valueOf(line: string): string {
  return line.slice(line.indexOf(':') + 1).trim()
}
