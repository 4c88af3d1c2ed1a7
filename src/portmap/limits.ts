/** What routers, and whoever pretends to be one, may fill in. */

import { defineLimits } from '../core/limits.ts'

export const PORTMAP_LIMITS = defineLimits('portmap', {
  ssdpAnswerLength: [4096, 'bytes', 'longest answer to a search for routers that is read'],
  devices: [
    8,
    'entries',
    'devices of the network that are looked at as routers in one search; media servers and lamps may answer too',
  ],
  documentLength: [131_072, 'bytes', 'longest document that a router may send; real ones have up to 20 KiB'],
  documentDepth: [32, 'levels', 'nesting of an XML document; a description of a router has eight'],
  documentElements: [4000, 'entries', 'elements of an XML document'],
  urlLength: [1024, 'bytes', 'longest URL that a device may name'],
  textLength: [200, 'entries', 'characters kept of what a router says in words'],
  conflicts: [8, 'times', 'other ports that are tried where one is taken at the router'],
  shortestLifetimeSeconds: [
    60,
    'seconds',
    'a mapping that a router gives for less is renewed as if for so long',
  ],
  longestLifetimeSeconds: [
    86_400,
    'seconds',
    'a mapping that a router gives for longer is renewed as if for so long',
  ],
  shortestRetry: [30_000, 'ms', 'before a router that refused is asked again, whatever it says'],
  longestRetry: [1_800_000, 'ms', 'before a router that refused is asked again, whatever it says'],
})
