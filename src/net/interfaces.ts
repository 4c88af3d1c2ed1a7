import { networkInterfaces } from 'node:os'
import { type Family, hostFromBytes, hostBytes, type Scope, scopeOf } from '../core/address.ts'

/** One address of this machine. */
export interface InterfaceAddress {
  /** The name of the interface, such as `eth0`. */
  readonly interface: string
  readonly host: string
  readonly family: Family
  readonly scope: Scope
}

/** The addresses of this machine, in the system's order; only those of one family or some scopes where asked. */
export function localAddresses(
  filter: { family?: Family; scopes?: readonly Scope[] } = {},
): InterfaceAddress[] {
  const found: InterfaceAddress[] = []
  for (const [name, entries = []] of Object.entries(networkInterfaces())) {
    for (const entry of entries) {
      const host = hostFromBytes(hostBytes(entry.address.split('%', 1)[0]!))
      const family = host.includes(':') ? 6 : 4
      const scope = scopeOf(host)
      if (filter.family !== undefined && filter.family !== family) continue
      if (filter.scopes !== undefined && !filter.scopes.includes(scope)) continue
      found.push({ interface: name, host, family, scope })
    }
  }
  return found
}
