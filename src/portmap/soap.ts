/** Orders to a router and its answers (UPnP Device Architecture 1.1, section 3). */

import { utf8Bytes } from '../core/bytes.ts'
import { printable } from '../core/printable.ts'
import { PORTMAP_LIMITS } from './limits.ts'
import { childText, elementsOf, escapeXml, parseXml } from './xml.ts'

export interface SoapOrder {
  readonly action: string
  readonly serviceType: string
  /** In the order of the service's own description: some routers read them by place. */
  readonly parameters: readonly (readonly [name: string, value: string | number])[]
}

export type SoapAnswer =
  | { readonly kind: 'done'; readonly values: ReadonlyMap<string, string> }
  /** `code`: of UPnP, or 0 where it says none; `reason`: for people. */
  | { readonly kind: 'refused'; readonly code: number; readonly reason: string }

export function encodeSoap({ action, serviceType, parameters }: SoapOrder): {
  headers: Readonly<Record<string, string>>
  body: Uint8Array
} {
  const values = parameters.map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`).join('')
  const text =
    '<?xml version="1.0"?>\r\n' +
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"' +
    ' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>' +
    `<u:${action} xmlns:u="${serviceType}">${values}</u:${action}></s:Body></s:Envelope>\r\n`
  return {
    headers: { 'Content-Type': 'text/xml; charset="utf-8"', SOAPAction: `"${serviceType}#${action}"` },
    body: utf8Bytes(text),
  }
}

/** Reads the answer to an order; null for what is none. */
export function decodeSoap(bytes: Uint8Array, status: number, action: string): SoapAnswer | null {
  const root = parseXml(bytes)
  if (root === null) return null
  for (const element of elementsOf(root)) {
    if (status === 200 && element.name === `${action}Response`) {
      const values = new Map(element.children.map(({ name, text }) => [name, text]))
      return { kind: 'done', values }
    }
    if (element.name === 'UPnPError') {
      const code = childText(element, 'errorCode') ?? ''
      const reason = childText(element, 'errorDescription') ?? ''
      return {
        kind: 'refused',
        code: /^[0-9]{1,5}$/.test(code) ? Number(code) : 0,
        reason: printable(reason.slice(0, PORTMAP_LIMITS.textLength)),
      }
    }
  }
  return null
}
