import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  type DeviceUrl,
  formatDeviceUrl,
  parseDeviceUrl,
  resolveDeviceUrl,
} from '../../../src/portmap/device-url.ts'
import { PORTMAP_LIMITS } from '../../../src/portmap/limits.ts'

const HOST = '192.168.7.1'
const BASE: DeviceUrl = { host: HOST, port: 5000, path: '/igd/root.xml?x=/y/z' }

suite('parseDeviceUrl', () => {
  for (const [text, port, path] of [
    ['http://192.168.7.1', 80, '/'],
    ['HTTP://192.168.7.1:5000/', 5000, '/'],
    ['http://192.168.7.1:1/a/b.xml?c=d#e', 1, '/a/b.xml?c=d'],
    ['http://192.168.7.1?c', 80, '/?c'],
    ['http://192.168.7.1:65535/%20', 65535, '/%20'],
  ] as const) {
    test(`reads ${text}`, () => assert.deepEqual(parseDeviceUrl(text, HOST), { host: HOST, port, path }))
  }

  for (const text of [
    'https://192.168.7.1/',
    'http://192.168.7.2/',
    'http://192.168.7.1@8.8.8.8/',
    'http://8.8.8.8@192.168.7.1/',
    'http://192.168.7.1.example/',
    'http://192.168.7.01/',
    'http://3232237313/',
    'http://192.168.7.1:0/',
    'http://192.168.7.1:65536/',
    'http://192.168.7.1:x/',
    'http://192.168.7.1/a b',
    'http://192.168.7.1/a\r\nHost: x',
    'http://192.168.7.1/\u0000',
    'http://192.168.7.1/ä',
    'http:///x',
    'http:/192.168.7.1',
    '//192.168.7.1/',
    '/x',
    '',
    'file:///etc/passwd',
  ]) {
    test(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseDeviceUrl(text, HOST), null))
  }

  test('reads up to its bound', () => {
    const long = 'http://192.168.7.1/'.padEnd(PORTMAP_LIMITS.urlLength, 'x')
    assert.notEqual(parseDeviceUrl(long, HOST), null)
    assert.equal(parseDeviceUrl(`${long}x`, HOST), null)
  })
})

suite('resolveDeviceUrl', () => {
  for (const [link, path] of [
    ['/ctl/IPConn', '/ctl/IPConn'],
    ['ctl/IPConn', '/igd/ctl/IPConn'],
    ['?a', '/igd/?a'],
    ['http://192.168.7.1:5000/x', '/x'],
  ] as const) {
    test(`follows ${link}`, () => assert.deepEqual(resolveDeviceUrl(link, BASE), { ...BASE, path }))
  }

  test('follows a link to another port of the same host', () => {
    assert.equal(resolveDeviceUrl('http://192.168.7.1:80/x', BASE)?.port, 80)
  })

  for (const link of [
    '',
    '//8.8.8.8/x',
    'http://8.8.8.8/x',
    'javascript:x',
    '/a b',
    '/\n',
    'x'.repeat(2000),
  ]) {
    test(`refuses ${JSON.stringify(link.slice(0, 20))}`, () =>
      assert.equal(resolveDeviceUrl(link, BASE), null))
  }

  test('formatDeviceUrl writes what parseDeviceUrl reads', () => {
    assert.deepEqual(parseDeviceUrl(formatDeviceUrl(BASE), HOST), BASE)
  })
})
