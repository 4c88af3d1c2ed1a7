/** One seed, one leech, one file: how fast, at what cost. */

import { closeSync, mkdirSync, openSync, readSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type RunningTracker, startTracker } from '../src/tracker-server/start-tracker.ts'
import type { PeerJob } from './job.ts'
import { PeerProcess } from './peer-process.ts'
import type { BenchContent } from './bench-content.ts'
import type { TransferProgram } from './transfer-programs.ts'

const HOST = '127.0.0.1'
const GIB = 2 ** 30
const MIB = 2 ** 20
/** How long programs may take to start, and to find one another. */
const START_BOUND = 20_000
/** Slower than this (bytes a second) is a failure. */
const SLOWEST = 4 * MIB
const LOOK_INTERVAL = 5

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
  options: { isCompared: boolean },
): Promise<TransferSample> {
  const folder = join(content.folder, 'leech')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const started: { stop(): Promise<void> }[] = []
  try {
    const sample = await measure(pair, content, folder, started)
    if (options.isCompared) compare(content.file, join(folder, content.name))
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
): Promise<TransferSample> {
  const start = (program: TransferProgram, job: PeerJob): PeerProcess => {
    const peer = new PeerProcess(`${program.name} (${job.role})`, program.command(job), content.folder)
    started.push(peer)
    return peer
  }
  const tracker = pair.leech.needsTracker ? await startTracker({ bind: [HOST], httpPort: 0 }) : null
  if (tracker) started.push({ stop: () => tracker.close() })
  const at = { host: HOST, family: 4, port: await freePort() } as const
  const common = { torrent: content.torrent, host: HOST, trackers: tracker ? [tracker.announceUrl] : [] }

  const seed = start(pair.seed, {
    ...common,
    role: 'seed',
    folder: content.seedFolder,
    port: at.port,
    peer: null,
  })
  await seed.hears(pair.seed.isReady, START_BOUND)
  if (tracker) await seedIsKnown(tracker)

  const leechJob: PeerJob = { ...common, role: 'leech', folder, port: await freePort(), peer: at }
  let begun = performance.now()
  const leech = start(pair.leech, leechJob)
  let leechBefore = 0
  if (!pair.leech.needsTracker) {
    await leech.hears(pair.leech.isReady, START_BOUND)
    leechBefore = leech.cpuSeconds()
    begun = performance.now()
    leech.go()
  }
  const seedBefore = seed.cpuSeconds()
  await leech.hears(pair.leech.isDone, START_BOUND + (content.length / SLOWEST) * 1000)
  const seconds = (performance.now() - begun) / 1000
  const cost = (peer: PeerProcess, before: number): SideCost => ({
    cpuSecondsPerGib: ((peer.cpuSeconds() - before) / content.length) * GIB,
    peakMib: peer.peakMemory() / MIB,
  })
  return {
    seconds,
    mibPerSecond: content.length / MIB / seconds,
    leech: cost(leech, leechBefore),
    seed: cost(seed, seedBefore),
  }
}

async function seedIsKnown(tracker: RunningTracker): Promise<void> {
  const end = performance.now() + START_BOUND
  while (tracker.stats().seeds === 0) {
    if (performance.now() > end) throw new Error('the seed did not announce itself to the tracker')
    await delay(LOOK_INTERVAL)
  }
}

/** A port that nobody uses now. */
async function freePort(): Promise<number> {
  const server = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen(0, HOST, resolve)
  await promise
  const address = server.address()
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()
  server.close(() => close())
  await closed
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return address.port
}

/** Throws where the two files differ. */
function compare(expected: string, got: string): void {
  if (statSync(got).size !== statSync(expected).size)
    throw new Error(`${got} has another length than what was sent`)
  const files = [openSync(expected, 'r'), openSync(got, 'r')] as const
  const buffers = [Buffer.alloc(MIB), Buffer.alloc(MIB)] as const
  try {
    for (let offset = 0; ; offset += MIB) {
      const length = readSync(files[0], buffers[0], 0, MIB, offset)
      if (length === 0) return
      readSync(files[1], buffers[1], 0, length, offset)
      if (!buffers[0].subarray(0, length).equals(buffers[1].subarray(0, length))) {
        throw new Error(`${got} differs from what was sent, at ${offset} or behind`)
      }
    }
  } finally {
    for (const file of files) closeSync(file)
  }
}
