/** One seed, many leeches, one program throughout: when they are done, and what it took. */

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startTracker } from '../src/tracker-server/start-tracker.ts'
import { assertSameContent } from './assert-same-content.ts'
import type { BenchContent } from './bench-content.ts'
import { freePort } from './free-port.ts'
import type { PeerJob } from './job.ts'
import { PeerProcess } from './peer-process.ts'
import { seedIsKnown } from './seed-is-known.ts'
import type { TransferProgram } from './transfer-programs.ts'

const HOST = '127.0.0.1'
const MIB = 2 ** 20
const START_BOUND = 30_000
/** Slower than this, all leeches together, is a failure; bytes a second. */
const SLOWEST = 4 * MIB

export interface SwarmSample {
  /** From the word to begin to each leech's word that all is verified and written, in order. */
  readonly doneAfter: readonly number[]
  /** How often the seed sent the content. */
  readonly seedSent: number
  /** In the same time, user and system, all threads. */
  readonly seedCpuSeconds: number
  /** Of all leeches together. */
  readonly leechesCpuSeconds: number
  /** Of the leech that took most. */
  readonly leechPeakMib: number
  readonly seedPeakMib: number
}

/** Moves the content from one process to `leeches` others, all started for it, which meet through a tracker of ours. */
export async function swarmOnce(
  program: TransferProgram,
  content: BenchContent,
  options: { readonly leeches: number; readonly isCompared: boolean },
): Promise<SwarmSample> {
  const place = join(content.folder, 'leeches')
  const folders = Array.from({ length: options.leeches }, (_, index) => join(place, `${index}`, 'content'))
  for (const folder of folders) mkdirSync(folder, { recursive: true })
  const started: { stop(): Promise<void> }[] = []
  try {
    const sample = await measure(program, content, folders, started)
    if (options.isCompared) {
      for (const folder of folders) assertSameContent(content.file, join(folder, content.name))
    }
    return sample
  } finally {
    await Promise.all(started.map(one => one.stop()))
    rmSync(place, { recursive: true, force: true })
    rmSync(join(content.folder, 'seed state'), { recursive: true, force: true })
  }
}

async function measure(
  program: TransferProgram,
  content: BenchContent,
  folders: readonly string[],
  started: { stop(): Promise<void> }[],
): Promise<SwarmSample> {
  const tracker = await startTracker({ bind: [HOST], httpPort: 0 })
  started.push({ stop: () => tracker.close() })
  const start = async (role: PeerJob['role'], folder: string): Promise<PeerProcess> => {
    const job: PeerJob = {
      role,
      folder,
      torrent: content.torrent,
      host: HOST,
      port: await freePort(HOST),
      trackers: [tracker.announceUrl],
      peer: null,
    }
    const peer = new PeerProcess(`${program.name} (${role})`, program.command(job), content.folder)
    started.push(peer)
    await peer.hears(program.isReady, START_BOUND)
    return peer
  }
  const seed = await start('seed', content.seedFolder)
  await seedIsKnown(tracker, START_BOUND)
  const leeches: PeerProcess[] = []
  for (const folder of folders) leeches.push(await start('leech', folder))

  const cpuOf = (peers: readonly PeerProcess[]): number =>
    peers.reduce((sum, peer) => sum + peer.cpuSeconds(), 0)
  const before = { seed: seed.cpuSeconds(), leeches: cpuOf(leeches) }
  const begun = performance.now()
  for (const leech of leeches) leech.go()
  const bound = START_BOUND + ((content.length * leeches.length) / SLOWEST) * 1000
  const doneAfter = await Promise.all(
    leeches.map(async leech => {
      await leech.hears(program.isDone, bound)
      return (performance.now() - begun) / 1000
    }),
  )
  const costs = {
    seedCpuSeconds: seed.cpuSeconds() - before.seed,
    leechesCpuSeconds: cpuOf(leeches) - before.leeches,
    leechPeakMib: Math.max(...leeches.map(leech => leech.peakMemory())) / MIB,
    seedPeakMib: seed.peakMemory() / MIB,
  }
  const seedSent = (await uploadedBy(seed)) / content.length
  return { doneAfter: doneAfter.toSorted((a, b) => a - b), seedSent, ...costs }
}

async function uploadedBy(seed: PeerProcess): Promise<number> {
  seed.go()
  const line = await seed.hears(told => told.includes('"uploaded"'), START_BOUND)
  return (JSON.parse(line) as { readonly bytes: number }).bytes
}
