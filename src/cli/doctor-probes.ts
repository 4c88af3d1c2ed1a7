/** What `shoal doctor` looks at. Each takes a bounded time and never throws for what it finds. */

import { randomUUID } from 'node:crypto'
import { mkdir, open, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BitTorrentError } from '../core/errors.ts'
import type { SwarmKey } from '../core/ids.ts'
import { HttpFetcher } from '../net/fetch.ts'
import { PORTMAP_DEFAULTS } from '../portmap/options.ts'
import type { CliSession } from './cli-session.ts'
import type { FolderProbe, MappingProbe, TrackerProbe } from './doctor-findings.ts'

const TRACKER_PATIENCE = 15_000
const CLOCK_PATIENCE = 10_000
const FOLDER_PATIENCE = 10_000
/** Beyond what the session itself waits for a router. */
const MAPPING_SLACK = 2000
/** TCP and UDP. */
const BOTH = 2

/** The soft limit on open files, which Node has raised as far as it may; Infinity for none, null where there is no such thing. */
export function openFilesLimit(): number | null {
  const report: typeof process.report & { excludeNetwork?: boolean } = process.report
  // Else it would look up the names of all who are connected.
  report.excludeNetwork = true
  const { userLimits } = report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } }
  const soft = userLimits?.open_files?.soft
  if (soft === undefined) return null
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY
}

/** Waits until it is known how routers stand to the ports of a session: mapped, refused, or time is up. */
export async function probeMapping(session: CliSession, signal: AbortSignal): Promise<MappingProbe> {
  const patience = AbortSignal.timeout(PORTMAP_DEFAULTS.silence + MAPPING_SLACK)
  const alerts = session.alerts({ signal: AbortSignal.any([signal, patience]) })
  let failure: string | null = null
  if (session.mappings.length < BOTH)
    for await (const alert of alerts) {
      if (alert.type === 'port-mapping-failed') failure = alert.error.message
      if (failure !== null || session.mappings.length >= BOTH) break
    }
  return { mappings: session.mappings, failure }
}

/** A folder that is not there yet is looked at where it would be made. Nothing of it stays. */
export async function probeFolder(
  name: string,
  path: string,
  { mayBeMade }: { mayBeMade: boolean },
): Promise<FolderProbe> {
  const nothing = { name, path, free: null, fileSystem: null, syncTime: null }
  const late = Promise.withResolvers<FolderProbe>()
  const timer = setTimeout(
    () => late.resolve({ ...nothing, error: `the disk did not answer within ${FOLDER_PATIENCE / 1000} s` }),
    FOLDER_PATIENCE,
  )
  try {
    return await Promise.race([lookAt(name, path, mayBeMade), late.promise])
  } catch (error) {
    return { ...nothing, error: textOf(error) }
  } finally {
    clearTimeout(timer)
  }
}

async function lookAt(name: string, path: string, mayBeMade: boolean): Promise<FolderProbe> {
  const folder = mayBeMade ? await nearestFolder(path) : path
  if (!(await stat(folder)).isDirectory()) throw new Error('it is not a folder')
  const own = join(folder, `.shoal-doctor-${randomUUID()}`)
  await mkdir(own)
  try {
    const from = performance.now()
    const file = await open(join(own, 'test'), 'wx')
    try {
      await file.writeFile(new Uint8Array(65_536).fill(1))
      await file.sync()
    } finally {
      await file.close()
    }
    const syncTime = performance.now() - from
    const { bavail, bsize, type } = await statfs(own)
    return { name, path, error: null, free: bavail * bsize, fileSystem: type, syncTime }
  } finally {
    await rm(own, { recursive: true, force: true })
  }
}

async function nearestFolder(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    const isThere = await stat(folder).then(
      () => true,
      error => error.code !== 'ENOENT',
    )
    if (isThere || dirname(folder) === folder) return folder
  }
}

export async function probeTracker(
  session: CliSession,
  tracker: string,
  keys: readonly SwarmKey[],
  signal: AbortSignal,
): Promise<TrackerProbe> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TRACKER_PATIENCE)])
  try {
    await session.scrape(tracker, keys, { signal: limit })
    return { tracker, error: null }
  } catch (error) {
    signal.throwIfAborted()
    // It is there, and has told us so.
    if (error instanceof BitTorrentError && ['tracker-refused', 'tracker-no-scrape'].includes(error.code))
      return { tracker, error: null }
    return { tracker, error: error instanceof BitTorrentError ? error.message : 'it did not answer in time' }
  }
}

/** By how many seconds our clock is ahead of the first of these web servers that tells the time; null where none does. */
export async function probeClock(
  urls: readonly string[],
  signal: AbortSignal,
  fetcher = new HttpFetcher(),
): Promise<number | null> {
  try {
    for (const url of urls) {
      const answer = await fetcher
        .fetch(url, { signal, timeout: CLOCK_PATIENCE, allowLowPorts: true, maxBytes: 65_536 })
        .catch(() => null)
      const theirs = Date.parse(answer?.headers.get('date') ?? '')
      if (!Number.isNaN(theirs)) return (Date.now() - theirs) / 1000
    }
    return null
  } finally {
    fetcher.close()
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
