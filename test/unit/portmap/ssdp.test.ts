import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { address } from '../../../src/core/address.ts'
import { latin1Bytes, latin1Text } from '../../../src/core/bytes.ts'
import { PORTMAP_LIMITS } from '../../../src/portmap/limits.ts'
import { decodeSearchAnswer, encodeSearch, SEARCH_TARGETS, SSDP_PLACE } from '../../../src/portmap/ssdp.ts'

const ROUTER = address('192.168.7.1', 1900)
const LOCATION = 'http://192.168.7.1:36899/rootDesc.xml'

function answer(lines: readonly string[], status = 'HTTP/1.1 200 OK'): Uint8Array {
  return latin1Bytes(`${[status, ...lines].join('\r\n')}\r\n\r\n`)
}

function located(location: string, from = ROUTER, gateway: string | null = null) {
  return decodeSearchAnswer(answer([`LOCATION: ${location}`]), from, gateway)
}

suite('a search for routers', () => {
  test('is an HTTP head in a datagram', () => {
    assert.deepEqual([SSDP_PLACE.host, SSDP_PLACE.port], ['239.255.255.250', 1900])
    assert.deepEqual(latin1Text(encodeSearch(SEARCH_TARGETS[0])).split('\r\n'), [
      'M-SEARCH * HTTP/1.1',
      'HOST: 239.255.255.250:1900',
      'MAN: "ssdp:discover"',
      'MX: 1',
      'ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1',
      '',
      '',
    ])
  })
})

suite('an answer to a search', () => {
  test('says where the device describes itself', () => {
    const found = { host: '192.168.7.1', port: 36899, path: '/rootDesc.xml' }
    assert.deepEqual(located(LOCATION), found)
    const lines = ['CACHE-CONTROL: max-age=120', 'EXT:', `location:${LOCATION}`, 'Location: http://1.2.3.4/']
    assert.deepEqual(decodeSearchAnswer(answer(lines, 'HTTP/1.0 200'), ROUTER, null), found)
  })

  test('is believed of the address alone that it came from', () => {
    for (const host of ['192.168.7.2', '127.0.0.1', '8.8.8.8', 'router', 'localhost', '[::1]', '0xc0a80701'])
      assert.equal(located(`http://${host}/x`), null, host)
  })

  test('from this machine, from far away or from nowhere is none', () => {
    for (const host of ['127.0.0.1', '8.8.8.8', '0.0.0.0', '239.255.255.250', '255.255.255.255', '::1'])
      assert.equal(located(`http://${host}/x`, address(host, 1900), '192.168.7.1'), null, host)
  })

  test('may come from any private or link-local address, and from the known router', () => {
    for (const host of ['10.0.0.1', '172.16.0.1', '100.64.0.1', '169.254.1.1'])
      assert.equal(located(`http://${host}/x`, address(host, 1900))?.host, host)
    assert.equal(located('http://81.2.69.1/x', address('81.2.69.1', 1900), '81.2.69.1')?.host, '81.2.69.1')
  })

  test('that is none of success, a notice, a search or nothing is none', () => {
    for (const status of [
      'HTTP/1.1 404 Not Found',
      'NOTIFY * HTTP/1.1',
      'M-SEARCH * HTTP/1.1',
      'HTTP/2 200',
      '',
    ])
      assert.equal(decodeSearchAnswer(answer([`LOCATION: ${LOCATION}`], status), ROUTER, null), null, status)
    assert.equal(decodeSearchAnswer(answer(['ST: x', 'no colon', ': no name']), ROUTER, null), null)
    assert.equal(decodeSearchAnswer(new Uint8Array(0), ROUTER, null), null)
  })

  test('is read up to its bound', () => {
    const padded = (length: number): Uint8Array => {
      const short = answer([`LOCATION: ${LOCATION}`, 'X: ']).length
      return answer([`LOCATION: ${LOCATION}`, `X: ${'x'.repeat(length - short)}`])
    }
    const { ssdpAnswerLength: bound } = PORTMAP_LIMITS
    assert.notEqual(decodeSearchAnswer(padded(bound), ROUTER, null), null)
    assert.equal(decodeSearchAnswer(padded(bound + 1), ROUTER, null), null)
  })
})
