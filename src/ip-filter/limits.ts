import { defineLimits } from '../core/limits.ts'

/** The bounds of IP filters. */
export const IP_FILTER_LIMITS = defineLimits('ip-filter', {
  listLength: [268_435_456, 'bytes', 'a list that `--ip-filter` reads, uncompressed'],
  ranges: [2_000_000, 'entries', 'ranges of addresses in one filter; the largest lists have half a million'],
  lineLength: [2_000, 'bytes', 'of a line; a longer one counts as one that cannot be read'],
})
