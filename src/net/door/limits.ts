/** What a web port's callers may take of it before they are handed to an HTTP server, which has bounds of its own. */

import { defineLimits } from '../../core/limits.ts'

export const DOOR_LIMITS = defineLimits('net.front-door', {
  connections: [16_384, 'entries', 'open connections of one port; beyond it the oldest idle one makes room'],
  connectionsPerHost: [
    64,
    'entries',
    'open connections from one IPv4 address or IPv6 /64 to one port; loopback has no such bound',
  ],
  greetingsPerHost: [
    1024,
    'entries',
    'connections from one address whose caller is not known yet; a balancer has one address for many callers',
  ],
  headLength: [8192, 'bytes', 'request line and headers of a request that is answered at the door'],
  headTimeout: [5000, 'ms', 'for a whole head, however its bytes dribble in'],
  idleTimeout: [15_000, 'ms', 'from an answer to the next request'],
  unsentLength: [65_536, 'bytes', 'answers that wait to be sent before no more requests are read'],
  sendTimeout: [10_000, 'ms', 'for a caller to take the answers that wait for him'],
  drainTimeout: [5000, 'ms', 'for requests that are under way when the port is closed'],
  checkInterval: [500, 'ms', 'how often connections are looked at for being too slow'],
  headerLines: [64, 'entries', 'a request with more is not answered at the door'],
})
