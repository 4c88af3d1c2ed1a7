import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { scopeOf } from '../../../src/core/scope.ts'
import { allowedHosts, checkUrl, parseHttpUrl, redirectTarget } from '../../../src/net/url-policy.ts'

const url = new URL('http://a.test/announce')
const fresh = { wasGlobal: false, scopeOf }
const led = { wasGlobal: true, scopeOf }
const hosts = ['127.0.0.1', '192.0.2.1', '10.0.0.1', '0.0.0.0', '2001:db8::1', 'fe80::1']
const refused = { name: 'ProtocolError', code: 'url-refused' }

describe('allowedHosts', () => {
  it('are global ones only, by default', () => {
    assert.deepEqual(allowedHosts(url, hosts, {}, fresh), ['192.0.2.1', '2001:db8::1'])
    assert.throws(() => allowedHosts(url, ['127.0.0.1'], {}, fresh), refused)
  })

  it('are all that can be used where local ones are allowed', () => {
    const usable = hosts.filter(host => host !== '0.0.0.0')
    assert.deepEqual(allowedHosts(url, hosts, { allowLocal: true }, fresh), usable)
    assert.throws(() => allowedHosts(url, ['0.0.0.0'], { allowLocal: true }, fresh), refused)
  })

  it('are global ones only after a global one has led here', () => {
    assert.deepEqual(allowedHosts(url, hosts, { allowLocal: true }, led), ['192.0.2.1', '2001:db8::1'])
    assert.throws(() => allowedHosts(url, ['10.0.0.1'], { allowLocal: () => true }, led), refused)
  })

  it('are judged by URL where the policy says so', () => {
    const policy = { allowLocal: (asked: URL) => asked.pathname === '/announce' }
    assert.deepEqual(allowedHosts(url, ['10.0.0.1'], policy, fresh), ['10.0.0.1'])
    assert.throws(() => allowedHosts(new URL('http://a.test/'), ['10.0.0.1'], policy, fresh), refused)
  })
})

describe('checkUrl', () => {
  it('takes 80, 443 and what is not reserved', () => {
    for (const port of ['', ':80', ':443', ':1024', ':65535']) checkUrl(new URL(`http://a.test${port}/`), {})
    for (const port of [':1', ':22', ':1023', ':0']) {
      assert.throws(() => checkUrl(new URL(`http://a.test${port}/`), {}), refused)
      checkUrl(new URL(`http://a.test${port}/`), { allowLowPorts: true })
    }
  })

  it('takes names in other scripts only where asked to', () => {
    const name = new URL('http://www.bücher.test/')
    assert.throws(() => checkUrl(name, {}), refused)
    checkUrl(name, { allowIdna: true })
  })
})

describe('redirectTarget', () => {
  it('is read beside where it came from, without credentials and fragment', () => {
    const target = (location: string) => redirectTarget(new URL('http://u:p@a.test/x/y?z'), location).href
    assert.equal(target('b'), 'http://a.test/x/b')
    assert.equal(target('/b#c'), 'http://a.test/b')
    assert.equal(target('//b.test'), 'http://b.test/')
    assert.equal(target('https://u:p@b.test/'), 'https://b.test/')
  })

  it('never steps down from https', () => {
    assert.throws(() => redirectTarget(new URL('https://a.test/'), 'http://a.test/'), refused)
  })
})

describe('parseHttpUrl', () => {
  it('takes absolute http and https URLs of bounded length', () => {
    assert.equal(parseHttpUrl('HTTP://A.test#x').href, 'http://a.test/')
    for (const text of [
      '',
      '/x',
      'a.test',
      'udp://a.test:80',
      'file:///x',
      `http://a.test/${'x'.repeat(8192)}`,
    ]) {
      assert.throws(() => parseHttpUrl(text), { name: 'FormatError', code: 'url-invalid' })
    }
  })
})
