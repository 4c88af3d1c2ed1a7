import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { utf8Bytes, utf8Text } from '../../../src/core/bytes.ts'
import { decodeSoap, encodeSoap } from '../../../src/portmap/soap.ts'
import { childText, elementsOf, parseXml } from '../../../src/portmap/xml.ts'
import { soapAnswer, soapFault, WAN_IP } from '../../support/upnp-documents.ts'

suite('encodeSoap', () => {
  const { headers, body } = encodeSoap({
    action: 'AddPortMapping',
    serviceType: WAN_IP,
    parameters: [
      ['NewRemoteHost', ''],
      ['NewExternalPort', 6881],
      ['NewPortMappingDescription', '<&>'],
    ],
  })

  test('names the action in a header', () => {
    assert.deepEqual(headers, {
      'Content-Type': 'text/xml; charset="utf-8"',
      SOAPAction: `"${WAN_IP}#AddPortMapping"`,
    })
  })

  test('has the parameters in their order, escaped', () => {
    const order = [...elementsOf(parseXml(body)!)].find(({ name }) => name === 'AddPortMapping')!
    const names = order.children.map(({ name }) => name)
    assert.deepEqual(names, ['NewRemoteHost', 'NewExternalPort', 'NewPortMappingDescription'])
    assert.equal(childText(order, 'NewExternalPort'), '6881')
    assert.equal(childText(order, 'NewPortMappingDescription'), '<&>')
    assert.ok(utf8Text(body).includes(`xmlns:u="${WAN_IP}"`))
  })
})

suite('decodeSoap', () => {
  test('reads the values of an answer', () => {
    const bytes = soapAnswer('GetExternalIPAddress', { NewExternalIPAddress: '81.2.69.142' })
    assert.deepEqual(decodeSoap(bytes, 200, 'GetExternalIPAddress'), {
      kind: 'done',
      values: new Map([['NewExternalIPAddress', '81.2.69.142']]),
    })
  })

  test('reads the code and the words of a refusal', () => {
    assert.deepEqual(decodeSoap(soapFault(718, 'ConflictInMappingEntry\u0007'), 500, 'AddPortMapping'), {
      kind: 'refused',
      code: 718,
      reason: 'ConflictInMappingEntry\\u{7}',
    })
    assert.deepEqual(decodeSoap(soapFault('x', ''), 500, 'A'), { kind: 'refused', code: 0, reason: '' })
  })

  test('takes no answer of another action, none with a wrong status, and no page', () => {
    assert.equal(decodeSoap(soapAnswer('Other'), 200, 'AddPortMapping'), null)
    assert.equal(decodeSoap(soapAnswer('AddPortMapping'), 500, 'AddPortMapping'), null)
    assert.equal(decodeSoap(utf8Bytes('<html>404</html>'), 404, 'AddPortMapping'), null)
    assert.equal(decodeSoap(new Uint8Array(0), 200, 'AddPortMapping'), null)
  })
})
