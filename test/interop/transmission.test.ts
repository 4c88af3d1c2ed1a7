/** Whole transfers with Transmission (v1; 3.00 reads no hybrids, whoever made them), both ways, through our tracker. */

import { assertArrived, FOLDER, SINGLE, withoutEmptyFiles } from '../support/interop/samples.ts'
import { startShoalLeech, startShoalSeed, startShoalTracker } from '../support/interop/shoal.ts'
import { tellStories } from '../support/interop/stories.ts'
import { startTransmissionLeech, startTransmissionSeed } from '../support/interop/transmission.ts'
import { whyNotMktorrent, whyNotTransmission } from '../support/programs.ts'

const needs = [whyNotTransmission(), whyNotMktorrent()]

/** Transmission looks every ten seconds whom to serve and whom to ask: its stories are of waiting. */
tellStories('Transmission', { needs, atOnce: 3 }, story => {
  for (const [what, sample, isOwnMaking] of [
    ['single file of its own making', SINGLE, true],
    ['folder of its own making', withoutEmptyFiles(FOLDER), true],
    ['folder of mktorrent', FOLDER, false],
  ] as const) {
    story(`seeds a ${what}, v1, to shoal`, async scene => {
      const { announceUrl } = await startShoalTracker(scene)
      const seed = await startTransmissionSeed(scene, { sample, tracker: announceUrl, isOwnMaking })
      const leech = startShoalLeech(scene, { source: seed.torrent })
      await leech.program.succeeded()
      assertArrived(sample, leech.folder)
    })
  }

  for (const [what, sample, way] of [
    ['single file', SINGLE, 'torrent'],
    ['folder', FOLDER, 'torrent'],
    ['folder by its magnet', FOLDER, 'magnet'],
  ] as const) {
    story(`leeches a ${what}, v1, from shoal`, async scene => {
      const { announceUrl } = await startShoalTracker(scene)
      const seed = await startShoalSeed(scene, { sample, format: 'v1', trackers: [announceUrl] })
      const source = way === 'torrent' ? { torrent: seed.torrent } : { magnet: seed.magnet }
      const leech = startTransmissionLeech(scene, { source })
      await leech.program.event({ type: 'done' })
      await leech.program.stop()
      // It makes no file that no byte comes for.
      assertArrived(withoutEmptyFiles(sample), leech.folder)
    })
  }
})
