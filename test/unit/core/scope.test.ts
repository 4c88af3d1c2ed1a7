import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { reaches, type Scope, scopeOf } from '../../../src/core/scope.ts'

const cases: Record<Scope, readonly string[]> = {
  loopback: ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::1'],
  'link-local': ['169.254.0.1', '169.254.169.254', 'fe80::1', 'febf::1', '::ffff:169.254.1.1'],
  private: [
    ...[
      '10.0.0.1',
      '10.255.255.255',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.0.1',
      '100.64.0.1',
      '100.127.255.255',
    ],
    ...['198.18.0.1', '198.19.255.255', '192.0.0.1', 'fc00::1', 'fdff::1', 'fec0::1', '64:ff9b::a00:1'],
    ...['64:ff9b:1::1', '2002:a00:1::1', '::ffff:192.168.1.1'],
  ],
  global: [
    ...[
      '1.1.1.1',
      '9.255.255.255',
      '11.0.0.0',
      '126.255.255.255',
      '128.0.0.0',
      '172.15.255.255',
      '172.32.0.0',
    ],
    ...['100.63.255.255', '100.128.0.0', '169.253.255.255', '169.255.0.0', '192.167.255.255', '192.169.0.0'],
    ...['198.17.255.255', '198.20.0.0', '223.255.255.255', '2001:db8::1', '2606:4700::1', '64:ff9b::101:101'],
    ...['2002:101:101::1'],
  ],
  unusable: [
    ...[
      '0.0.0.0',
      '0.1.2.3',
      '224.0.0.1',
      '239.255.255.255',
      '240.0.0.1',
      '255.255.255.255',
      '::',
      '::2',
      'ff02::1',
    ],
    ...['::127.0.0.1', '::ffff:0.0.0.0', '1::1', '64:ff9b::e000:1', '::fffe:1.2.3.4'],
  ],
}

describe('scopeOf', () => {
  for (const [scope, hosts] of Object.entries(cases)) {
    for (const host of hosts) it(`${host} is ${scope}`, () => assert.equal(scopeOf(host), scope))
  }

  it('throws for a name', () => {
    assert.throws(() => scopeOf('localhost'), { code: 'address-invalid' })
  })
})

describe('whom an address is told', () => {
  it('is who is as near, or nearer', () => {
    const scopes: Scope[] = ['loopback', 'link-local', 'private', 'global', 'unusable']
    const table = scopes.map(from => scopes.map(to => (reaches(from, to) ? '+' : '-')).join(''))
    assert.deepEqual(table, ['++++-', '-+++-', '--++-', '---+-', '-----'])
  })
})
