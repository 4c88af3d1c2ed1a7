import assert from 'node:assert/strict'
import test from 'node:test'
import { address } from '../../../src/core/address.ts'
import { upPlaces } from '../../../src/cli/up-places.ts'

test('bound to loopback, nobody else is told of a page', () => {
  assert.deepEqual(upPlaces([address('127.0.0.1', 80)], null), {
    localUrl: 'http://127.0.0.1:80',
    publicUrl: null,
    announceUrl: 'http://127.0.0.1:80/announce',
  })
})

test('an external address is what stands in torrents, with its own port where it has one', () => {
  const web = [address('0.0.0.0', 8080)]
  assert.equal(upPlaces(web, address('203.0.113.9', 0)).announceUrl, 'http://203.0.113.9:8080/announce')
  assert.deepEqual(upPlaces(web, address('2001:db8::9', 81)), {
    localUrl: 'http://127.0.0.1:8080',
    publicUrl: 'http://[2001:db8::9]:81',
    announceUrl: 'http://[2001:db8::9]:81/announce',
  })
})
