import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { FormatError } from '../../../src/core/errors.ts'
import { isUdpUrl, parseUdpUrl } from '../../../src/tracker/udp-url.ts'

suite('the URL of a UDP tracker', () => {
  for (const [url, host, port, urlData] of [
    ['udp://tracker.example:6969', 'tracker.example', 6969, ''],
    ['udp://tracker.example:6969/', 'tracker.example', 6969, ''],
    ['udp://tracker.example:80/announce', 'tracker.example', 80, '/announce'],
    ['UDP://192.0.2.1:1/a/b?passkey=%20x&y#z', '192.0.2.1', 1, '/a/b?passkey=%20x&y'],
    ['udp://[2001:db8::1]:65535?q', '2001:db8::1', 65535, '?q'],
    ['udp://bücher.example:6969/', 'bücher.example', 6969, ''],
  ] as const) {
    test(url, () => {
      assert.ok(isUdpUrl(url))
      assert.deepEqual(parseUdpUrl(url), { host, port, urlData })
    })
  }

  for (const url of [
    'udp://tracker.example',
    'udp://tracker.example:0/',
    'udp://tracker.example:65536/',
    'udp://:6969/',
    'udp:tracker.example:6969',
    'udp://%ff:6969/',
    'http://tracker.example:6969/',
    'udp://',
    '',
  ]) {
    test(`${url || 'nothing'} is none`, () => {
      assert.throws(
        () => parseUdpUrl(url),
        (error: unknown) => error instanceof FormatError && error.code === 'url-invalid',
      )
    })
  }

  test('is complained of without its path, which may be a secret', () => {
    const isDiscreet = ({ message }: Error): boolean =>
      message.startsWith('udp://tracker.example is no URL') && !message.includes('secret')
    for (const rest of ['/secret/announce', '?secret', '#secret'])
      assert.throws(() => parseUdpUrl(`udp://tracker.example${rest}`), isDiscreet)
  })
})
