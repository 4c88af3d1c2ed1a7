import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { scopeOf } from '../../../src/core/scope.ts'
import { localAddresses } from '../../../src/net/interfaces.ts'
import { lookupName, resolveAddresses, resolveHost } from '../../../src/net/resolve.ts'

describe('resolveHost', { timeout: 15_000 }, () => {
  it('takes an address for itself, in canonical form', async () => {
    const lookup = () => assert.fail('looked up')
    assert.deepEqual(await resolveHost('192.0.2.1', { lookup }), ['192.0.2.1'])
    assert.deepEqual(await resolveHost('2001:DB8::0001', { lookup }), ['2001:db8::1'])
    assert.deepEqual(await resolveHost('::ffff:192.0.2.1', { lookup }), ['192.0.2.1'])
  })

  it('asks the system for names', async () => {
    for (const host of await resolveHost('localhost')) assert.equal(scopeOf(host), 'loopback')
    assert.ok((await lookupName('localhost')).length > 0)
  })

  it('normalises odd spellings by what they lead to', async () => {
    assert.deepEqual(await resolveHost('0177.1'), ['127.0.0.1'])
    assert.deepEqual(await resolveHost('2130706433'), ['127.0.0.1'])
  })

  it('gives canonical addresses, each once, without zones', async () => {
    const lookup = async () => ['::ffff:192.0.2.1', '192.0.2.1', 'FE80::1%eth0', 'nonsense', '2001:db8:0::1']
    assert.deepEqual(await resolveHost('a.test', { lookup }), ['192.0.2.1', 'fe80::1', '2001:db8::1'])
    assert.deepEqual(await resolveHost('a.test', { lookup, family: 4 }), ['192.0.2.1'])
  })

  it('asks for names in other scripts by their ASCII form', async () => {
    const asked: string[] = []
    const lookup = async (name: string) => {
      asked.push(name)
      return ['192.0.2.1']
    }
    await resolveHost('bücher.test', { lookup })
    assert.deepEqual(asked, ['xn--bcher-kva.test'])
  })

  it('looks at a bounded number of addresses', async () => {
    const lookup = async () => Array.from({ length: 1000 }, (_, i) => `192.0.${i >> 8}.${i & 255}`)
    assert.equal((await resolveHost('a.test', { lookup })).length, 16)
  })

  it('says why there is no address', async () => {
    const unresolved = { name: 'ProtocolError', code: 'name-unresolved' }
    await assert.rejects(resolveHost('a.test', { lookup: async () => [] }), unresolved)
    await assert.rejects(
      resolveHost('a.test', { lookup: () => Promise.reject(new Error('down')) }),
      unresolved,
    )
    for (const name of ['', 'a b', 'a/b', `${'a.'.repeat(200)}test`]) {
      await assert.rejects(resolveHost(name, { lookup: async () => [] }), unresolved, name)
    }
    const ipv4 = async () => ['192.0.2.1']
    await assert.rejects(resolveHost('a.test', { lookup: ipv4, family: 6 }), { code: 'family-missing' })
  })

  it('stops waiting when the signal says so', async () => {
    const reason = new Error('enough')
    const controller = new AbortController()
    setImmediate(() => controller.abort(reason))
    const lookup = () => new Promise<never>(() => {})
    await assert.rejects(resolveHost('a.test', { lookup, signal: controller.signal }), reason)
  })
})

it('resolveAddresses adds the port', async () => {
  const addresses = await resolveAddresses('a.test', 6881, {
    lookup: async () => ['192.0.2.1', '2001:db8::1'],
  })
  assert.deepEqual(addresses, [
    { host: '192.0.2.1', port: 6881, family: 4 },
    { host: '2001:db8::1', port: 6881, family: 6 },
  ])
})

describe('localAddresses', () => {
  it('finds loopback, and tells families and scopes apart', () => {
    const loopback = localAddresses({ family: 4, scopes: ['loopback'] })
    assert.ok(loopback.some(entry => entry.host === '127.0.0.1' && entry.interface !== ''))
    assert.ok(localAddresses({ family: 4 }).every(entry => entry.family === 4))
    assert.ok(localAddresses({ scopes: ['global'] }).every(entry => entry.scope === 'global'))
    assert.ok(localAddresses().length >= loopback.length)
  })
})
