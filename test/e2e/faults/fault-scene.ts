/** A torrent, a seed of it, and sessions that fetch it to disks that fail. */

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Alert } from '../../../src/client/alerts.ts'
import { openSession } from '../../../src/client/node.ts'
import type { Session } from '../../../src/client/session.ts'
import type { SessionOptions } from '../../../src/client/session-options.ts'
import type { TorrentHandle } from '../../../src/client/torrent-handle.ts'
import { buildTorrent } from '../../../src/metainfo/build.ts'
import { planTorrent, type TorrentFormat } from '../../../src/metainfo/plan-torrent.ts'
import { hashPlan } from '../../support/hash-plan.ts'
import type { Dice } from '../../../src/core/ports.ts'
import { seededDice } from '../../support/seeded-dice.ts'
import { until } from '../../support/until.ts'

const LISTEN = [{ address: '127.0.0.1', port: 0 }]
/** What the issue of every fault allows, from the moment its cause is gone. */
export const RECOVERS_WITHIN = 15_000

export interface Content {
  readonly torrentFile: Uint8Array
  readonly length: number
  /** By their path below the download folder. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

export function newContent(options: {
  files: Readonly<Record<string, number>>
  pieceLength?: number
  format?: TorrentFormat
  name?: string
}): Content {
  const { files, pieceLength = 65_536, format = 'v1', name = 'content' } = options
  const dice = seededDice(7 + name.length)
  const contents = new Map(Object.entries(files).map(([path, length]) => [path, noise(length, dice)]))
  const plan = planTorrent({
    name,
    isSingleFile: false,
    files: Object.entries(files).map(([path, length]) => ({ path: path.split('/'), length })),
    format,
    pieceLength,
  })
  const torrentFile = buildTorrent(
    plan,
    hashPlan(plan, ({ path }) => contents.get(path.join('/'))!),
  )
  return {
    torrentFile,
    length: Object.values(files).reduce((sum, length) => sum + length, 0),
    files: new Map([...contents].map(([path, bytes]) => [`${name}/${path}`, bytes])),
  }
}

export function writeContent(content: Content, folder: string): void {
  for (const [path, bytes] of content.files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
}

export function assertContent(content: Content, folder: string): void {
  for (const [path, bytes] of content.files)
    assert.equal(Buffer.compare(readFileSync(join(folder, path)), bytes), 0, `${path} differs`)
}

/** Has all that it was given, from folders of its own, and gives `rate` bytes a second. */
export async function openSeed(contents: readonly Content[], folder: string, rate: number): Promise<Session> {
  const seed = await openSession({ listen: LISTEN, uploadLimit: rate })
  for (const content of contents) {
    writeContent(content, folder)
    const options = { folder, isKnownGood: true, announces: false }
    await (await seed.add({ torrentFile: content.torrentFile }, options)).checked()
  }
  return seed
}

/** A session and what it said. */
export class Watched {
  readonly session: Session
  readonly alerts: Alert[] = []

  private constructor(session: Session) {
    this.session = session
    void this.#listen()
  }

  static async open(options: SessionOptions = {}): Promise<Watched> {
    return new Watched(await openSession({ listen: LISTEN, ...options }))
  }

  async #listen(): Promise<void> {
    for await (const alert of this.session.alerts()) this.alerts.push(alert)
  }

  async add(content: Content, folder: string, from: readonly Session[]): Promise<TorrentHandle> {
    const peers = from.flatMap(({ listening }) => listening)
    return await this.session.add({ torrentFile: content.torrentFile }, { folder, announces: false, peers })
  }

  count(type: Alert['type']): number {
    return this.alerts.filter(alert => alert.type === type).length
  }

  /** Waits until the torrent says that this holds it up, and that it goes on by itself. */
  async waitsFor(code: string, torrent: TorrentHandle, within = 30_000): Promise<void> {
    await until(() => torrent.status().error?.code === code, within)
    const told = this.alerts.findLast(alert => alert.type === 'torrent-error')
    assert.ok(told?.type === 'torrent-error' && told.isWaiting, 'it does not say that it goes on by itself')
    assert.equal(told.torrent, torrent.id)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.session.close()
  }
}

/** How long it took from now, in ms, until the torrent went on; fails where that is too long. */
export async function recovery(torrent: TorrentHandle): Promise<number> {
  const began = performance.now()
  await until(() => torrent.status().error === null, RECOVERS_WITHIN)
  return performance.now() - began
}

function noise(length: number, dice: Dice): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = dice.below(0xffff_fffe) + 1
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[at] = state
  }
  return new Uint8Array(words.buffer, 0, length)
}
