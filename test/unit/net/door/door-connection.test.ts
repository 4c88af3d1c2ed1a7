import assert from 'node:assert/strict'
import { Duplex } from 'node:stream'
import { suite, test } from 'node:test'
import { DoorConnection } from '../../../../src/net/door/door-connection.ts'

const HEAD_LENGTH = 64

/** What becomes of a connection that says this in two parts: what it is answered, and whether it was handed over. */
async function decision(text: string, cut: number): Promise<string> {
  let said = ''
  const socket = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      said += String(chunk).split('\r\n', 1)[0]
      done()
    },
  })
  new DoorConnection({
    socket,
    caller: {
      host: '127.0.0.1',
      hostBytes: Uint8Array.of(127, 0, 0, 1),
      scope: 'loopback',
      localHost: '127.0.0.1',
    },
    isAnswered: path => path === '/announce',
    answer: () => new Uint8Array(0),
    handOver: () => {
      said += 'handed over'
    },
    limits: { headLength: HEAD_LENGTH, headTimeout: 1, idleTimeout: 1, sendTimeout: 1 },
    now: () => 0,
  })
  for (const part of [text.slice(0, cut), text.slice(cut)]) {
    if (part.length > 0) socket.emit('data', Buffer.from(part, 'latin1'))
  }
  await new Promise(setImmediate)
  socket.destroy()
  return said
}

/** A request whose head, without the empty line at its end, has that length. */
function request(path: string, length: number): string {
  const start = `GET ${path} HTTP/1.1\r\nHost: `
  return `${start}${'a'.repeat(length - start.length)}\r\n\r\n`
}

const TOO_LONG = 'HTTP/1.1 431 Request Header Fields Too Large'
const CASES: [what: string, text: string, expected: string][] = [
  ['a head as long as it may be is answered', request('/announce', HEAD_LENGTH), 'HTTP/1.1 200 OK'],
  ['one that is longer by a byte is refused', request('/announce', HEAD_LENGTH + 1), TOO_LONG],
  ['one that is much longer is refused', request('/announce', 3 * HEAD_LENGTH), TOO_LONG],
  ["another's that is too long is handed over", request('/page', 3 * HEAD_LENGTH), 'handed over'],
  ['a request line that is too long is refused', request(`/page${'e'.repeat(80)}`, 200), TOO_LONG],
  ['nonsense is handed over', 'NONSENSE\r\n\r\n', 'handed over'],
]

suite('what the door decides is the same wherever the bytes are cut', () => {
  for (const [what, text, expected] of CASES) {
    test(what, async () => {
      for (let cut = 0; cut < text.length; cut++)
        assert.equal(await decision(text, cut), expected, `cut at ${cut}`)
    })
  }
})
