import { createSocket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { hostBytes, hostFromBytes } from '../core/address.ts'
import type { DeviceAnswer, DeviceRequest } from '../portmap/upnp-mapper.ts'
import { askDevice } from './ask-device.ts'
import { parseRoutes } from './parse-routes.ts'

/** Anybody out in the world; nothing is sent there. */
const SOMEWHERE = '192.0.0.9'

/** The routers of this machine: by the routing table on Linux; elsewhere only the way to them is known. */
export class SystemGateways {
  /** The best first; empty where no way leads out. */
  async routes(): Promise<{ gateway: string | null; local: string }[]> {
    const table = await readFile('/proc/net/route', 'latin1').catch(() => null)
    const gateways = table === null ? [null] : parseRoutes(table)
    const found: { gateway: string | null; local: string }[] = []
    for (const gateway of gateways) {
      const local = await localTowards(gateway ?? SOMEWHERE)
      if (local !== null && !found.some(known => known.local === local)) found.push({ gateway, local })
    }
    return found
  }

  ask(request: DeviceRequest, options: { local: string; signal: AbortSignal }): Promise<DeviceAnswer> {
    return askDevice(request, options)
  }
}

/** The address that the system would send from; null where no way leads there. Connecting over UDP sends nothing. */
function localTowards(host: string): Promise<string | null> {
  return new Promise(resolve => {
    const socket = createSocket('udp4')
    const end = (local: string | null): void => {
      socket.close()
      resolve(local)
    }
    socket.once('error', () => end(null))
    socket.connect(9, host, () => end(hostFromBytes(hostBytes(socket.address().address))))
  })
}
