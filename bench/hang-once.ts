/** A leech with several torrents: what the others get while the disk of one hangs, or does not. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { freePort } from './free-port.ts'
import { HangingDisk } from './hanging-disk.ts'
import type { SeveralJob } from './job.ts'
import { PeerProcess } from './peer-process.ts'
import { makeSparseFile } from './sparse-content.ts'

const HOST = '127.0.0.1'
const MIB = 2 ** 20
const PIECE_LENGTH = MIB
const START_BOUND = 30_000
/** ms that they all run before the window, in which the disk hangs or does not. */
const BEFORE = 3000

export interface HangPlan {
  readonly torrents: number
  /** Of each torrent, bytes. */
  readonly bytesPerSecond: number
  /** ms */
  readonly window: number
  /** The compiled build. */
  readonly build: string
}

export interface HangSample {
  /** Of the torrents whose disk does not hang, together, in the window. */
  readonly mibPerSecond: number
  /** Of the torrent whose disk hangs. */
  readonly ownMibPerSecond: number
  /** Of the others, from the end of the window on, for half as long. */
  readonly afterMibPerSecond: number
}

interface Had {
  readonly bytes: readonly number[]
  readonly at: number
}

export async function hangOnce(parent: string, plan: HangPlan, hangs: boolean): Promise<HangSample> {
  const place = mkdtempSync(join(parent, 'shoal-hang-'))
  const started: PeerProcess[] = []
  let disk: HangingDisk | null = null
  try {
    const length = lengthOf(plan)
    mkdirSync(join(place, 'seed'))
    mkdirSync(join(place, 'leech'))
    const made = Array.from({ length: plan.torrents }, (_, index) =>
      makeSparseFile(join(place, 'seed'), { name: `zeros ${index}`, length, pieceLength: PIECE_LENGTH }),
    )
    disk = new HangingDisk(place, Math.ceil(1.2 * length) + 64 * MIB)
    return await measure(place, plan, made, disk, hangs, started)
  } finally {
    disk?.goOn()
    await Promise.all(started.map(peer => peer.stop()))
    disk?.remove()
    rmSync(place, { recursive: true, force: true })
  }
}

/** No torrent may be complete before the end. */
function lengthOf({ bytesPerSecond, window }: HangPlan): number {
  return Math.ceil((bytesPerSecond * (BEFORE + 2 * window)) / 1000 / PIECE_LENGTH) * PIECE_LENGTH
}

async function measure(
  place: string,
  plan: HangPlan,
  made: readonly { readonly torrent: string }[],
  disk: HangingDisk,
  hangs: boolean,
  started: PeerProcess[],
): Promise<HangSample> {
  const program = fileURLToPath(new URL('several-peer.mjs', import.meta.url))
  const build = pathToFileURL(join(resolve(plan.build), 'client', 'node.js')).href
  const start = async (job: SeveralJob): Promise<PeerProcess> => {
    const peer = new PeerProcess(job.role, [process.execPath, program, JSON.stringify(job)], place)
    started.push(peer)
    await peer.hears(line => line.includes('"ready"'), START_BOUND)
    return peer
  }
  const at = { host: HOST, family: 4, port: await freePort(HOST) } as const
  const common = { build, host: HOST, bytesPerSecond: plan.bytesPerSecond }
  const job = (role: SeveralJob['role'], port: number, folderOf: (index: number) => string): SeveralJob => ({
    ...common,
    role,
    port,
    peer: role === 'leech' ? at : null,
    stateFolder: join(place, `${role} state`),
    torrents: made.map(({ torrent }, index) => ({ torrent, folder: folderOf(index) })),
  })
  await start(job('seed', at.port, () => join(place, 'seed')))
  const leech = await start(
    job('leech', await freePort(HOST), index => (index === 0 ? disk.folder : join(place, 'leech'))),
  )
  leech.go()
  let looks = 0
  const look = async (): Promise<Had> => {
    const mark = `"look":${looks++},`
    leech.go()
    return JSON.parse(await leech.hears(line => line.includes(mark), START_BOUND)) as Had
  }
  await delay(BEFORE)
  if (hangs) disk.hang()
  const before = await look()
  await delay(plan.window)
  const after = await look()
  disk.goOn()
  await delay(plan.window / 2)
  const end = await look()
  return {
    mibPerSecond: rateOfOthers(before, after),
    ownMibPerSecond: rate(before, after, 0),
    afterMibPerSecond: rateOfOthers(after, end),
  }
}

function rateOfOthers(from: Had, to: Had): number {
  return to.bytes.slice(1).reduce((sum, _, index) => sum + rate(from, to, index + 1), 0)
}

function rate(from: Had, to: Had, index: number): number {
  return (to.bytes[index]! - from.bytes[index]!) / MIB / ((to.at - from.at) / 1000)
}
