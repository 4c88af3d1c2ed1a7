import { hostFromBytes } from '../core/address.ts'

/** `RTF_UP` and `RTF_GATEWAY` of Linux. */
const UP = 1
const HAS_GATEWAY = 2

/** The routers behind the ways to everywhere in Linux's `/proc/net/route`, the best way first. */
export function parseRoutes(table: string): string[] {
  const routes: { gateway: string; metric: number }[] = []
  for (const line of table.split('\n').slice(1)) {
    const [, destination, gateway = '', flagText = '', , , metric, mask] = line.trim().split(/\s+/)
    const flags = Number.parseInt(flagText, 16)
    if (destination !== '00000000' || mask !== '00000000' || !/^[0-9A-F]{8}$/i.test(gateway)) continue
    if ((flags & (UP | HAS_GATEWAY)) !== (UP | HAS_GATEWAY)) continue
    routes.push({ gateway: hostOf(gateway), metric: Number(metric) })
  }
  return [...new Set(routes.sort((a, b) => a.metric - b.metric).map(route => route.gateway))]
}

/** Written as one number, in the order of the machine's bytes: all that run Node here begin with the lowest. */
function hostOf(hex: string): string {
  return hostFromBytes(Uint8Array.from([6, 4, 2, 0], at => Number.parseInt(hex.slice(at, at + 2), 16)))
}
