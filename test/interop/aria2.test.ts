/** Whole transfers with aria2 (v1; 1.36 takes hybrids for torrents of another hash), both ways. */

import { startAria2Leech, startAria2Seed } from '../support/interop/aria2.ts'
import { placeOpentracker } from '../support/interop/opentracker.ts'
import { assertArrived, FOLDER, SAMPLES } from '../support/interop/samples.ts'
import {
  makeShoalTorrent,
  startShoalLeech,
  startShoalSeed,
  startShoalSeedOf,
  startShoalTracker,
} from '../support/interop/shoal.ts'
import { tellStories } from '../support/interop/stories.ts'
import { whyNotAria2, whyNotMktorrent, whyNotOpentracker } from '../support/programs.ts'

const needs = [whyNotAria2(), whyNotMktorrent(), whyNotOpentracker()]

tellStories('aria2', { needs, atOnce: 2 }, story => {
  for (const [shape, sample] of SAMPLES) {
    story(`seeds a ${shape}, v1, to shoal`, async scene => {
      const { announceUrl } = await startShoalTracker(scene)
      const seed = await startAria2Seed(scene, { sample, tracker: announceUrl })
      const leech = startShoalLeech(scene, { source: seed.torrent })
      await leech.program.succeeded()
      assertArrived(sample, leech.folder)
    })

    story(`leeches a ${shape}, v1, from shoal`, async scene => {
      const { announceUrl } = await startShoalTracker(scene)
      const seed = await startShoalSeed(scene, { sample, format: 'v1', trackers: [announceUrl] })
      const leech = startAria2Leech(scene, { source: seed.torrent })
      await leech.program.succeeded()
      assertArrived(sample, leech.folder)
    })
  }

  // With only a magnet aria2 tells trackers that nothing is left, and needs seeds all the same.
  story('leeches a folder, v1, by the magnet of shoal, through our tracker', async scene => {
    const { announceUrl } = await startShoalTracker(scene)
    const seed = await startShoalSeed(scene, { sample: FOLDER, format: 'v1', trackers: [announceUrl] })
    const leech = startAria2Leech(scene, { source: seed.magnet })
    await leech.program.succeeded()
    assertArrived(FOLDER, leech.folder)
  })

  story('leeches a folder, v1, by the magnet of shoal, through opentracker', async scene => {
    const tracker = placeOpentracker(scene)
    const offer = { sample: FOLDER, format: 'v1', trackers: [tracker.announceUrl] }
    const made = await makeShoalTorrent(scene, offer)
    await tracker.start(made.torrent)
    const seed = await startShoalSeedOf(scene, { ...made, format: 'v1' })
    const leech = startAria2Leech(scene, { source: seed.magnet })
    await leech.program.succeeded()
    assertArrived(FOLDER, leech.folder)
  })
})
