/** Whole transfers where nobody has an IPv4 address, found by our tracker (BEP 7). */

import { startLibtorrentLeech, startLibtorrentSeed } from '../support/interop/libtorrent.ts'
import { assertArrived, FOLDER } from '../support/interop/samples.ts'
import { startShoalLeech, startShoalSeed, startShoalTracker } from '../support/interop/shoal.ts'
import { tellStories } from '../support/interop/stories.ts'
import { whyNotLibtorrent } from '../support/programs.ts'

tellStories('IPv6', { needs: [whyNotLibtorrent()], atOnce: 2 }, story => {
  for (const format of ['v1', 'v2'] as const) {
    story(`libtorrent seeds to shoal, ${format}`, async scene => {
      scene.isIPv6 = true
      const { announceUrl } = await startShoalTracker(scene)
      const seed = await startLibtorrentSeed(scene, { sample: FOLDER, format, trackers: [announceUrl] })
      await seed.program.event({ type: 'alert', alert: 'tracker_reply' })
      const leech = startShoalLeech(scene, { source: seed.torrent })
      await leech.program.succeeded()
      assertArrived(FOLDER, leech.folder)
    })

    story(`libtorrent leeches from shoal, ${format}`, async scene => {
      scene.isIPv6 = true
      const { announceUrl } = await startShoalTracker(scene)
      const seed = await startShoalSeed(scene, { sample: FOLDER, format, trackers: [announceUrl] })
      const leech = startLibtorrentLeech(scene, { source: { torrent: seed.torrent } })
      await leech.program.event({ type: 'done' })
      await leech.program.stop()
      assertArrived(FOLDER, leech.folder)
    })
  }
})
