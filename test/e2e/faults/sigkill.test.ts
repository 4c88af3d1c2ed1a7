/**
 * `shoal get`, killed with SIGKILL at random moments: what it believes afterwards is right, it hashes little and fetches
 * little twice, and in the end all is there. `SHOAL_KILLS=1000` kills more often, `SHOAL_KILL_SEED=7` at the same moments
 * again (as far as a machine does the same thing twice).
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import type { TorrentFormat } from '../../../src/metainfo/plan-torrent.ts'
import { seededDice } from '../../support/seeded-dice.ts'
import { TemporaryFolder } from '../storage/temporary-folder.ts'
import { KilledDownload } from './killed-download.ts'

const KILLS = Number(process.env['SHOAL_KILLS'] ?? 50)
const SEED = Number(process.env['SHOAL_KILL_SEED'] ?? Date.now() % 1_000_000)

/** What may be fetched twice after a kill, and what the seed handed to its system and never arrived. */
const TWICE = (16 + 8) * 1024 * 1024
/** Bytes a second: a download of 145 MB takes long enough to be killed several times. */
const RATE = 40_000_000

for (const format of ['v1', 'hybrid'] satisfies TorrentFormat[]) {
  test(`${KILLS / 2} kills of a download of a ${format} torrent (SHOAL_KILL_SEED=${SEED})`, async t => {
    using folder = new TemporaryFolder()
    const dice = seededDice(SEED + format.length)
    const download = new KilledDownload({ folder, format, dice })
    const workers = new DiskWorkers()
    let goodBefore = 0
    let kills = 0
    let ends = 0
    let mostHashed = 0
    let mostTwice = 0
    try {
      await download.startSeed(RATE)
      while (kills < KILLS / 2 || ends === 0) {
        const isLast = kills >= KILLS / 2
        const { sent } = download
        const hasEnded = await download.run(isLast ? 120_000 : download.moment(50, 2500))
        const { good, hashed, synced } = await download.inspect(workers)
        const { pieceLength, pieceCount } = download.torrent.info.geometry
        const twice = download.sent - sent - (good - goodBefore) * pieceLength
        goodBefore = good
        mostHashed = Math.max(mostHashed, hashed)
        mostTwice = Math.max(mostTwice, twice)
        assert.ok(
          hashed + synced <= pieceCount,
          `${hashed} hashed, though ${synced} were known to be on the disk`,
        )
        assert.ok(twice <= TWICE, `${twice} bytes came for nothing before a kill`)
        if (!hasEnded) kills++
        else {
          ends++
          assert.equal(good, pieceCount)
          download.compareAll()
          download.startOver()
          goodBefore = 0
        }
      }
      t.diagnostic(
        `${kills} kills, ${ends} ends; at most ${mostHashed} pieces hashed, ${mostTwice} bytes fetched twice after one`,
      )
    } finally {
      await download.close()
      await workers.close()
    }
  })
}
