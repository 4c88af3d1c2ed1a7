/** A site on a port of its own, closed when the test is over. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { createSite, requestListener, type SiteOptions } from '../../../src/site/index.ts'

export async function startSite(t: TestContext, options: SiteOptions): Promise<string> {
  const server = createServer(requestListener(createSite(options)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
