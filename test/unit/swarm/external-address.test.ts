import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { ExternalAddress } from '../../../src/swarm/external-address.ts'
import { SWARM_LIMITS } from '../../../src/swarm/limits.ts'

const US = '81.2.69.142'
const OTHER = '81.2.69.143'
const peer = (network: number): string => `${network >> 8}.${network & 255}.1.1`

suite('ExternalAddress', () => {
  test('believes what three networks say, and says so once', () => {
    const ours = new ExternalAddress()
    assert.deepEqual(
      [1, 2, 3, 4].map(n => ours.vote(peer(0x2000 + n), US)),
      [false, false, true, false],
    )
    assert.equal(ours.host(4), US)
    assert.equal(ours.host(6), null)
  })

  test('gives each network one vote, its last', () => {
    const ours = new ExternalAddress()
    for (const host of ['32.1.1.1', '32.1.2.2', '32.1.255.255', '2a00:1:1::1', '2a00:1:2::1'])
      ours.vote(host, US)
    assert.equal(ours.host(4), null)
    ours.vote('32.1.1.1', OTHER)
    ours.vote('32.2.1.1', US)
    assert.equal(ours.host(4), null, 'two IPv6 addresses of one /32 are one voter, and one changed its mind')
    ours.vote('32.3.1.1', US)
    assert.equal(ours.host(4), US)
  })

  test('takes tracker names for what they are', () => {
    const ours = new ExternalAddress()
    for (const name of ['a.example', 'A.EXAMPLE', 'b.example']) ours.vote(name, US)
    assert.equal(ours.host(4), null)
    ours.vote('c.example', US)
    assert.equal(ours.host(4), US)
  })

  test('hears nobody beside us, and of no address that is not of the world', () => {
    const ours = new ExternalAddress()
    for (const host of ['10.0.0.1', '127.0.0.1', '192.168.1.1', 'fe80::1', '100.64.0.1']) ours.vote(host, US)
    for (const host of ['10.0.0.1', '127.0.0.1', '0.0.0.0', '100.64.0.1', '239.0.0.1', 'fe80::1', '::'])
      for (let n = 0; n < 10; n++) ours.vote(peer(0x2000 + n), host)
    assert.deepEqual([ours.host(4), ours.host(6)], [null, null])
    assert.equal(ours.routerSays('192.168.7.1', '10.0.0.1'), false)
  })

  test('believes the router alone, and others where more of them say otherwise', () => {
    const ours = new ExternalAddress()
    assert.ok(ours.routerSays('192.168.7.1', US))
    for (let n = 0; n < 3; n++) assert.ok(!ours.vote(peer(0x2000 + n), OTHER))
    assert.ok(ours.vote(peer(0x3000), OTHER))
    assert.equal(ours.host(4), OTHER)
  })

  test('stays with what it believes while there is no majority', () => {
    const ours = new ExternalAddress()
    for (let n = 0; n < 3; n++) ours.vote(peer(0x2000 + n), US)
    for (let n = 0; n < 3; n++) ours.vote(peer(0x3000 + n), OTHER)
    assert.equal(ours.host(4), US)
    ours.vote(peer(0x3003), OTHER)
    assert.equal(ours.host(4), OTHER)
  })

  test('keeps each family by itself', () => {
    const ours = new ExternalAddress()
    for (let n = 0; n < 3; n++) ours.vote(peer(0x2000 + n), '2001:db8::1')
    assert.deepEqual([ours.host(4), ours.host(6)], [null, '2001:db8::1'])
  })

  test('counts no more votes than its bound, and forgets the oldest', () => {
    const ours = new ExternalAddress()
    for (let n = 0; n < SWARM_LIMITS.addressVotes; n++) ours.vote(peer(0x2000 + n), US)
    for (let n = 0; n < SWARM_LIMITS.addressVotes / 2; n++) ours.vote(peer(0x3000 + n), OTHER)
    assert.equal(ours.host(4), US)
    ours.vote(peer(0x4000), OTHER)
    assert.equal(ours.host(4), OTHER)
  })
})
