import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { utf8Bytes } from '../../../src/core/bytes.ts'
import { parseDeviceDescription } from '../../../src/portmap/device-description.ts'
import { service, WAN_IP, WAN_PPP, description } from '../../support/upnp-documents.ts'

const URL = { host: '192.168.7.1', port: 5000, path: '/rootDesc.xml' }

const read = (text: string) => parseDeviceDescription(utf8Bytes(text), URL)

suite('parseDeviceDescription', () => {
  test('finds the ways out, the best first', () => {
    const found = read(
      description([
        service(WAN_PPP, '/ppp'),
        service(WAN_IP, '/ip1'),
        service(`${WAN_IP.slice(0, -1)}2`, '/ip2'),
      ]),
    )
    assert.deepEqual(found, {
      name: 'A router',
      services: [
        { type: `${WAN_IP.slice(0, -1)}2`, version: 2, control: { ...URL, path: '/ip2' } },
        { type: WAN_IP, version: 1, control: { ...URL, path: '/ip1' } },
        { type: WAN_PPP, version: 1, control: { ...URL, path: '/ppp' } },
      ],
    })
  })

  test('follows the base of UPnP 1.0, where it is on the same host', () => {
    const at = (base: string) =>
      read(description([service(WAN_IP, 'ip')], `<URLBase>${base}</URLBase>`))?.services[0]?.control
    assert.deepEqual(at('http://192.168.7.1:80/x/'), { host: '192.168.7.1', port: 80, path: '/x/ip' })
    assert.deepEqual(at('http://8.8.8.8/x/'), { ...URL, path: '/ip' })
  })

  test('leaves out what leads to other hosts, other services and services without a place', () => {
    const found = read(
      description([
        service(WAN_IP, 'http://127.0.0.1/x'),
        service(WAN_IP, 'http://8.8.8.8/x'),
        service(WAN_IP, ''),
        service('urn:schemas-upnp-org:service:Layer3Forwarding:1', '/l3f'),
        service(`${WAN_IP}2`, '/x'),
        '<service></service>',
      ]),
    )
    assert.deepEqual(found?.services, [])
  })

  test('makes what the device is called harmless', () => {
    const found = read(description([]).replace('A router', `\u001b[2J${'x'.repeat(300)}`))
    assert.ok(found !== null && found.name.startsWith('\\u{1b}[2J'))
    assert.ok(found.name.length < 220)
  })

  test('refuses what is no description', () => {
    for (const text of ['', '<html></html>', 'HTTP', '<root>']) assert.equal(read(text), null)
  })
})
