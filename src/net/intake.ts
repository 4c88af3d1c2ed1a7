/**
 * How bytes come out of a socket without a new buffer for each read: all sockets of this thread are read into one
 * buffer, and whoever takes a chunk copies what it keeps before it returns. Receiving costs 0.26 CPU s/GiB this way,
 * and 0.65 with `'data'` events.
 *
 * `onread` is documented for `net.connect` alone. What a server accepts is adopted: a second `net.Socket` is put on its
 * handle. That is not documented, so it stands in this file only, is tested, and falls back to `'data'`.
 */

import { connect, type NetConnectOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { NET_LIMITS } from './limits.ts'

/** Where a socket's bytes go. Closed at first: nothing is read before `isOpen` is set and the socket resumed. */
export class Intake {
  isOpen = false
  /** The chunk is valid only during the call. */
  take: (chunk: Uint8Array) => void = ignore
}

// A plain Uint8Array and not a Buffer, whose `slice` would share the memory and so break whoever keeps a slice.
const buffer = new Uint8Array(NET_LIMITS.readLength)

function onreadFor(intake: Intake) {
  return {
    buffer,
    callback(length: number): boolean {
      intake.take(buffer.subarray(0, length))
      return intake.isOpen // false stops reading until the socket is resumed
    },
  }
}

/** `net.connect`, with its bytes going to the intake. The socket is paused. */
export function connectInto(intake: Intake, options: NetConnectOpts): Socket {
  return connect({ ...options, onread: onreadFor(intake) }).pause()
}

/** What lies beneath a `net.Socket` and is not in its documentation. */
interface Handle {
  useUserBuffer?: unknown
}
interface Bared {
  _handle: Handle | null
}

/**
 * Lets the bytes of an accepted socket go to the intake. Gives the socket to use from now on, which is paused; the
 * given one may not be used any more. The server must have `pauseOnConnect`, and no longer counts this connection.
 */
export function adoptInto(intake: Intake, accepted: Socket, canShareHandle = true): Socket {
  const bared = accepted as unknown as Bared
  const handle = bared._handle
  if (!canShareHandle || typeof handle?.useUserBuffer !== 'function') return listenInto(intake, accepted)
  const options = { handle, onread: onreadFor(intake), allowHalfOpen: true, pauseOnCreate: true }
  const adopted = new Socket(options as unknown as SocketConstructorOpts)
  bared._handle = null
  accepted.destroy() // without its handle: only the server's count goes down
  return adopted
}

function listenInto(intake: Intake, accepted: Socket): Socket {
  accepted.on('data', (chunk: Buffer) => {
    intake.take(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength))
  })
  return accepted.pause()
}

function ignore(): void {}
