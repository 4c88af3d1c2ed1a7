import assert from 'node:assert/strict'
import { it } from 'node:test'
import { redactUrl } from '../../../src/net/redact-url.ts'

const cases = new Map([
  ['http://a.test/announce', 'http://a.test/announce'],
  ['http://a.test:8080/announce?passkey=1', 'http://a.test:8080/announce?…'],
  ['https://user:word@a.test/', 'https://a.test/'],
  ['http://a.test/0123456789abcdef0123456789abcdef/announce', 'http://a.test/…/announce'],
  ['udp://a.test:80/announce', 'udp://a.test:80/announce'],
  ['no url\u001b[31m', 'no url\\u{1b}[31m'],
  ['', ''],
])
for (const [url, shown] of cases) {
  it(`${JSON.stringify(url)} is shown as ${shown}`, () => assert.equal(redactUrl(url), shown))
}
