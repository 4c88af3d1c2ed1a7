import assert from 'node:assert/strict'
import test from 'node:test'
import { address, formatAddress, type Scope, scopeOf } from '../../../src/core/address.ts'
import { reachableAddresses } from '../../../src/cli/reachable-addresses.ts'

function reachable(listening: readonly [host: string, port: number][], own: readonly string[]): string[] {
  const interfaces = own.map(host => ({
    host,
    family: host.includes(':') ? (6 as const) : (4 as const),
    scope: scopeOf(host) as Scope,
  }))
  return reachableAddresses(
    listening.map(([host, port]) => address(host, port)),
    interfaces,
  ).map(formatAddress)
}

test('an address that was chosen stays as it is', () => {
  assert.deepEqual(reachable([['127.0.0.1', 1]], ['10.0.0.2']), ['127.0.0.1:1'])
})

test('all addresses are those of this machine, the farthest-reaching first, loopback left out', () => {
  const own = ['127.0.0.1', '10.0.0.2', '8.8.4.4', '169.254.1.1', '::1', 'fe80::1', '2001:db8::2']
  assert.deepEqual(reachable([['0.0.0.0', 5]], own), ['8.8.4.4:5', '10.0.0.2:5'])
  assert.deepEqual(reachable([['::', 5]], own), ['[2001:db8::2]:5'])
})

test('a machine without a network has its loopback', () => {
  assert.deepEqual(
    reachable(
      [
        ['0.0.0.0', 5],
        ['::', 5],
      ],
      ['127.0.0.1', '::1'],
    ),
    ['127.0.0.1:5', '[::1]:5'],
  )
})
