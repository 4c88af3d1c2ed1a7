import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parsePlainGet, pathOf } from '../../../../src/net/door/plain-get.ts'

function get(target: string, ...headers: string[]): string {
  return [`GET ${target} HTTP/1.1`, 'Host: x', ...headers].join('\r\n')
}

suite('parsePlainGet', () => {
  test('takes a target apart at its first question mark', () => {
    assert.deepEqual(parsePlainGet(get('/announce?a=b?c&d=%2F')), {
      path: '/announce',
      query: 'a=b?c&d=%2F',
      keepsAlive: true,
      isOld: false,
    })
    assert.equal(parsePlainGet(get('/'))?.query, '')
  })

  test('does what Connection says', () => {
    assert.equal(parsePlainGet(get('/', 'connection:  CLOSE '))?.keepsAlive, false)
    assert.equal(parsePlainGet(get('/', 'Connection: keep-alive'))?.keepsAlive, true)
    assert.equal(parsePlainGet('GET / HTTP/1.0')?.keepsAlive, false)
    assert.deepEqual(parsePlainGet('GET / HTTP/1.0\r\nConnection: keep-alive'), {
      path: '/',
      query: '',
      keepsAlive: true,
      isOld: true,
    })
  })

  test('takes headers that change nothing', () => {
    assert.ok(
      parsePlainGet(get('/', 'User-Agent: a: b\tc', 'Accept-Encoding:', 'Content-Length: 0', 'X-é: ü')) ===
        null,
    )
    assert.ok(
      parsePlainGet(get('/', 'User-Agent: a: b\tc\xe9', 'Accept-Encoding:', 'Content-Length: 0')) !== null,
    )
  })

  const notPlain = [
    '',
    'GET /',
    'POST / HTTP/1.1\r\nHost: x',
    'get / HTTP/1.1\r\nHost: x',
    'GET  / HTTP/1.1\r\nHost: x',
    'GET / HTTP/1.1 \r\nHost: x',
    'GET / HTTP/2.0\r\nHost: x',
    'GET http://x/ HTTP/1.1\r\nHost: x',
    'GET * HTTP/1.1\r\nHost: x',
    'GET /# HTTP/1.1\r\nHost: x',
    'GET /?# HTTP/1.1\r\nHost: x',
    'GET /\xe9 HTTP/1.1\r\nHost: x',
    'GET /\n HTTP/1.1\r\nHost: x',
    'GET / HTTP/1.1',
    get('/', 'Host: y'),
    get('/', 'Content-Length: 1'),
    get('/', 'Content-Length: 0, 0'),
    get('/', 'Content-Length: +0'),
    get('/', 'Transfer-Encoding: identity'),
    get('/', 'Expect: 100-continue'),
    get('/', 'Upgrade: h2c'),
    get('/', 'Connection: keep-alive, Upgrade'),
    get('/', 'Connection: close', 'Connection: close'),
    get('/', 'no colon'),
    get('/', ': x'),
    get('/', ' folded: x'),
    get('/', 'A : x'),
    get('/', 'A: x\n B: y'),
    get('/', 'A: \0'),
    get('/', 'A: \r'),
    get('/', ...Array.from({ length: 64 }, (_, i) => `H${i}: x`)),
  ]
  for (const head of notPlain) {
    test(`leaves ${JSON.stringify(head.slice(0, 60))} to others`, () =>
      assert.equal(parsePlainGet(head), null))
  }
})

suite('pathOf', () => {
  test('reads a request line alone', () => {
    assert.equal(pathOf('GET /announce?x HTTP/1.1'), '/announce')
    assert.equal(pathOf('GET /announce?x HTTP'), null)
    assert.equal(pathOf('POST /announce HTTP/1.1'), null)
  })
})
