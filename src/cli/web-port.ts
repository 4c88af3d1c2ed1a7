/** The one web port of `shoal up`: announces are answered at the front door, everything else by the site. */

import { createServer } from 'node:http'
import { type Address, address } from '../core/address.ts'
import { type FrontDoor, openFrontDoor } from '../net/front-door.ts'
import { openListeners } from '../net/listeners.ts'
import { requestListener, type Site } from '../site/index.ts'
import type { Tracker } from '../tracker-server/index.ts'

export interface WebPort {
  readonly addresses: readonly Address[]
  close(): Promise<void>
}

/** `bind` null: all IPv4 and IPv6 addresses. Rejects with `UsageError` `port-in-use`, `address-unavailable`. */
export async function openWebPort(options: {
  bind: string | null
  port: number
  tracker: Tracker
  site: Site
}): Promise<WebPort> {
  const { bind, port, tracker, site } = options
  const { isAnswered, answer } = tracker.frontend
  const toSite = requestListener(site)
  const behind = createServer((request, response) => {
    if (!tracker.frontend.listen(request, response)) toSite(request, response)
  })
  const places =
    bind === null
      ? [{ address: address('0.0.0.0', port) }, { address: address('::', port), isOptional: true }]
      : [{ address: address(bind, port) }]
  const doors = await openListeners<FrontDoor>(places, at =>
    openFrontDoor(at, { isAnswered, answer, behind }),
  )
  return {
    addresses: doors.all.map(door => door.local),
    async close() {
      const closed = doors.close()
      // Connections that were handed over are not the door's any more.
      behind.closeIdleConnections()
      behind.closeAllConnections()
      await closed
    },
  }
}
