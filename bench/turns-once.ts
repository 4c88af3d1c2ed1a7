/** One transfer between two sessions of ours that measure their turns, and an idle process beside them. */

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchContent } from './bench-content.ts'
import { freePort } from './free-port.ts'
import type { PeerJob } from './job.ts'
import { PeerProcess } from './peer-process.ts'
import type { TransferProgram } from './transfer-programs.ts'

const HOST = '127.0.0.1'
const START_BOUND = 20_000
/** Slower than this (bytes a second) is a failure. */
const SLOWEST = 4 * 2 ** 20

/** Of one process, in ms. */
export interface TurnFigures {
  readonly turns: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  /** How late the event loop was, looked at every millisecond; that millisecond is part of it. */
  readonly loopP99: number
}

export interface TurnsSample {
  readonly mibPerSecond: number
  readonly leech: TurnFigures
  readonly seed: TurnFigures
  readonly idle: TurnFigures
}

export async function turnsOnce(shoal: TransferProgram, content: BenchContent): Promise<TurnsSample> {
  const folder = join(content.folder, 'leech')
  mkdirSync(folder)
  const started: PeerProcess[] = []
  try {
    return await measure(shoal, content, folder, started)
  } finally {
    await Promise.all(started.map(peer => peer.stop()))
    for (const name of ['leech', 'leech state', 'seed state'])
      rmSync(join(content.folder, name), { recursive: true, force: true })
  }
}

async function measure(
  shoal: TransferProgram,
  content: BenchContent,
  leechFolder: string,
  started: PeerProcess[],
): Promise<TurnsSample> {
  const start = async (name: string, command: readonly string[]): Promise<PeerProcess> => {
    const peer = new PeerProcess(name, command, content.folder)
    started.push(peer)
    await peer.hears(shoal.isReady, START_BOUND)
    return peer
  }
  const at = { host: HOST, family: 4, port: await freePort(HOST) } as const
  const common = { torrent: content.torrent, host: HOST, trackers: [], isProbed: true }
  const seedJob: PeerJob = {
    ...common,
    role: 'seed',
    folder: content.seedFolder,
    port: at.port,
    peer: null,
  }
  const leechJob: PeerJob = {
    ...common,
    role: 'leech',
    folder: leechFolder,
    port: await freePort(HOST),
    peer: at,
  }
  const seed = await start('shoal (seed)', shoal.command(seedJob))
  const leech = await start('shoal (leech)', shoal.command(leechJob))
  const idleLoop = fileURLToPath(new URL('idle-loop.mjs', import.meta.url))
  const idle = await start('the idle process', [process.execPath, idleLoop])

  const begun = performance.now()
  for (const peer of [seed, idle, leech]) peer.go()
  await leech.hears(shoal.isDone, START_BOUND + (content.length / SLOWEST) * 1000)
  const seconds = (performance.now() - begun) / 1000
  for (const peer of [seed, idle]) peer.go()
  const told = async (peer: PeerProcess): Promise<TurnFigures> =>
    JSON.parse(await peer.hears(line => line.includes('"turns"'), START_BOUND)) as TurnFigures
  return {
    mibPerSecond: content.length / 2 ** 20 / seconds,
    ...{ leech: await told(leech), seed: await told(seed), idle: await told(idle) },
  }
}
