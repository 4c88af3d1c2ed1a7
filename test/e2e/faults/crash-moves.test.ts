/**
 * A torrent is moved, renamed and moved back, all that this does to the disk is recorded, and the states that a kill or a
 * power cut may leave of it are made (see crash-states.test.ts): it is whole where the state says that it lies, what is not
 * ours is as it was, and the next move goes on. `SHOAL_MOVE_STATES=20000` makes more of them, `SHOAL_CRASH_SEED=7` others.
 */

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Dice } from '../../../src/core/ports.ts'
import { StorageError } from '../../../src/core/errors.ts'
import { parseTorrentFile } from '../../../src/metainfo/torrent-file.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { storedTorrent } from '../../../src/storage/stored-torrent.ts'
import { WorkerStateFiles } from '../../../src/storage/worker-state-files.ts'
import { KEEPINGS, leaveCrashState } from '../../support/crash-state.ts'
import { FileOperations } from '../../support/file-operations.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { inlineWorkers } from '../../support/inline-workers.ts'
import { RefusedLinks } from '../../support/refused-links.ts'
import { seededDice } from '../../support/seeded-dice.ts'
import { TemporaryFolder } from '../storage/temporary-folder.ts'
import { newContent } from './fault-scene.ts'
import { shared } from './recorded-download.ts'

const STATES = Number(process.env['SHOAL_MOVE_STATES'] ?? 600)
const SEED = Number(process.env['SHOAL_CRASH_SEED'] ?? 4242)
const STATES_A_LIFE = 60
const MEMORY = '/dev/shm'
const CONTENT = newContent({
  files: { a: 40_000, 'sub/b': 30_000, 'sub/deep/c': 20_000, empty: 0, d: 50_001 },
  pieceLength: 16_384,
})
const { info } = parseTorrentFile(CONTENT.torrentFile, testDigest)
const MINE = new TextEncoder().encode('of somebody else')
/** Its bytes that share a piece with others lie in the part file. */
const UNWANTED = info.files.findIndex(({ displayPath }) => displayPath === 'sub/b')

/** Below the folder of a life. */
interface Where {
  readonly folder: 'one' | 'two'
  readonly names: Readonly<Record<string, string>>
}

const WAYS: Readonly<Record<string, (from: string, to: string) => string | null>> = {
  'on one disk': () => null,
  'to another disk': (from, to) => (from.includes('/one/') === to.includes('/one/') ? null : 'EXDEV'),
}

const ALL = Buffer.concat(
  info.files.map(({ displayPath }) => CONTENT.files.get(`content/${displayPath}`) ?? new Uint8Array(0)),
)
const PIECES = Array.from({ length: info.geometry.pieceCount }, (_, piece) => piece).filter(piece =>
  info.geometry.filesOf(piece).some(file => file !== UNWANTED),
)

function bytesOf(piece: number): Uint8Array {
  const start = piece * info.geometry.pieceLength
  return ALL.subarray(start, start + info.geometry.pieceLengthOf(piece))
}

function openAt(root: string, { folder, names }: Where, dice: Dice): Promise<FileStorage> {
  return FileStorage.open({
    torrent: storedTorrent(info),
    root: join(root, folder),
    names: namesOf(names),
    isWanted: file => file !== UNWANTED,
    workers: inlineWorkers(dice),
  })
}

function namesOf(names: Where['names']): ReadonlyMap<number, string> {
  return new Map(Object.entries(names).map(([file, name]) => [Number(file), name]))
}

async function live(root: string, operations: FileOperations, dice: Dice): Promise<number> {
  const files = await WorkerStateFiles.open(inlineWorkers(dice), join(root, 'state/place'))
  const remember = (where: Where): Promise<void> =>
    files.replace(join(root, 'state/place'), new TextEncoder().encode(JSON.stringify(where)))
  for (const folder of ['one', 'two']) await files.replace(join(root, folder, 'content/mine'), MINE)
  let where: Where = { folder: 'one', names: {} }
  const storage = await openAt(root, where, dice)
  await storage.prepare()
  for (const piece of PIECES) await storage.write(piece, 0, [shared(bytesOf(piece))])
  await storage.sync()
  await remember(where)
  const start = operations.list.length
  for (let move = 0; move < 3; move++) {
    const names: Where['names'] =
      dice.below(2) === 0 ? where.names : { 0: `content/a.${dice.below(3)}`, 2: `elsewhere/${move}/empty` }
    const folder = dice.below(3) === 0 ? where.folder : where.folder === 'one' ? 'two' : 'one'
    where = { folder, names }
    await storage.relocate(
      { folder: join(root, folder), names: namesOf(names) },
      { commit: () => remember(where) },
    )
  }
  await storage.close()
  return start
}

async function assertWhole(storage: FileStorage, what: string): Promise<void> {
  for (const piece of PIECES) {
    const bytes = shared(new Uint8Array(info.geometry.pieceLengthOf(piece)))
    await storage.read(piece, 0, [bytes]).catch((error: unknown) => {
      assert.fail(`piece ${piece} cannot be read (${String(error)}): ${what}`)
    })
    assert.ok(Buffer.compare(bytes, bytesOf(piece)) === 0, `piece ${piece} is wrong: ${what}`)
  }
}

function assertNotTouched(root: string, what: string): void {
  for (const folder of ['one', 'two']) {
    const path = join(root, folder, 'content/mine')
    assert.ok(
      existsSync(path) && Buffer.compare(readFileSync(path), MINE) === 0,
      `${path} was touched: ${what}`,
    )
  }
}

async function look(options: { root: string; isKill: boolean; dice: Dice; what: string }): Promise<void> {
  const { root, isKill, dice, what } = options
  const where = JSON.parse(readFileSync(join(root, 'state/place'), 'utf8')) as Where
  const storage = await openAt(root, where, dice)
  await storage.prepare()
  await assertWhole(storage, what)
  assertNotTouched(root, what)
  const other = where.folder === 'one' ? 'two' : 'one'
  const place = { folder: join(root, other), names: namesOf(where.names) }
  const moved = await storage.relocate(place, { commit: async () => undefined }).then(
    () => true,
    (error: unknown) => {
      // A power cut may take the hidden names at the old place.
      assert.ok(
        !isKill && error instanceof StorageError && error.code === 'file-exists',
        `${String(error)}: ${what}`,
      )
      return false
    },
  )
  await assertWhole(storage, what)
  assertNotTouched(root, what)
  await storage.close()
  if (!moved) return
  const hidden = readdirSync(place.folder).filter(name => name.endsWith('.shoal-moving'))
  assert.deepEqual(hidden, [], what)
}

describe('the states that a crash may leave of a move', { timeout: 3_000_000 }, () => {
  for (const [way, refuses] of Object.entries(WAYS)) {
    it(`${way} have all of it at one place, and let it move on`, async t => {
      t.diagnostic(`SHOAL_CRASH_SEED=${SEED} SHOAL_MOVE_STATES=${STATES}`)
      const dice = seededDice(SEED + way.length)
      using _ = new RefusedLinks(refuses)
      using memory = new TemporaryFolder(existsSync(MEMORY) ? MEMORY : tmpdir())
      let states = 0
      while (states < STATES / 2) {
        const folder = memory.at('life')
        mkdirSync(folder)
        const operations = new FileOperations(folder)
        let start: number
        try {
          start = await live(folder, operations, dice)
        } finally {
          operations[Symbol.dispose]()
        }
        for (let i = 0; i < STATES_A_LIFE && states < STATES / 2; i++, states++) {
          const crashed = memory.at('crashed')
          mkdirSync(crashed)
          const count = start + dice.below(operations.list.length - start + 1)
          const keeping = KEEPINGS[dice.below(KEEPINGS.length)]!
          leaveCrashState(operations, { count, keeping, dice, folder: crashed })
          const what = `${way}, ${keeping} of what was not synced after operation ${count}, seed ${SEED}`
          await look({ root: crashed, isKill: keeping === 'everything', dice, what })
          rmSync(crashed, { recursive: true })
        }
        rmSync(folder, { recursive: true })
      }
      t.diagnostic(`${states} states`)
    })
  }
})
