/** Torrents are moved and renamed on real disks, and by programs that are killed at it. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleepUntilKill } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openSession } from '../../../src/client/node.ts'
import { buildTorrent } from '../../../src/metainfo/build.ts'
import type { Info } from '../../../src/metainfo/info.ts'
import { planTorrent } from '../../../src/metainfo/plan-torrent.ts'
import { parseTorrentFile } from '../../../src/metainfo/torrent-file.ts'
import { nodeDigest } from '../../../src/net/node-digest.ts'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { hashFiles } from '../../../src/storage/hash-files.ts'
import { StateFolder } from '../../../src/storage/state-folder.ts'
import { storedTorrent } from '../../../src/storage/stored-torrent.ts'
import { seededDice } from '../../support/seeded-dice.ts'
import { until } from '../../support/until.ts'
import { TemporaryFolder } from '../storage/temporary-folder.ts'

const ACTOR = fileURLToPath(new URL('moving-actor.ts', import.meta.url))
const LISTEN = [{ address: '127.0.0.1', port: 0 }]
const PIECE = 65_536
const FILES = { one: 3_000_001, two: 5_000_017, three: 77 }
const OTHER_DISK = '/dev/shm'
const KILLS = Number(process.env['SHOAL_MOVE_KILLS'] ?? 12)
const SEED = Number(process.env['SHOAL_MOVE_SEED'] ?? 7)

function contentOf(name: string, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE((at * 2654435761 + name.length) >>> 0, at)
  return bytes
}

/** Makes the torrent's files below `folder/album`, and returns its torrent file. */
async function makeTorrent(folder: string): Promise<Uint8Array> {
  mkdirSync(join(folder, 'album'), { recursive: true })
  const files = Object.entries(FILES).map(([name, length]) => {
    writeFileSync(join(folder, 'album', name), contentOf(name, length))
    return { path: [name], length }
  })
  const plan = planTorrent({
    name: 'album',
    isSingleFile: false,
    pieceLength: PIECE,
    format: 'hybrid',
    files,
  })
  return buildTorrent(plan, await hashFiles(plan, join(folder, 'album')))
}

function assertFiles(folder: string, names: Readonly<Record<string, string>> = {}): void {
  for (const [name, length] of Object.entries(FILES))
    assert.ok(
      readFileSync(join(folder, names[name] ?? `album/${name}`)).equals(contentOf(name, length)),
      name,
    )
}

/** Everything is remembered to be on the disk, in files that look as they do: nothing has to be hashed. */
async function assertBelieved(found: {
  stateFolder: string
  torrentFile: Uint8Array
  root: string
  names: Readonly<Record<string, string>>
}): Promise<void> {
  const { info } = parseTorrentFile(found.torrentFile, nodeDigest)
  const names = new Map(Object.entries(found.names).map(([name, path]) => [fileOf(info, name), path]))
  const workers = new DiskWorkers()
  const storage = await FileStorage.open({ torrent: storedTorrent(info), root: found.root, names, workers })
  const state = await StateFolder.open({ path: found.stateFolder, workers })
  const { restored } = await state.openLog(info, () => storage.inspect())
  for (let piece = 0; piece < info.geometry.pieceCount; piece++)
    assert.ok(restored?.synced.has(piece), `${piece}`)
  for (const [index, look] of (await storage.inspect()).entries())
    if (look)
      assert.ok(restored?.isUnchanged(info.files[index]!.displayPath, look), info.files[index]!.displayPath)
  await state.close()
  await workers.close()
}

function fileOf(info: Info, name: string): number {
  return info.files.findIndex(file => file.displayPath === name)
}

/** On another disk where there is one. */
function otherFolder(folder: TemporaryFolder): TemporaryFolder {
  const isOther = existsSync(OTHER_DISK) && statSync(OTHER_DISK).dev !== statSync(folder.path).dev
  return isOther ? new TemporaryFolder(OTHER_DISK) : new TemporaryFolder()
}

describe('a torrent that is moved', { timeout: 240_000 }, () => {
  it('goes on where it lies then, and is known there in the next session', async () => {
    using folder = new TemporaryFolder()
    using other = otherFolder(folder)
    const torrentFile = await makeTorrent(folder.at('seed'))
    const options = { folder: folder.at('leech'), announces: false }
    const stateFolder = folder.at('state')
    {
      await using seed = await openSession({ listen: LISTEN, uploadLimit: 8_000_000 })
      await using leech = await openSession({ listen: LISTEN, stateFolder })
      await (await seed.add({ torrentFile }, { folder: folder.at('seed'), isKnownGood: true })).checked()
      const torrent = await leech.add({ torrentFile }, { ...options, peers: seed.listening })
      await until(() => torrent.status().verifiedPieces > 20)
      await torrent.move(other.at('new'))
      await torrent.file('one').rename('album/first')
      await torrent.completed()
      assertFiles(other.at('new'), { one: 'album/first' })
      assert.equal(torrent.status().wasted, 0)
      await torrent.move(folder.at('back'))
      assertFiles(folder.at('back'), { one: 'album/first' })
      assert.deepEqual(readdirSync(other.at('new')), [])
      const again = await torrent.recheck()
      assert.deepEqual([again.lost, again.good], [0, again.pieces])
    }
    await assertBelieved({ stateFolder, torrentFile, root: folder.at('back'), names: { one: 'album/first' } })
    await using next = await openSession({ listen: [], stateFolder })
    const torrent = await next.add({ torrentFile }, options)
    await torrent.checked()
    assert.deepEqual([torrent.folder, torrent.status().state], [folder.at('back'), 'seeding'])
    assert.equal((await torrent.file('one').status()).savedAs, 'album/first')
  })

  it('is whole in one of two places whenever its program is killed', async t => {
    using folder = new TemporaryFolder()
    using other = otherFolder(folder)
    const dice = seededDice(SEED)
    t.diagnostic(`${KILLS} kills, seed ${SEED}; SHOAL_MOVE_KILLS, SHOAL_MOVE_SEED`)
    const torrentFile = await makeTorrent(folder.at('one'))
    writeFileSync(folder.at('album.torrent'), torrentFile)
    const stateFolder = folder.at('state')
    const options = { folder: folder.at('one'), announces: false }
    const seen = new Set<string>()
    for (let kill = 0; kill < KILLS; kill++) {
      // To another disk, which copies, or on the same, which does not.
      const places =
        kill % 2 === 0 ? [folder.at('one'), other.at('two')] : [folder.at('one'), folder.at('two')]
      const args = [stateFolder, folder.at('album.torrent'), options.folder, ...places]
      const child = spawn(process.execPath, ['-C', 'shoal-source', ACTOR, ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await once(child.stdout, 'data')
      await sleepUntilKill(dice.below(60))
      assert.ok(child.exitCode === null, 'it moves on until it is killed')
      child.kill('SIGKILL')
      await once(child, 'close')

      await using session = await openSession({ listen: [], stateFolder })
      const torrent = await session.add({ torrentFile }, options)
      await torrent.checked()
      assert.equal(torrent.status().state, 'seeding', `nothing is lost, after kill ${kill}`)
      const names = Object.fromEntries((await torrent.files()).map(({ path, savedAs }) => [path, savedAs]))
      assertFiles(torrent.folder, names)
      seen.add(`${torrent.folder} ${names['two']}`)
      // What the kill left there is no obstacle.
      await torrent.move(torrent.folder === places[0] ? places[1]! : places[0]!)
      assertFiles(torrent.folder, names)
      // What it left under other names.
      const kept = new Set(Object.values(names))
      for (const place of [...places, other.at('two'), folder.at('two')]) {
        if (place !== torrent.folder) rmSync(place, { recursive: true, force: true })
        else
          for (const name of readdirSync(join(place, 'album')))
            if (!kept.has(`album/${name}`)) rmSync(join(place, 'album', name))
      }
    }
    assert.ok(seen.size > 1, 'it was killed at different places')
  })
})
