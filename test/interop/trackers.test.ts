/** Their tracker for our clients, and ours for theirs. */

import assert from 'node:assert/strict'
import { startAria2Leech, startAria2Seed } from '../support/interop/aria2.ts'
import { startLibtorrentLeech, startLibtorrentSeed } from '../support/interop/libtorrent.ts'
import { placeOpentracker } from '../support/interop/opentracker.ts'
import { assertArrived, FOLDER, SINGLE } from '../support/interop/samples.ts'
import {
  makeShoalTorrent,
  scrapeWithShoal,
  startShoalLeech,
  startShoalSeed,
  startShoalSeedOf,
  startShoalTracker,
} from '../support/interop/shoal.ts'
import { tellStories } from '../support/interop/stories.ts'
import { startTransmissionLeech, startTransmissionSeed } from '../support/interop/transmission.ts'
import {
  whyNotAria2,
  whyNotLibtorrent,
  whyNotMktorrent,
  whyNotOpentracker,
  whyNotTransmission,
} from '../support/programs.ts'

tellStories('opentracker', { needs: [whyNotOpentracker()], atOnce: 2 }, story => {
  for (const format of ['v1', 'v2', 'hybrid']) {
    for (const [way, protocol] of [
      ['a torrent file', 'HTTP'],
      ['a magnet', 'HTTP'],
      ['a torrent file', 'UDP'],
      ['a magnet', 'UDP'],
    ] as const) {
      story(`leads shoal with ${way}, ${format}, to shoal, over ${protocol}`, async scene => {
        const tracker = placeOpentracker(scene)
        const url = protocol === 'UDP' ? tracker.udpUrl : tracker.announceUrl
        const offer = { sample: FOLDER, format, trackers: [url] }
        const made = await makeShoalTorrent(scene, offer)
        await tracker.start(made.torrent)
        const seed = await startShoalSeedOf(scene, { ...made, format })
        const source = way === 'a magnet' ? seed.magnet : seed.torrent
        const leech = startShoalLeech(scene, { source })
        await leech.program.succeeded()
        assertArrived(FOLDER, leech.folder)
        for (const event of ['started', 'completed', 'stopped']) {
          await leech.program.event({ type: 'alert', alert: 'tracker-answered', event })
        }
      })
    }
  }

  for (const protocol of ['HTTP', 'UDP']) {
    story(`tells shoal how many there are, over ${protocol}`, async scene => {
      const tracker = placeOpentracker(scene)
      const url = protocol === 'UDP' ? tracker.udpUrl : tracker.announceUrl
      const made = await makeShoalTorrent(scene, { sample: FOLDER, format: 'hybrid', trackers: [url] })
      await tracker.start(made.torrent)
      await startShoalSeedOf(scene, { ...made, format: 'hybrid' })
      const counts = { seeds: 1, leeches: 0, completed: 0 }
      assert.deepEqual(await scrapeWithShoal(scene, made.torrent, url), [
        { tracker: url, swarms: ['v1', 'v2'].map(version => ({ version, ...counts })), error: null },
      ])
    })
  }
})

const needs = [whyNotLibtorrent(), whyNotTransmission(), whyNotAria2(), whyNotMktorrent()]

tellStories('our tracker', { needs, atOnce: 3 }, story => {
  for (const format of ['v1', 'v2', 'hybrid']) {
    story(`leads libtorrent, ${format}, to libtorrent`, async scene => {
      const { announceUrl } = await startShoalTracker(scene)
      const seed = await startLibtorrentSeed(scene, { sample: FOLDER, format, trackers: [announceUrl] })
      await seed.program.event({ type: 'alert', alert: 'tracker_reply' })
      const leech = startLibtorrentLeech(scene, { source: { torrent: seed.torrent } })
      await leech.program.event({ type: 'done' })
      await leech.program.stop()
      assertArrived(FOLDER, leech.folder)
    })
  }

  story('leads aria2 to Transmission', async scene => {
    const { announceUrl } = await startShoalTracker(scene)
    const seed = await startTransmissionSeed(scene, { sample: FOLDER, tracker: announceUrl })
    const leech = startAria2Leech(scene, { source: seed.torrent })
    await leech.program.succeeded()
    assertArrived(FOLDER, leech.folder)
  })

  story('leads Transmission to aria2', async scene => {
    const { announceUrl } = await startShoalTracker(scene)
    const seed = await startAria2Seed(scene, { sample: SINGLE, tracker: announceUrl })
    const leech = startTransmissionLeech(scene, { source: { torrent: seed.torrent } })
    await leech.program.event({ type: 'done' })
    await leech.program.stop()
    assertArrived(SINGLE, leech.folder)
  })

  story('leads a swarm of all programs together', async scene => {
    const { announceUrl } = await startShoalTracker(scene)
    // Slow enough for the leeches to need one another.
    const flags = ['--max-up', '8MiB']
    const seed = await startShoalSeed(scene, { sample: SINGLE, format: 'v1', trackers: [announceUrl], flags })
    const shoal = startShoalLeech(scene, { source: seed.torrent, flags: ['--seed'] })
    const aria2 = startAria2Leech(scene, { source: seed.torrent })
    const libtorrent = startLibtorrentLeech(scene, { source: { torrent: seed.torrent } })
    const transmission = startTransmissionLeech(scene, { source: { torrent: seed.torrent } })
    await aria2.program.succeeded()
    for (const { program } of [shoal, libtorrent, transmission]) {
      await program.event({ type: 'done' })
      await program.stop()
    }
    for (const { folder } of [shoal, aria2, libtorrent, transmission]) assertArrived(SINGLE, folder)
  })
})
