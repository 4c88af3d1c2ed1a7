import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { utf8Text } from '../../../src/core/bytes.ts'
import { type Scope, scopeOf } from '../../../src/core/scope.ts'
import { type FetchOptions, HttpFetcher } from '../../../src/net/fetch.ts'
import { NET_LIMITS } from '../../../src/net/limits.ts'
import { TEST_CERTIFICATE } from './certificate.ts'
import { startRaw, startSecureWeb, startWeb } from './web.ts'

/** In these tests 127.0.0.8 and above stand for the wide world. */
function pretendedScope(host: string): Scope {
  return /^127\.0\.0\.([89]|\d\d)$/.test(host) ? 'global' : scopeOf(host)
}

async function get(url: string, options: FetchOptions = {}, fetcher = new HttpFetcher()) {
  try {
    return await fetcher.fetch(url, options)
  } finally {
    fetcher.close()
  }
}

const local = { allowLocal: true }

describe('HttpFetcher', { timeout: 20_000 }, () => {
  it('gets status, headers and body', async () => {
    await using web = await startWeb((request, response) => {
      assert.equal(request.method, 'GET')
      assert.equal(request.headers['user-agent'], 'shoal/1')
      response.writeHead(404, { 'X-One': 'a', __proto__x: 'b', 'set-cookie': ['c=1', 'd=2'] }).end('body')
    })
    const response = await get(web.url('/a?b=%00%ff'), local, new HttpFetcher({ userAgent: 'shoal/1' }))
    assert.equal(response.status, 404)
    assert.equal(utf8Text(response.bytes), 'body')
    assert.equal(response.headers.get('x-one'), 'a')
    assert.equal(response.headers.get('set-cookie'), 'c=1, d=2')
    assert.equal(response.url, web.url('/a?b=%00%ff'))
    assert.equal(response.host, '127.0.0.1')
  })

  it('sends escaped bytes as they stand', async () => {
    let asked = ''
    await using web = await startWeb((request, response) => {
      asked = request.url ?? ''
      response.end()
    })
    await get(web.url('/announce?info_hash=%00%FF%7e~%2F&x=a+b'), local)
    assert.equal(asked, '/announce?info_hash=%00%FF%7e~%2F&x=a+b')
  })

  it('uses a connection again, and tries once more where that had just been closed', async () => {
    const ports = new Set<number | undefined>()
    await using web = await startWeb((request, response) => {
      ports.add(request.socket.remotePort)
      if (request.url === '/drop' && ports.size === 1) request.socket.destroy()
      else response.end('ok')
    })
    const fetcher = new HttpFetcher()
    await fetcher.fetch(web.url('/1'), local)
    await fetcher.fetch(web.url('/2'), local)
    assert.equal(ports.size, 1)
    assert.equal(utf8Text((await fetcher.fetch(web.url('/drop'), local)).bytes), 'ok')
    assert.equal(ports.size, 2)
    fetcher.close()
  })

  it('asks from the address it is told to', async () => {
    await using web = await startWeb((request, response) => response.end(request.socket.remoteAddress))
    const response = await get(web.url('/'), { ...local, from: '127.0.0.2' })
    assert.equal(utf8Text(response.bytes), '127.0.0.2')
    await assert.rejects(get(web.url('/'), { ...local, from: '::1' }), { code: 'family-missing' })
    await assert.rejects(get(web.url('/'), { ...local, family: 6 }), { code: 'family-missing' })
  })
})

describe('local addresses', { timeout: 20_000 }, () => {
  it('are refused in every spelling', async () => {
    let requests = 0
    await using web = await startWeb((_, response) => {
      requests++
      response.end()
    })
    const spellings = [
      '127.0.0.1',
      '127.1',
      '0177.1',
      '2130706433',
      '0x7f.1',
      '0x7f000001',
      '127.0.0.1.',
      '127.000.000.001',
    ]
    spellings.push(
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      'localhost',
      'LOCALHOST',
      '127。0。0。1',
      '１２７.0.0.1',
    )
    spellings.push(
      'user:pass@127.0.0.1',
      '0.0.0.0',
      '[::]',
      '[::1]',
      '[::127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
    )
    spellings.push(
      '169.254.169.254',
      '10.0.0.1',
      '192.168.0.1',
      '172.16.0.1',
      '100.64.0.1',
      '[fe80::1]',
      '[fd00::1]',
      '224.0.0.1',
    )
    for (const host of spellings) {
      await assert.rejects(
        get(`http://${host}:${web.port}/`, { allowIdna: true }),
        { code: 'url-refused' },
        host,
      )
    }
    const dotted = new HttpFetcher({ lookup: async () => ['127.0.0.1'] })
    await assert.rejects(get(`http://localhost.:${web.port}/`, {}, dotted), { code: 'url-refused' })
    assert.equal(requests, 0)
  })

  it('are asked where the caller allows it, but never unusable ones', async () => {
    await using web = await startWeb((_, response) => response.end('ok'))
    for (const host of ['127.0.0.1', '0x7f.1', '[::ffff:127.0.0.1]', 'localhost']) {
      const fetcher = new HttpFetcher({ lookup: async () => ['127.0.0.1'] })
      assert.equal((await get(`http://${host}:${web.port}/`, local, fetcher)).status, 200)
    }
    for (const host of ['0.0.0.0', '[::]', '[::127.0.0.1]', '255.255.255.255']) {
      await assert.rejects(get(`http://${host}:${web.port}/`, local), { code: 'url-refused' }, host)
    }
  })

  it('are refused where a name leads to them, whatever text the resolver gives', async () => {
    for (const host of [
      '127.0.0.1',
      '::1',
      '::ffff:127.0.0.1',
      '169.254.169.254',
      'fe80::1%eth0',
      '10.1.2.3',
    ]) {
      const fetcher = new HttpFetcher({ lookup: async () => [host] })
      await assert.rejects(get('http://innocent.test/', {}, fetcher), { code: 'url-refused' }, host)
    }
  })

  it('are left out where a name leads to them beside global ones', async () => {
    await using web = await startWeb(
      (request, response) => response.end(request.socket.localAddress),
      '0.0.0.0',
    )
    const fetcher = new HttpFetcher({
      lookup: async () => ['127.0.0.1', '127.0.0.8'],
      scopeOf: pretendedScope,
    })
    const response = await get(`http://both.test:${web.port}/`, {}, fetcher)
    assert.equal(utf8Text(response.bytes), '127.0.0.8')
  })

  it('cannot be reached by a name that changes its address after the check', async () => {
    await using web = await startWeb(
      (request, response) => response.end(request.socket.localAddress),
      '0.0.0.0',
    )
    let lookups = 0
    const lookup = async () => (lookups++ === 0 ? ['127.0.0.8'] : ['127.0.0.1'])
    const fetcher = new HttpFetcher({ lookup, scopeOf: pretendedScope })
    assert.equal((await fetcher.fetch(`http://rebind.test:${web.port}/`)).host, '127.0.0.8')
    assert.equal(lookups, 1)
    await assert.rejects(fetcher.fetch(`http://rebind.test:${web.port}/`), { code: 'url-refused' })
    fetcher.close()
  })

  it('opened for one request are not lent to one that may not have them', async () => {
    await using web = await startWeb((_, response) => response.end('ok'))
    const fetcher = new HttpFetcher({ lookup: async () => ['127.0.0.1'] })
    await fetcher.fetch(`http://name.test:${web.port}/`, local)
    await assert.rejects(fetcher.fetch(`http://name.test:${web.port}/`), { code: 'url-refused' })
    fetcher.close()
  })
})

describe('redirects', { timeout: 20_000 }, () => {
  it('are followed five times, not six', async () => {
    await using web = await startWeb((request, response) => {
      const left = Number(request.url?.slice(1))
      if (left === 0) response.end('there')
      else response.writeHead(302, { location: `/${left - 1}` }).end()
    })
    const response = await get(web.url('/5'), local)
    assert.equal(utf8Text(response.bytes), 'there')
    assert.equal(response.url, web.url('/0'))
    await assert.rejects(get(web.url('/6'), local), { code: 'too-many-redirects' })
  })

  it('lead to http and https only', async () => {
    let target = ''
    await using web = await startWeb((_, response) => response.writeHead(301, { location: target }).end())
    for (target of [
      'file:///etc/passwd',
      'ftp://x/',
      'javascript:alert(1)',
      'data:,x',
      'http://',
      'http://a b/',
    ]) {
      await assert.rejects(get(web.url('/'), local), { name: 'FormatError', code: 'url-invalid' }, target)
    }
  })

  it('without a place to go are an answer', async () => {
    await using web = await startWeb((_, response) => response.writeHead(302).end('nowhere'))
    assert.equal((await get(web.url('/'), local)).status, 302)
  })

  it('never lead from a global address to a local one, even where local ones are allowed', async () => {
    let target = ''
    await using web = await startWeb((request, response) => {
      if (request.url === '/start') response.writeHead(307, { location: target }).end()
      else response.end('reached')
    }, '0.0.0.0')
    const fetcher = () => new HttpFetcher({ lookup: async () => ['127.0.0.8'], scopeOf: pretendedScope })
    const start = `http://global.test:${web.port}/start`
    target = `http://127.0.0.1:${web.port}/`
    await assert.rejects(get(start, local, fetcher()), { code: 'url-refused' })
    target = `http://127.0.0.9:${web.port}/start`
    await assert.rejects(get(start, {}, fetcher()), { code: 'too-many-redirects' })
    target = `http://other.test:${web.port}/`
    assert.equal(utf8Text((await get(start, {}, fetcher())).bytes), 'reached')
  })

  it('are looked at again by the rule for local addresses', async () => {
    await using web = await startWeb((request, response) => {
      if (request.url === '/announce') response.writeHead(302, { location: '/admin?reboot=1' }).end()
      else response.end('rebooted')
    })
    const allowLocal = (url: URL) => url.pathname === '/announce'
    await assert.rejects(get(web.url('/announce'), { allowLocal }), { code: 'url-refused' })
    await assert.rejects(get(web.url('/other'), { allowLocal }), { code: 'url-refused' })
  })

  it('do not step down from https', async () => {
    await using web = await startWeb((_, response) => response.end())
    await using secure = await startSecureWeb((_, response) => {
      response.writeHead(302, { location: web.url('/') }).end()
    })
    const fetcher = new HttpFetcher({ ca: TEST_CERTIFICATE })
    await assert.rejects(get(secure.url('/'), local, fetcher), { code: 'url-refused' })
  })

  it('take credentials along within an origin only', async () => {
    const seen: (string | undefined)[] = []
    await using other = await startWeb((request, response) => {
      const { authorization, cookie, 'x-plain': plain } = request.headers
      seen.push(authorization, cookie, String(plain))
      response.end()
    })
    await using web = await startWeb((request, response) => {
      seen.push(request.headers.authorization)
      const location = request.url === '/1' ? '/2' : `http://evil:word@127.0.0.1:${other.port}/`
      response.writeHead(302, { location }).end()
    })
    const headers = { Cookie: 'secret=1', 'X-Plain': 'yes' }
    const response = await get(`http://us%65r:p%40ss@127.0.0.1:${web.port}/1`, { ...local, headers })
    const basic = `Basic ${Buffer.from('user:p@ss').toString('base64')}`
    assert.deepEqual(seen, [basic, basic, undefined, undefined, 'yes'])
    assert.equal(response.url, other.url('/'))
  })
})

describe('what a URL may be', { timeout: 20_000 }, () => {
  it('is checked before anything is resolved', async () => {
    const lookup = () => assert.fail('resolved')
    const fetcher = () => new HttpFetcher({ lookup })
    for (const url of [
      '',
      'x',
      'udp://a.test/',
      'ftp://a.test/',
      `http://a.test/${'a'.repeat(9000)}`,
      'http://[::1%25lo]/',
    ]) {
      await assert.rejects(get(url, local, fetcher()), { code: 'url-invalid' }, url)
    }
    for (const url of [
      'http://a.test:22/',
      'https://a.test:25/',
      'http://xn--bcher-kva.test/',
      'http://bücher.test/',
    ]) {
      await assert.rejects(get(url, local, fetcher()), { code: 'url-refused' }, url)
    }
  })

  it('is wider where the caller says so', async () => {
    const fetcher = new HttpFetcher({ lookup: async () => [] })
    const options = { allowLowPorts: true, allowIdna: true }
    await assert.rejects(get('http://bücher.test:22/', options, fetcher), { code: 'name-unresolved' })
  })
})

describe('sizes', { timeout: 20_000 }, () => {
  const small = { ...local, maxBytes: 1000 }

  it('a body at the limit is taken, one byte more is not', async () => {
    await using web = await startWeb((request, response) => {
      const length = Number(request.url?.slice(2))
      if (request.url?.startsWith('/c')) response.write('a'.repeat(length))
      response.end(request.url?.startsWith('/l') ? 'a'.repeat(length) : '')
    })
    for (const kind of ['l', 'c']) {
      assert.equal((await get(web.url(`/${kind}1000`), small)).bytes.length, 1000)
      await assert.rejects(get(web.url(`/${kind}1001`), small), { code: 'response-too-large' })
    }
  })

  it('an endless body is broken off', async () => {
    const stopped = Promise.withResolvers<void>()
    await using web = await startWeb((_, response) => {
      const more = () => {
        while (response.write('a'.repeat(500)));
      }
      response.on('drain', more).on('close', stopped.resolve)
      more()
    })
    await assert.rejects(get(web.url('/'), small), { code: 'response-too-large' })
    await stopped.promise
  })

  it('gzip is unpacked up to the limit', async () => {
    await using web = await startWeb((request, response) => {
      const body = request.url === '/bomb' ? Buffer.alloc(50_000_000) : Buffer.from('unpacked')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body, { level: 9 }))
    })
    assert.equal(utf8Text((await get(web.url('/'), small)).bytes), 'unpacked')
    await assert.rejects(get(web.url('/bomb'), { ...local, maxBytes: 1_000_000 }), {
      code: 'response-too-large',
    })
  })

  it('what does not unpack is of no use', async () => {
    let encoding = 'gzip'
    await using web = await startWeb((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end('no gzip')
    })
    for (encoding of ['gzip', 'br', 'gzip, gzip']) {
      await assert.rejects(get(web.url('/'), small), { code: 'response-invalid' }, encoding)
    }
  })

  it('a head that does not end is of no use', async () => {
    await using web = await startRaw(socket => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n')
        socket.end(`x: ${'a'.repeat(NET_LIMITS.headerBytes)}\r\n\r\n`)
      })
    })
    await assert.rejects(get(web.url('/'), local), { code: 'response-invalid' })
  })
})

describe('servers that misbehave', { timeout: 20_000 }, () => {
  const brief = { ...local, timeout: 150 }

  it('by saying nothing are given up', async () => {
    await using web = await startRaw(socket => socket.resume())
    await assert.rejects(get(web.url('/'), brief), { code: 'fetch-timeout' })
  })

  it('by saying little by little are given up', async () => {
    await using web = await startWeb((_, response) => {
      const trickle = setInterval(() => response.write('a'), 10)
      response.on('close', () => clearInterval(trickle))
    })
    await assert.rejects(get(web.url('/'), brief), { code: 'fetch-timeout' })
  })

  it('by answers that are no HTTP are of no use', async () => {
    await using web = await startRaw(socket => socket.once('data', () => socket.end('d8:intervali1800ee')))
    await assert.rejects(get(web.url('/'), local), { code: 'response-invalid' })
  })

  it('by closing too early have failed', async () => {
    let text = ''
    await using web = await startRaw(socket => socket.once('data', () => socket.end(text)))
    for (text of ['', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf']) {
      await assert.rejects(get(web.url('/'), local), { name: 'ProtocolError', code: 'fetch-failed' })
    }
  })

  it('by refusing are passed over where the name has another address', async () => {
    await using web = await startWeb((_, response) => response.end('ok'))
    const lookup = async () => ['127.0.0.3', '127.0.0.1']
    const url = `http://two.test:${web.port}/`
    assert.equal((await get(url, local, new HttpFetcher({ lookup }))).host, '127.0.0.1')
    const nobody = new HttpFetcher({ lookup: async () => ['127.0.0.3'] })
    await assert.rejects(get(url, local, nobody), { code: 'fetch-failed' })
  })
})

describe('aborting', { timeout: 20_000 }, () => {
  const reason = new Error('no longer needed')

  it('before the request asks nobody', async () => {
    const lookup = () => assert.fail('resolved')
    const signal = AbortSignal.abort(reason)
    await assert.rejects(get('http://a.test/', { signal }, new HttpFetcher({ lookup })), reason)
  })

  it('during the look-up, the request and the body rejects with the reason', async () => {
    const stuck = new HttpFetcher({ lookup: () => new Promise(() => {}) })
    const lookingUp = new AbortController()
    setImmediate(() => lookingUp.abort(reason))
    await assert.rejects(get('http://a.test/', { signal: lookingUp.signal }, stuck), reason)

    const controllers = new Map([
      ['/head', new AbortController()],
      ['/body', new AbortController()],
    ])
    await using web = await startWeb((request, response) => {
      if (request.url === '/body') response.write('half')
      setImmediate(() => controllers.get(request.url ?? '')?.abort(reason))
    })
    for (const [path, { signal }] of controllers) {
      await assert.rejects(get(web.url(path), { ...local, signal }), reason, path)
    }
  })
})

describe('TLS', { timeout: 20_000 }, () => {
  it('is verified, whatever the environment says', async t => {
    await using web = await startSecureWeb((_, response) => response.end('ok'))
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    t.after(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
    })
    await assert.rejects(get(web.url('/'), local), { code: 'fetch-failed', message: /certificate/ })
  })

  it('asks for the name in the URL, not for that of the address', async () => {
    await using web = await startSecureWeb((request, response) => response.end(request.headers.host ?? ''))
    const fetcher = () => new HttpFetcher({ ca: TEST_CERTIFICATE, lookup: async () => ['127.0.0.1'] })
    const good = `https://good.test:${web.port}/`
    assert.equal(utf8Text((await get(good, local, fetcher())).bytes), `good.test:${web.port}`)
    assert.equal((await get(web.url('/'), local, fetcher())).status, 200)
    await assert.rejects(get(`https://evil.test:${web.port}/`, local, fetcher()), { code: 'fetch-failed' })
  })
})
