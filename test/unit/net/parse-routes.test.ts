import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseRoutes } from '../../../src/net/parse-routes.ts'

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'
const route = (destination: string, gateway: string, flags: string, metric: number, mask: string): string =>
  `eth0\t${destination}\t${gateway}\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0   `
const table = (...routes: string[]): string[] => parseRoutes(`${[HEAD, ...routes].join('\n')}\n`)

suite('parseRoutes', () => {
  test('finds the way to everywhere among others', () => {
    assert.deepEqual(
      table(
        route('0007A8C0', '00000000', '0001', 0, '00FFFFFF'),
        route('00000000', '0107A8C0', '0003', 0, '00000000'),
      ),
      ['192.168.7.1'],
    )
  })

  test('puts the way of the lowest metric first, and each router once', () => {
    assert.deepEqual(
      table(
        route('00000000', '0100000A', '0003', 600, '00000000'),
        route('00000000', '0107A8C0', '0003', 100, '00000000'),
        route('00000000', '0107A8C0', '0003', 700, '00000000'),
      ),
      ['192.168.7.1', '10.0.0.1'],
    )
  })

  test('leaves out ways that are down, lead to no router, or to half of the world', () => {
    assert.deepEqual(
      table(
        route('00000000', '0107A8C0', '0002', 0, '00000000'),
        route('00000000', '00000000', '0001', 0, '00000000'),
        route('00000000', '0107A8C0', '0003', 0, '00000080'),
        route('00000080', '0107A8C0', '0003', 0, '00000080'),
      ),
      [],
    )
  })

  test('finds nothing in what is no such table', () => {
    for (const text of ['', HEAD, 'x\ny z', `${HEAD}\neth0\t00000000\txyz\t0003\t0\t0\t0\t00000000`])
      assert.deepEqual(parseRoutes(text), [])
  })
})
