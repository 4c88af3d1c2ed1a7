import type { SwarmKey } from '../core/ids.ts'
import type { ScrapeEntry } from '../tracker/announce.ts'
import { TRACKER_LIMITS } from '../tracker/limits.ts'
import type { TrackerClient } from './session-ports.ts'
import type { WaitOptions } from './wait-options.ts'

/** Asks for any number of swarms, as many at a time as one question may name. */
export async function scrapeSwarms(
  client: TrackerClient,
  tracker: string,
  infoHashes: readonly SwarmKey[],
  { signal = new AbortController().signal }: WaitOptions,
): Promise<ScrapeEntry[]> {
  const entries: ScrapeEntry[] = []
  for (let at = 0; at < infoHashes.length; at += TRACKER_LIMITS.scrapeHashes) {
    signal.throwIfAborted()
    const some = infoHashes.slice(at, at + TRACKER_LIMITS.scrapeHashes)
    entries.push(...(await client.scrape(tracker, some, { signal })))
  }
  return entries
}
