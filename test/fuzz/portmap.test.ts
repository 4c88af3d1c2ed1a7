import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { address } from '../../src/core/address.ts'
import { utf8Bytes } from '../../src/core/bytes.ts'
import { parseDeviceDescription } from '../../src/portmap/device-description.ts'
import { PortMapper } from '../../src/portmap/port-mapper.ts'
import { decodeSoap } from '../../src/portmap/soap.ts'
import { decodeSearchAnswer } from '../../src/portmap/ssdp.ts'
import { elementsOf, escapeXml, parseXml } from '../../src/portmap/xml.ts'
import { FakeGateway } from '../support/fake-gateway.ts'
import { FakeUpnpRouter } from '../support/fake-upnp-router.ts'
import { description, service, soapAnswer, WAN_IP } from '../support/upnp-documents.ts'

/** FUZZ_RUNS sets how many inputs are tried for each question. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 1_000)

const GATEWAY = '192.168.7.1'
const URL = { host: GATEWAY, port: 5000, path: '/root.xml' }

/** Right but for some bytes. */
function almost(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(bytes.length), fc.nat(255))
  return fc.tuple(fc.array(change, { maxLength: 6 }), fc.nat(bytes.length)).map(([changes, cut]) => {
    const changed = bytes.slice(0, cut % 4 === 0 ? cut : bytes.length)
    for (const [at, value] of changes) if (at < changed.length) changed[at] = value
    return changed
  })
}

const markup = fc
  .array(
    fc.constantFrom(
      '<',
      '>',
      '</',
      '/>',
      '<!--',
      '-->',
      '<?',
      '?>',
      '<![CDATA[',
      ']]>',
      '<!DOCTYPE a>',
      '&',
      '&amp;',
      '&#65;',
      ';',
      'a',
      '<a>',
      '</a>',
      '<b x="',
      '"',
      "'",
      '=',
      ' ',
      '\n',
      ':',
      '\u0000',
      'service',
      '\ud800',
    ),
    { maxLength: 60 },
  )
  .map(parts => utf8Bytes(parts.join('')))

suite('documents of routers', () => {
  const real = utf8Bytes(description([service(WAN_IP, '/control')]))
  const anything = fc.oneof(markup, almost(real), fc.uint8Array({ maxLength: 200 }))

  test('are read, or they are not', () => {
    fc.assert(
      fc.property(anything, bytes => {
        parseXml(bytes)
        for (const { control } of parseDeviceDescription(bytes, URL)?.services ?? [])
          assert.equal(control.host, GATEWAY)
        decodeSoap(bytes, 200, 'GetExternalIPAddress')
      }),
      { numRuns },
    )
  })

  test('of any texts are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }), texts => {
        const written = texts.map(text => `<t>${escapeXml(text)}</t>`).join('')
        const root = parseXml(utf8Bytes(`<r>${written}</r>`))
        assert.ok(root !== null)
        assert.deepEqual(
          [...elementsOf(root)].slice(1).map(({ text }) => text),
          texts.map(text => text.trim()),
        )
      }),
      { numRuns },
    )
  })

  test('lead to the device that answered and to nobody else', () => {
    fc.assert(
      fc.property(almost(new FakeUpnpRouter().found), bytes => {
        const url = decodeSearchAnswer(bytes, address(GATEWAY, 1900), null)
        assert.ok(url === null || url.host === GATEWAY)
      }),
      { numRuns },
    )
  })
})

suite('a router that says anything', () => {
  test('makes nobody throw, ask without end or speak to others', () => {
    const natPmp = Uint8Array.from([0, 130, 0, 0, 0, 0, 0, 9, 0x1a, 0xe1, 0x1a, 0xe1, 0, 0, 0x1c, 0x20])
    const said = fc.oneof(
      almost(natPmp),
      fc.uint8Array({ maxLength: 70 }),
      almost(new FakeUpnpRouter().found),
      fc.constant('echo' as const),
    )
    const answered = fc.oneof(
      almost(soapAnswer('AddPortMapping')),
      almost(utf8Bytes(description([service(WAN_IP, '/c')]))),
      fc.constant(null),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(said, answered, fc.nat(400_000)), { maxLength: 20 }), steps => {
        const gateway = new FakeGateway()
        const asks: ((answer: { status: number; bytes: Uint8Array } | null, now: number) => void)[] = []
        let now = 0
        let sent = 0
        let last: Uint8Array = new Uint8Array(0)
        const mapper = new PortMapper({
          local: '192.168.7.20',
          gateway: GATEWAY,
          ports: [6881],
          secrets: { bytes: length => new Uint8Array(length) },
          dice: { below: below => below - 1, fraction: () => 0.5 },
          send(datagram, to) {
            assert.ok(to.host === GATEWAY || to.host === '239.255.255.250')
            if (to.host === GATEWAY) last = datagram.slice()
            sent++
          },
          ask({ url }, told) {
            assert.equal(url.host, GATEWAY)
            asks.push(told)
          },
        })
        mapper.begin(now)
        for (const [datagram, answer, pause] of steps) {
          const bytes = datagram === 'echo' ? gateway.answer(last, '192.168.7.20', now) : datagram
          if (bytes) mapper.received(bytes, address(GATEWAY, 5351), now)
          if (bytes) mapper.received(bytes, address(GATEWAY, 1900), now)
          asks.shift()?.(answer && { status: 200, bytes: answer }, now)
          now += pause
          mapper.tick(now)
          for (const { externalPort } of mapper.mappings) assert.ok(externalPort > 0 && externalPort < 65_536)
        }
        assert.ok(sent < 100 + 40 * steps.length, `${sent} datagrams`)
        mapper.end(now)
        mapper.tick(now + 2000)
        assert.ok(!mapper.isReleasing)
      }),
      { numRuns },
    )
  })
})
