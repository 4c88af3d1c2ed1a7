import { defineOptions } from '../core/options.ts'

/** How routers are asked to forward ports. */
export const PORTMAP_DEFAULTS = defineOptions('portmap', {
  gather: [
    100,
    'how long changes of the ports that are listened on are gathered before routers are asked, ms',
  ],
  lifetimeSeconds: [7200, 'for how long a mapping is asked for, s; RFC 6886 recommends it'],
  natPmpRetry: [250, 'first wait for an answer over NAT-PMP, ms; doubled each time (RFC 6886)'],
  natPmpTries: [9, 'how often NAT-PMP is asked before a router counts as silent (RFC 6886)'],
  pcpRetry: [3000, 'first wait for an answer over PCP, ms; doubled each time, up to 1024 s (RFC 6887)'],
  pcpPatience: [500, 'how long PCP may stay silent where NAT-PMP has answered, ms'],
  renewRetry: [4000, 'shortest time between two attempts to renew a mapping, ms (RFC 6887)'],
  watch: [300_000, 'how often a router is asked whether it is still the one that made the mapping, ms'],
  searchRounds: [3, 'how often a router is searched for over SSDP; datagrams get lost'],
  searchInterval: [2000, 'between two rounds of that search, ms'],
  silence: [10_000, 'after so long without any answer it is said that no router forwards ports, ms'],
  lookAgain: [900_000, 'until a router is searched for again where there was none, or none that did it, ms'],
  removePatience: [2000, 'how long closing waits until a router has taken its mappings back, ms'],
})
