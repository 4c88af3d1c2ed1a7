/** A router that speaks UPnP, as far as it is asked: requests in, answers out. */

import { latin1Bytes, utf8Bytes } from '../../src/core/bytes.ts'
import type { DeviceAnswer, DeviceRequest } from '../../src/portmap/upnp-mapper.ts'
import { childText, elementsOf, parseXml } from '../../src/portmap/xml.ts'
import { description, service, soapAnswer, soapFault, WAN_IP } from './upnp-documents.ts'

type Entry = {
  readonly client: string
  readonly port: string
  readonly lease: string
  readonly label: string
}

export class FakeUpnpRouter {
  readonly host: string
  externalHost = '81.2.69.142'
  serviceType = WAN_IP
  /** By protocol and external port: `TCP 6881`. */
  readonly entries = new Map<string, Entry>()
  /** The actions, in order. */
  readonly asked: string[] = []
  /** What is refused: a code by action, or by action and protocol and port (`AddPortMapping TCP 6881`). */
  readonly faults = new Map<string, number>()
  /** Refuses leases. */
  isOnlyForEver = false
  /** Its answers get lost. */
  isDeaf = false
  /** What it is; by default a router. */
  document: string | null = null

  constructor(host = '192.168.7.1') {
    this.host = host
  }

  get found(): Uint8Array {
    return latin1Bytes(`HTTP/1.1 200 OK\r\nST: x\r\nLOCATION: http://${this.host}:5000/root.xml\r\n\r\n`)
  }

  answer(request: DeviceRequest): DeviceAnswer | null {
    if (this.isDeaf) return null
    if (request.method === 'GET') {
      const text = this.document ?? description([service(this.serviceType, '/control')])
      return { status: 200, bytes: utf8Bytes(text) }
    }
    const action = request.headers['SOAPAction']!.split(/[#"]/)[2]!
    const order = [...elementsOf(parseXml(request.body!)!)].find(({ name }) => name === action)!
    const value = (name: string): string => childText(order, name) ?? ''
    const key = `${value('NewProtocol')} ${value('NewExternalPort')}`
    this.asked.push(key === ' ' ? action : `${action} ${key}`)
    const code = this.faults.get(`${action} ${key}`) ?? this.faults.get(action)
    if (code !== undefined) return refused(code)
    return this.#obey(action, key, value)
  }

  #obey(action: string, key: string, value: (name: string) => string): DeviceAnswer {
    const done = (values = {}): DeviceAnswer => ({ status: 200, bytes: soapAnswer(action, values) })
    const known = this.entries.get(key)
    switch (action) {
      case 'GetExternalIPAddress':
        return done({ NewExternalIPAddress: this.externalHost })
      case 'GetSpecificPortMappingEntry':
        return known ? done({ NewInternalClient: known.client, NewInternalPort: known.port }) : refused(714)
      case 'DeletePortMapping':
        return this.entries.delete(key) ? done() : refused(714)
      case 'AddPortMapping':
      case 'AddAnyPortMapping': {
        const entry = {
          client: value('NewInternalClient'),
          port: value('NewInternalPort'),
          lease: value('NewLeaseDuration'),
          label: value('NewPortMappingDescription'),
        }
        if (this.isOnlyForEver && entry.lease !== '0') return refused(725)
        const isTaken = known !== undefined && known.client !== entry.client
        if (isTaken && action === 'AddPortMapping') return refused(718)
        const port = isTaken ? 40_000 : Number(value('NewExternalPort'))
        this.entries.set(`${value('NewProtocol')} ${port}`, entry)
        return done(action === 'AddAnyPortMapping' ? { NewReservedPort: port } : {})
      }
      default:
        return refused(401)
    }
  }
}

function refused(code: number): DeviceAnswer {
  return { status: 500, bytes: soapFault(code, `error ${code}`) }
}
