/**
 * The power goes while a disk is downloaded to that holds the state as well: the raw blocks of the disk at that moment
 * are taken, mounted elsewhere (the file system replays its journal), and shoal is started on what is there.
 * `SHOAL_POWER_CUTS=100` cuts each kind of disk more often, `SHOAL_POWER_SEED=7` at the same moments again (as far as a
 * machine does the same thing twice). What was not given to the disk is lost; what was given to it is there in full, so a disk that loses what
 * it took and was never told to sync is not shown here: see crash-states.test.ts.
 */

import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { PIECE_VERIFIED } from '../../../src/client/torrent-status.ts'
import type { Bitfield } from '../../../src/core/bitfield.ts'
import { torrentIdOf } from '../../../src/core/ids.ts'
import { parseTorrentFile } from '../../../src/metainfo/torrent-file.ts'
import { ResumeLog } from '../../../src/storage/resume-log.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { seededDice } from '../../support/seeded-dice.ts'
import { type FileSystem, obstacleTo, SmallDisk } from '../../support/small-disk.ts'
import { TemporaryFolder } from '../storage/temporary-folder.ts'
import { ActedDownload } from './acted-download.ts'
import { assertContent, newContent, openSeed, Watched } from './fault-scene.ts'
import { StateOnDisk } from './state-on-disk.ts'

/** On each kind of disk. */
const CUTS = Number(process.env['SHOAL_POWER_CUTS'] ?? 4)
const SEED = Number(process.env['SHOAL_POWER_SEED'] ?? Date.now() % 1_000_000)
const MIB = 1 << 20
/** Files that share pieces, an empty one, and one that is small. */
const CONTENT = newContent({ files: { a: 19 * MIB + 1, 'sub/b': 11 * MIB + 7, empty: 0, 'sub/c': 1000 } })
const { info } = parseTorrentFile(CONTENT.torrentFile, testDigest)
/** Of which a download takes some commits: one every 5 s. */
const RATE = 2.5 * MIB
/** In one download. */
const CUTS_A_RUN = 5

interface DiskKind {
  readonly fileSystem: FileSystem
  readonly mebibytes: number
  readonly mountOptions: string
}

const KINDS: Readonly<Record<string, DiskKind>> = {
  'ext4 as it is by default': { fileSystem: 'ext4', mebibytes: 64, mountOptions: 'data=ordered' },
  'ext4 that writes data when it likes': {
    fileSystem: 'ext4',
    mebibytes: 64,
    mountOptions: 'data=writeback',
  },
  xfs: { fileSystem: 'xfs', mebibytes: 96, mountOptions: 'defaults' },
  btrfs: { fileSystem: 'btrfs', mebibytes: 128, mountOptions: 'defaults' },
}

/** All blocks as they were at one moment: the same before and after it. */
async function snapshot(disk: SmallDisk, image: string): Promise<void> {
  disk.copyTo(image)
  for (let attempt = 0; attempt < 200; attempt++) {
    const again = `${image}.again`
    disk.copyTo(again)
    const isSame = Buffer.compare(readFileSync(image), readFileSync(again)) === 0
    copyFileSync(again, image)
    rmSync(again)
    if (isSame) return
    await pause(10)
  }
  throw new Error('the disk never came to rest')
}

interface Found {
  /** There is a resume log. */
  readonly hasState: boolean
  readonly synced: Bitfield | null
  readonly verified: number
  readonly twice: number
}

/** Mounts what the cut left and starts shoal on it. */
async function startOn(name: string, folder: TemporaryFolder, kind: DiskKind): Promise<Found> {
  const image = folder.at(`${name}.img`)
  const { fileSystem, mountOptions } = kind
  using disk = new SmallDisk({ folder: folder.path, name, image, fileSystem, mountOptions })
  // Its holder still lives here, as it would not after a cut.
  rmSync(join(disk.path, 'state', 'lock'), { force: true })
  const log = await ResumeLog.open({
    files: new StateOnDisk(),
    path: join(disk.path, 'state', 'torrents', torrentIdOf(info.hashes), 'resume.log'),
    info,
    inspect: async () => info.files.map(() => null),
  })
  const downloads = join(disk.path, 'downloads')
  await using seed = await openSeed([CONTENT], folder.at(`${name}-seed`), Number.POSITIVE_INFINITY)
  await using session = await Watched.open({ stateFolder: join(disk.path, 'state') })
  const torrent = await session.add(CONTENT, downloads, [])
  await torrent.checked()
  const { verifiedPieces: verified, verifiedLength } = torrent.status()
  assertPieces(torrent.pieceMap(), downloads)
  await torrent.remove()
  const whole = await session.add(CONTENT, downloads, [seed])
  await whole.completed()
  assertContent(CONTENT, downloads)
  const twice = whole.status().downloaded - (CONTENT.length - verifiedLength)
  return { hasState: log.restored !== null, synced: log.restored?.synced ?? null, verified, twice }
}

/** Whatever is believed is right, byte by byte. */
function assertPieces(map: Uint8Array, folder: string): void {
  const { geometry, files } = info
  for (const [piece, state] of map.entries()) {
    if (state !== PIECE_VERIFIED) continue
    for (const { file, offset, length } of geometry.spans(piece, 0, geometry.pieceLengthOf(piece))) {
      const path = `content/${files[file]!.displayPath}`
      const right = CONTENT.files.get(path)!.subarray(offset, offset + length)
      const there = readFileSync(join(folder, path)).subarray(offset, offset + length)
      assert.equal(Buffer.compare(there, right), 0, `piece ${piece} is believed, and wrong in ${path}`)
    }
  }
}

async function cutPower(t: TestContext, kind: DiskKind): Promise<void> {
  const { mebibytes, fileSystem, mountOptions } = kind
  using folder = new TemporaryFolder()
  const dice = seededDice(SEED + fileSystem.length + mountOptions.length)
  await using seed = await openSeed([CONTENT], folder.at('seed'), RATE)
  writeFileSync(folder.at('it.torrent'), CONTENT.torrentFile)
  const seen: string[] = []
  for (let cut = 0; cut < CUTS; ) {
    const name = `disk-${cut}`
    using disk = new SmallDisk({ folder: folder.path, name, mebibytes, fileSystem, mountOptions })
    using download = new ActedDownload({
      torrentFile: folder.at('it.torrent'),
      folder: join(disk.path, 'downloads'),
      stateFolder: join(disk.path, 'state'),
      peer: seed.listening[0],
    })
    let before: Bitfield | null = null
    for (let i = 0; i < CUTS_A_RUN && cut < CUTS; i++, cut++) {
      await pause(300 + dice.below(3200))
      download.stop()
      await snapshot(disk, folder.at(`cut-${cut}.img`))
      const written = download.count('verified')
      download.goOn()
      const found = await startOn(`cut-${cut}`, folder, kind)
      assert.ok(found.hasState || written === 0, 'the state is gone, which was there before the first piece')
      assert.ok(
        !before || (found.synced && before.isSubsetOf(found.synced)),
        'what was on the disk is forgotten',
      )
      before = found.synced
      const synced = found.synced?.count ?? 0
      seen.push(`${written}/${synced}/${found.verified}`)
      assert.ok(found.verified >= synced, `${found.verified} pieces of ${synced} that were synced`)
      assert.equal(found.twice, 0, 'it fetched what it had')
    }
  }
  t.diagnostic(`${fileSystem}, ${mountOptions}, seed ${SEED}: pieces verified/synced/there ${seen.join(' ')}`)
}

describe('a power cut', { timeout: 3_000_000 }, () => {
  for (const [name, kind] of Object.entries(KINDS)) {
    const skip = obstacleTo(kind.fileSystem, kind.mebibytes)
    it(`leaves nothing that is believed and wrong, on ${name}`, { skip }, t => cutPower(t, kind))
  }
})
