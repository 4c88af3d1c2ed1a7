/**
 * All that storage does to a disk is recorded, and the states that a power cut may leave of it are made: any moment, and of
 * what was not synced then any part. Each is opened as after a start. `SHOAL_CRASH_STATES=20000` makes more of them,
 * `SHOAL_CRASH_SEED=7` others (the same as long as the code does the same).
 */

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, it } from 'node:test'
import type { Dice } from '../../../src/core/ports.ts'
import type { TorrentFormat } from '../../../src/metainfo/plan-torrent.ts'
import { parseTorrentFile } from '../../../src/metainfo/torrent-file.ts'
import type { FileStorage } from '../../../src/storage/file-storage.ts'
import type { FileState } from '../../../src/storage/torrent-storage.ts'
import { KEEPINGS, leaveCrashState, type LeftFile } from '../../support/crash-state.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { inlineWorkers } from '../../support/inline-workers.ts'
import { seededDice } from '../../support/seeded-dice.ts'
import { TemporaryFolder } from '../storage/temporary-folder.ts'
import { newContent } from './fault-scene.ts'
import { openStored, placesIn, RecordedDownload, settingsNumber, shared } from './recorded-download.ts'
import { StateOnDisk } from './state-on-disk.ts'

const STATES = Number(process.env['SHOAL_CRASH_STATES'] ?? 600)
const SEED = Number(process.env['SHOAL_CRASH_SEED'] ?? 4242)
const STATES_A_LIFE = 40
const MEMORY = '/dev/shm'

interface Shape {
  readonly format: TorrentFormat
  readonly files: Readonly<Record<string, number>>
  readonly pieceLength: number
}

/** Pieces that lie in three files, one that is empty, and a last piece that is short. */
const FEW = { a: 100_000, 'sub/b': 50_000, 'sub/deep/c': 30_000, empty: 0, d: 150_001 }
/** More files than pieces, some of them in the same page of the part file, in folders of their own. */
const MANY = Object.fromEntries(
  Array.from({ length: 40 }, (_, at) => [`f${at % 7}/${at}`, at % 9 === 0 ? 0 : (at * 997) % 7001]),
)
const SHAPES: Readonly<Record<string, Shape>> = {
  v1: { format: 'v1', files: FEW, pieceLength: 32_768 },
  v2: { format: 'v2', files: FEW, pieceLength: 32_768 },
  hybrid: { format: 'hybrid', files: FEW, pieceLength: 32_768 },
  'v1, many small files': { format: 'v1', files: MANY, pieceLength: 16_384 },
  'hybrid, many small files': { format: 'hybrid', files: MANY, pieceLength: 16_384 },
}

interface Life {
  readonly content: ReturnType<typeof newContent>
  readonly torrent: ReturnType<typeof parseTorrentFile>
  readonly download: RecordedDownload
}

async function live(shape: Shape, folder: string, dice: Dice): Promise<Life> {
  const content = newContent(shape)
  const torrent = parseTorrentFile(content.torrentFile, testDigest)
  const bytesOf = (piece: number): Uint8Array => pieceBytes(content, torrent, piece)
  const download = new RecordedDownload({ torrent, bytesOf, folder, workers: inlineWorkers(dice), dice })
  await download.run(3)
  return { content, torrent, download }
}

function pieceBytes(content: Life['content'], { info }: Life['torrent'], piece: number): Uint8Array {
  const { geometry, files } = info
  return Buffer.concat(
    geometry
      .spans(piece, 0, geometry.pieceLengthOf(piece))
      .map(({ file, offset, length, isPad }) =>
        isPad
          ? new Uint8Array(length)
          : content.files.get(`content/${files[file]!.displayPath}`)!.subarray(offset, offset + length),
      ),
  )
}

/** What the files of a crash state look like: as those that were recorded did, at that moment or an earlier one. */
async function looksOf(
  storage: FileStorage,
  left: readonly LeftFile[],
  life: Life,
  moment: number,
): Promise<FileState[]> {
  const states = await storage.inspect()
  return states.map((state, index) => {
    const path = `far/away/downloads/content/${life.torrent.info.files[index]!.displayPath}`
    const file = left.find(it => it.path === path)
    const seen = file && life.download.operations.lookAfter(moment, file.node)
    return state && seen
      ? { length: state.length, ino: seen.ino, mtimeNs: seen.mtimeNs, dev: seen.dev }
      : state
  })
}

/** Opens one crash state, and holds it against what was promised. */
async function look(life: Life, count: number, dice: Dice, folder: string): Promise<void> {
  const { content, torrent, download } = life
  const { info } = torrent
  const keeping = KEEPINGS[dice.below(KEEPINGS.length)]!
  const left = leaveCrashState(download.operations, { count, keeping, dice, folder })
  const at = download.promises.findLastIndex(promise => promise.at <= count)
  const promised = download.promises[at]!
  const choices = download.promises.slice(Math.max(0, at - 1), at + 2)
  const places = placesIn(folder)
  const what = `${info.version}, ${keeping} of what was not synced after operation ${count}, seed ${SEED}`
  const moment = dice.below(4) === 0 ? dice.below(count + 1) : count
  const { storage, log, have } = await openStored({
    torrent,
    places,
    workers: inlineWorkers(dice),
    files: new StateOnDisk(),
    wanted: choices[dice.below(choices.length)]!.isWanted,
    isFull: download.isFull,
    inspect: it => looksOf(it, left, life, moment),
  })
  const assertRight = async (piece: number): Promise<void> => {
    const bytes = shared(new Uint8Array(info.geometry.pieceLengthOf(piece)))
    await storage.read(piece, 0, [bytes]).catch((error: unknown) => {
      assert.fail(`piece ${piece} is believed, and cannot be read (${String(error)}): ${what}`)
    })
    const isRight = Buffer.compare(bytes, pieceBytes(content, torrent, piece)) === 0
    assert.ok(isRight, `piece ${piece} is believed, and wrong: ${what}`)
  }
  for (const piece of have) await assertRight(piece)
  for (const piece of promised.synced) {
    if (!choices.every(({ isWanted }) => download.isWanted(piece, isWanted))) continue
    // A log whose end was torn in the middle, with records behind, is put aside: then all is hashed.
    const { restored } = log
    const isKnown = restored === null || restored.synced.has(piece) || restored.unsure.has(piece)
    assert.ok(isKnown, `piece ${piece} was synced, and is not known: ${what}`)
    assert.ok(have.has(piece), `piece ${piece} was synced, and is not there: ${what}`)
  }
  assertSettings(places.settings, promised.settings, what)
  if (dice.below(8) > 0) return
  await storage.select(() => true)
  for (let piece = 0; piece < info.geometry.pieceCount; piece++)
    if (!have.has(piece)) await storage.write(piece, 0, [shared(pieceBytes(content, torrent, piece))])
  await storage.sync()
  for (let piece = 0; piece < info.geometry.pieceCount; piece++) await assertRight(piece)
}

/** The old content or the new. */
function assertSettings(path: string, count: number, what: string): void {
  const found = existsSync(path) ? readFileSync(path) : null
  const possible = [count, count + 1].map(number => (number === 0 ? null : settingsNumber(number)))
  const isOne = possible.some(bytes =>
    bytes && found ? Buffer.compare(bytes, found) === 0 : bytes === found,
  )
  assert.ok(isOne, `neither the old settings nor the new: ${what}`)
}

describe('the states that a power cut may leave', { timeout: 3_000_000 }, () => {
  const share = STATES / Object.keys(SHAPES).length
  for (const [name, shape] of Object.entries(SHAPES)) {
    it(`(${name}) have nothing that is believed and wrong, and all that was promised`, async t => {
      const dice = seededDice(SEED + name.length)
      using memory = new TemporaryFolder(existsSync(MEMORY) ? MEMORY : tmpdir())
      t.diagnostic(`SHOAL_CRASH_SEED=${SEED} SHOAL_CRASH_STATES=${STATES}`)
      let states = 0
      let operations = 0
      for (let at = 0; states < share; at++) {
        const folder = memory.at(`life-${at}`)
        mkdirSync(folder)
        const life = await live(shape, folder, dice)
        operations += life.download.operations.list.length
        for (let i = 0; i < STATES_A_LIFE && states < share; i++, states++) {
          const crashed = memory.at('crashed')
          mkdirSync(crashed)
          await look(life, dice.below(life.download.operations.list.length + 1), dice, crashed)
          rmSync(crashed, { recursive: true })
        }
        rmSync(folder, { recursive: true })
      }
      t.diagnostic(`${states} states of ${operations} operations`)
    })
  }
})
