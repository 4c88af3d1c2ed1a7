/** A disk that answers nobody for a while, as one that spins up or whose server is away; see docs/FAULTS.md. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { noSmallDisk, SmallDisk } from '../../support/small-disk.ts'
import { until } from '../../support/until.ts'
import { TemporaryFolder } from '../storage/temporary-folder.ts'
import { assertContent, newContent, openSeed, Watched } from './fault-scene.ts'

const MIB = 1 << 20
const RATE = 4 * MIB
const HANGS_SECONDS = 10

describe('a disk that hangs', { skip: noSmallDisk, timeout: 120_000 }, () => {
  it('holds up its torrents alone, which go on as if nothing had been', async t => {
    using folder = new TemporaryFolder()
    using disk = new SmallDisk({ folder: folder.path, mebibytes: 64 })
    const held = newContent({ name: 'held', files: { a: 40 * MIB } })
    const free = newContent({ name: 'free', files: { b: 76 * MIB } })
    // A seed for each: what one torrent does not fetch is not given to the other.
    await using heldSeed = await openSeed([held], folder.at('held'), RATE)
    await using freeSeed = await openSeed([free], folder.at('free'), RATE)
    await using leech = await Watched.open({ stateFolder: folder.at('state') })
    const waiting = await leech.add(held, disk.path, [heldSeed])
    const going = await leech.add(free, folder.at('leech'), [freeSeed])
    const perSecond = async (seconds: number): Promise<number> => {
      const [from, at] = [going.status().verifiedLength, performance.now()]
      await pause(1000 * seconds)
      return (1000 * (going.status().verifiedLength - from)) / (performance.now() - at)
    }
    await until(() => going.status().verifiedLength > 4 * MIB && waiting.status().verifiedLength > 4 * MIB)
    const before = await perSecond(5)
    disk.hang(HANGS_SECONDS)
    await pause(500)
    const { verifiedLength } = waiting.status()
    const during = await perSecond(HANGS_SECONDS - 2)
    assert.ok(waiting.status().verifiedLength - verifiedLength < 2 * MIB, 'the disk did not hang')
    t.diagnostic(`the other torrent: ${mib(before)} MiB/s before, ${mib(during)} MiB/s meanwhile`)
    assert.ok(during >= 0.9 * before, `the other torrent fell from ${mib(before)} to ${mib(during)} MiB/s`)
    await Promise.all([waiting.completed(), going.completed()])
    for (const torrent of [waiting, going]) assert.equal(torrent.status().wasted, 0)
    assert.equal(leech.count('torrent-error'), 0)
    assertContent(held, disk.path)
    assertContent(free, folder.at('leech'))
  })
})

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(2)
}
