/** A site behind `node:http`. */

import type { RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Site } from './site.ts'

/** For `http.createServer(requestListener(site))`, or a server that a front door hands connections to. */
export function requestListener(site: Site): RequestListener {
  const listener = getRequestListener(request => site.fetch(request), {
    // The globals of the process are its own.
    overrideGlobalObjects: false,
  })
  return (request, response) => {
    void listener(request, response)
  }
}
