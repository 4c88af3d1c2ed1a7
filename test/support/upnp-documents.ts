/** What routers write in UPnP, put together by hand. */

import { utf8Bytes } from '../../src/core/bytes.ts'

export const WAN_IP = 'urn:schemas-upnp-org:service:WANIPConnection:1'
export const WAN_PPP = 'urn:schemas-upnp-org:service:WANPPPConnection:1'

export function service(type: string, control: string): string {
  return `<service><serviceType>${type}</serviceType><controlURL>${control}</controlURL></service>`
}

export function description(services: readonly string[], more = ''): string {
  return (
    `<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0">${more}<device>` +
    '<friendlyName>A router</friendlyName><deviceList><device><deviceList><device>' +
    `<serviceList>${services.join('')}</serviceList></device></deviceList></device></deviceList></device></root>`
  )
}

export function soapAnswer(
  action: string,
  values: Readonly<Record<string, string | number>> = {},
): Uint8Array {
  const fields = Object.entries(values).map(([name, value]) => `<${name}>${value}</${name}>`)
  return utf8Bytes(
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>' +
      `<u:${action}Response xmlns:u="x">${fields.join('')}</u:${action}Response></s:Body></s:Envelope>`,
  )
}

export function soapFault(code: number | string, reason: string): Uint8Array {
  return utf8Bytes(
    '<s:Envelope xmlns:s="x"><s:Body><s:Fault><faultcode>s:Client</faultcode><detail><UPnPError>' +
      `<errorCode>${code}</errorCode><errorDescription>${reason}</errorDescription>` +
      '</UPnPError></detail></s:Fault></s:Body></s:Envelope>',
  )
}
