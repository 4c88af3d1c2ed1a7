/** A libtorrent seed whose file was changed after it had checked it, beside a good seed. */

import assert from 'node:assert/strict'
import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { startLibtorrentSeedOf } from '../support/interop/libtorrent.ts'
import { assertArrived, SINGLE } from '../support/interop/samples.ts'
import { startShoalLeech, startShoalSeed } from '../support/interop/shoal.ts'
import { tellStories } from '../support/interop/stories.ts'
import { whyNotLibtorrent } from '../support/programs.ts'

const BLOCK = 16_384

tellStories('corrupt data', { needs: [whyNotLibtorrent()], atOnce: 2 }, story => {
  for (const format of ['v1', 'v2', 'hybrid'] as const) {
    story(`of a libtorrent seed, ${format}: shoal bans it and ends with what is right`, async scene => {
      // Slow enough for the other one to be asked.
      const flags = ['--max-up', '4MiB']
      const good = await startShoalSeed(scene, { sample: SINGLE, format, flags })
      const bad = await startLibtorrentSeedOf(scene, { sample: SINGLE, torrent: good.torrent })
      spoil(bad.content)
      const leech = startShoalLeech(scene, { source: good.torrent, peers: [good.at, bad.at] })
      const banned = await leech.program.event({ type: 'alert', alert: 'peer-banned' })
      assert.ok(JSON.stringify(banned).includes(bad.at.host), 'the liar is banned, not the other one')
      await leech.program.succeeded()
      assertArrived(SINGLE, leech.folder)
    })
  }
})

/** Changes some bytes of every second block, in place. */
function spoil(file: string): void {
  const { size } = statSync(file)
  const open = openSync(file, 'r+')
  for (let at = 0; at < size; at += 2 * BLOCK) writeSync(open, 'spoilt', at)
  closeSync(open)
}
