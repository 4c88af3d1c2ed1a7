import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { TEST_CERTIFICATE, TEST_KEY } from './certificate.ts'

export interface Web extends AsyncDisposable {
  readonly port: number
  /** The URL of a path at 127.0.0.1. */
  url(path: string): string
}

/** A web server that answers as the story wants. */
export async function startWeb(answer: RequestListener, host = '127.0.0.1'): Promise<Web> {
  return await listening(createServer(answer), 'http', host)
}

/** The same over TLS, with the certificate for tests. */
export async function startSecureWeb(answer: RequestListener): Promise<Web> {
  return await listening(
    createSecureServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, answer),
    'https',
    '127.0.0.1',
  )
}

/** A server that speaks whatever the story wants, HTTP or not. */
export async function startRaw(onConnection: (socket: Socket) => void): Promise<Web> {
  const server = createTcpServer(socket => {
    socket.on('error', () => {})
    onConnection(socket)
  })
  return await listening(server, 'http', '127.0.0.1')
}

async function listening(server: Server, scheme: string, host: string): Promise<Web> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.listen(0, host)
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('not listening')
  return {
    port: bound.port,
    url: path => `${scheme}://127.0.0.1:${bound.port}${path}`,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
