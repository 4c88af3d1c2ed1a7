/** One seed, one leech, one file: how fast, at what cost. */

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startTracker } from '../src/tracker-server/start-tracker.ts'
import { assertSameContent } from './assert-same-content.ts'
import type { BenchContent } from './bench-content.ts'
import { freePort } from './free-port.ts'
import type { PeerJob, TrickleJob } from './job.ts'
import { PeerProcess } from './peer-process.ts'
import { seedIsKnown } from './seed-is-known.ts'
import type { TransferProgram } from './transfer-programs.ts'

const HOST = '127.0.0.1'
const GIB = 2 ** 30
const MIB = 2 ** 20
/** How long programs may take to start, and to find one another. */
const START_BOUND = 20_000
/** Slower than this (bytes a second) is a failure. */
const SLOWEST = 4 * MIB
/** The fast seed is to have its place before others ask for one, ms. */
const TRICKLE_AFTER = 100

export interface Pair {
  readonly seed: TransferProgram
  readonly leech: TransferProgram
}

export interface SideCost {
  readonly cpuSecondsPerGib: number
  readonly peakMib: number
}

export interface TransferSample {
  readonly seconds: number
  readonly mibPerSecond: number
  readonly leech: SideCost
  readonly seed: SideCost
  /** What came of those that trickled beside the seed. */
  readonly trickled?: Trickled
}

/** Seeds that hardly send anything, beside the fast one. */
export interface Trickle {
  readonly connections: number
  /** Of each. */
  readonly bytesPerSecond: number
}

export interface Trickled {
  /** How many of them the leech had at a time. */
  readonly most: number
  readonly bytes: number
}

interface TransferOptions {
  /** Every byte that arrived with what was sent. */
  readonly isCompared: boolean
  readonly trickle?: Trickle | null
  /** Bytes, where not all is to be moved: of a leech of shoal only. */
  readonly amount?: number
  /** Called when the time begins, and when it ends. */
  readonly onBegin?: () => void
  readonly onEnd?: () => void
}

export function nameOf({ seed, leech }: Pair): string {
  return `${seed.name} -> ${leech.name}`
}

/**
 * Moves the content once, between processes of their own, and stops both. Time and processor time run from the word
 * to begin (with a tracker: from the leech's start) to the leech's word that all is verified and written.
 */
export async function transferOnce(
  pair: Pair,
  content: BenchContent,
  options: TransferOptions,
): Promise<TransferSample> {
  const folder = join(content.folder, 'leech')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const started: { stop(): Promise<void> }[] = []
  try {
    const sample = await measure(pair, content, folder, started, options)
    if (options.isCompared) assertSameContent(content.file, join(folder, content.name))
    return sample
  } finally {
    for (const one of started.reverse()) await one.stop()
    rmSync(folder, { recursive: true, force: true })
    for (const role of ['seed', 'leech'])
      rmSync(join(content.folder, `${role} state`), { recursive: true, force: true })
  }
}

async function measure(
  pair: Pair,
  content: BenchContent,
  folder: string,
  started: { stop(): Promise<void> }[],
  { trickle, amount, onBegin, onEnd }: TransferOptions,
): Promise<TransferSample> {
  const length = amount ?? content.length
  const start = (program: TransferProgram, job: PeerJob): PeerProcess => {
    const peer = new PeerProcess(`${program.name} (${job.role})`, program.command(job), content.folder)
    started.push(peer)
    return peer
  }
  const tracker = pair.leech.needsTracker ? await startTracker({ bind: [HOST], httpPort: 0 }) : null
  if (tracker) started.push({ stop: () => tracker.close() })
  const at = { host: HOST, family: 4, port: await freePort(HOST) } as const
  const common = { torrent: content.torrent, host: HOST, trackers: tracker ? [tracker.announceUrl] : [] }

  const seed = start(pair.seed, {
    ...common,
    role: 'seed',
    folder: content.seedFolder,
    port: at.port,
    peer: null,
  })
  await seed.hears(pair.seed.isReady, START_BOUND)
  if (tracker) await seedIsKnown(tracker, START_BOUND)

  const leechJob: PeerJob = {
    ...common,
    role: 'leech',
    folder,
    port: await freePort(HOST),
    peer: at,
    until: amount ?? null,
  }
  const trickler = trickle && (await startTrickle(trickle, content, leechJob))
  if (trickler) started.push(trickler)
  let begun = performance.now()
  onBegin?.()
  const leech = start(pair.leech, leechJob)
  let leechBefore = 0
  if (!pair.leech.needsTracker) {
    await leech.hears(pair.leech.isReady, START_BOUND)
    leechBefore = leech.cpuSeconds()
    begun = performance.now()
    onBegin?.()
    leech.go()
  }
  const seedBefore = seed.cpuSeconds()
  if (trickler) {
    await delay(TRICKLE_AFTER)
    trickler.go()
  }
  await leech.hears(pair.leech.isDone, START_BOUND + (length / SLOWEST) * 1000)
  const seconds = (performance.now() - begun) / 1000
  onEnd?.()
  const cost = (peer: PeerProcess, before: number): SideCost => ({
    cpuSecondsPerGib: ((peer.cpuSeconds() - before) / length) * GIB,
    peakMib: peer.peakMemory() / MIB,
  })
  const costs = { leech: cost(leech, leechBefore), seed: cost(seed, seedBefore) }
  return {
    seconds,
    mibPerSecond: length / MIB / seconds,
    ...costs,
    ...(trickler && { trickled: await trickledOf(trickler) }),
  }
}

async function startTrickle(
  trickle: Trickle,
  { torrent, file, folder }: BenchContent,
  { host, port }: PeerJob,
): Promise<PeerProcess> {
  const program = fileURLToPath(new URL('trickle-peers.ts', import.meta.url))
  const job: TrickleJob = { ...trickle, torrent, file, leech: { host, port } }
  const command = [process.execPath, '-C', 'shoal-source', program, JSON.stringify(job)]
  const trickler = new PeerProcess('the peers that trickle', command, folder)
  await trickler.hears(line => line.includes('"ready"'), START_BOUND)
  return trickler
}

async function trickledOf(trickler: PeerProcess): Promise<Trickled> {
  trickler.go()
  const line = await trickler.hears(told => told.includes('"trickled"'), START_BOUND)
  const { most, bytes } = JSON.parse(line) as Trickled
  return { most, bytes }
}
