/** Whole transfers with aria2 (v1, and hybrids by their v1 hash), both ways, through our tracker. */

import { after, before, describe, test } from 'node:test'
import { startAria2Leech, startAria2Seed } from '../support/interop/aria2.ts'
import { assertArrived, FOLDER, SAMPLES, SINGLE } from '../support/interop/samples.ts'
import { play, type Scene } from '../support/interop/scene.ts'
import { startShoalLeech, startShoalSeed, startShoalTracker } from '../support/interop/shoal.ts'
import { SwarmNet, whyNotSwarmNet } from '../support/interop/swarm-net.ts'
import { whyNotAria2 } from '../support/programs.ts'

describe('aria2', { skip: whyNotSwarmNet() ?? whyNotAria2() ?? false }, () => {
  let net: SwarmNet
  before(() => {
    net = new SwarmNet()
  })
  after(() => net[Symbol.dispose]())
  const story = (name: string, tell: (scene: Scene) => Promise<void>) => {
    test(name, () => play(net, tell))
  }

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

  story('leeches a single file, hybrid, from shoal', async scene => {
    const { announceUrl } = await startShoalTracker(scene)
    const seed = await startShoalSeed(scene, { sample: SINGLE, format: 'hybrid', trackers: [announceUrl] })
    const leech = startAria2Leech(scene, { source: seed.torrent })
    await leech.program.succeeded()
    assertArrived(SINGLE, leech.folder)
  })

  story('leeches a folder, v1, by the magnet of shoal', async scene => {
    const { announceUrl } = await startShoalTracker(scene)
    const seed = await startShoalSeed(scene, { sample: FOLDER, format: 'v1', trackers: [announceUrl] })
    const leech = startAria2Leech(scene, { source: seed.magnet })
    await leech.program.succeeded()
    assertArrived(FOLDER, leech.folder)
  })
})
