/** From "all addresses" to addresses that can be typed on another machine. */

import { type Address, address, type Scope } from '../core/address.ts'
import { localAddresses } from '../net/interfaces.ts'

/** Enough for a machine with both families and two networks; a link must stay short. */
const MOST = 4
/** Containers and virtual machines have interfaces that lead nowhere; far-reaching addresses come first. */
const ORDER: readonly Scope[] = ['global', 'private', 'loopback']

/**
 * What is listened on, with `0.0.0.0` and `::` replaced by this machine's addresses of that family; loopback only
 * where there is nothing else. `interfaces` is for tests.
 */
export function reachableAddresses(
  listening: readonly Address[],
  interfaces: readonly {
    readonly host: string
    readonly family: 4 | 6
    readonly scope: Scope
  }[] = localAddresses(),
): Address[] {
  const found = listening.flatMap(({ host, port, family }) => {
    if (host !== '0.0.0.0' && host !== '::') return [address(host, port)]
    const own = interfaces.filter(entry => entry.family === family && ORDER.includes(entry.scope))
    const reaching = own.filter(entry => entry.scope !== 'loopback')
    return (reaching.length > 0 ? reaching : own)
      .toSorted((a, b) => ORDER.indexOf(a.scope) - ORDER.indexOf(b.scope))
      .map(entry => address(entry.host, port))
  })
  return found.slice(0, MOST)
}
