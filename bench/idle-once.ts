/** Thousands of torrents that nobody asks for: how they are made, and what a session with them costs. */

import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { encodeBencode } from '../src/bencode/encode.ts'
import { encodeTorrentFile } from '../src/metainfo/torrent-file.ts'
import { systemSecrets } from '../src/net/system-secrets.ts'
import { startTracker } from '../src/tracker-server/start-tracker.ts'
import type { IdleJob } from './job.ts'
import { PeerProcess } from './peer-process.ts'

const HOST = '127.0.0.1'
const MIB = 2 ** 20
const PIECE_LENGTH = 16_384
/** ms that each torrent may take to start, and all of them beside that: they rest a minute after. */
const START_BOUND = 50
const REST_BOUND = 300_000

export interface IdleSample {
  /** Until every torrent is known to be there. */
  readonly startSeconds: number
  readonly startCpuSeconds: number
  readonly peakMib: number
  /** Objects and buffers of the main thread, less those of the empty session. */
  readonly bytesEach: number
  readonly hashedPieces: number
  /** Of one core, while nothing is done. */
  readonly idleShare: number
}

export interface IdlePlan {
  readonly torrents: number
  readonly pieces: number
  readonly idleSeconds: number
  /** The compiled build. */
  readonly build: string
}

/** Makes the torrents, has a session seed them once, and returns their folder. */
export async function makeIdleTorrents(parent: string, plan: IdlePlan): Promise<string> {
  const place = mkdtempSync(join(parent, 'shoal-idle-'))
  try {
    mkdirSync(join(place, 'torrents'))
    mkdirSync(join(place, 'content'))
    for (let index = 0; index < plan.torrents; index++) makeTorrent(place, index, plan.pieces)
    await withSession('prepare', place, plan, '', async () => {})
    return place
  } catch (error) {
    rmSync(place, { recursive: true, force: true })
    throw error
  }
}

/** Starts them again, in a process of their own, beside a tracker of ours. */
export async function idleOnce(place: string, plan: IdlePlan): Promise<IdleSample> {
  const tracker = await startTracker({ bind: [HOST], httpPort: 0 })
  try {
    return await withSession('measure', place, plan, tracker.announceUrl, async (peer, bound) => {
      const said = JSON.parse(await peer.hears(line => line.includes('"idle"'), bound)) as IdleSample
      return { ...said, peakMib: peer.peakMemory() / MIB }
    })
  } finally {
    await tracker.close()
  }
}

/** A file that is all zeros; its hashes are not. */
function makeTorrent(place: string, index: number, pieces: number): void {
  const name = `content ${index}`
  const infoBytes = encodeBencode({
    name,
    'piece length': PIECE_LENGTH,
    pieces: systemSecrets.bytes(20 * pieces),
    length: pieces * PIECE_LENGTH,
  })
  writeFileSync(join(place, 'torrents', `${index}.torrent`), encodeTorrentFile({ infoBytes }))
  writeFileSync(join(place, 'content', name), '')
  truncateSync(join(place, 'content', name), pieces * PIECE_LENGTH)
}

/** Until the session is closed: only then is all of it remembered. */
async function withSession<T>(
  role: IdleJob['role'],
  place: string,
  { torrents, idleSeconds, build }: IdlePlan,
  tracker: string,
  look: (peer: PeerProcess, bound: number) => Promise<T>,
): Promise<T> {
  const program = fileURLToPath(new URL('idle-peer.mjs', import.meta.url))
  const session = pathToFileURL(join(resolve(build), 'client', 'node.js')).href
  const job: IdleJob = { role, place, torrents, tracker, idleSeconds, build: session }
  const command = [process.execPath, '--expose-gc', program, JSON.stringify(job)]
  const peer = new PeerProcess(`the session with ${torrents} torrents`, command, place)
  try {
    const bound = torrents * START_BOUND + REST_BOUND + idleSeconds * 1000
    const seen = await look(peer, bound)
    await peer.hears(line => line.includes('"closed"'), bound)
    return seen
  } finally {
    await peer.stop()
  }
}
