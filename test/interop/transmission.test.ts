/** Whole transfers with Transmission, both ways, through our tracker. */

import { after, before, describe, test } from 'node:test'
import { assertArrived, FOLDER, SAMPLES, SINGLE } from '../support/interop/samples.ts'
import { play, type Scene } from '../support/interop/scene.ts'
import { startShoalLeech, startShoalSeed, startShoalTracker } from '../support/interop/shoal.ts'
import { SwarmNet, whyNotSwarmNet } from '../support/interop/swarm-net.ts'
import { startTransmissionLeech, startTransmissionSeed } from '../support/interop/transmission.ts'
import { whyNotTransmission } from '../support/programs.ts'

const skip = whyNotSwarmNet() ?? whyNotTransmission() ?? false

describe('Transmission', { skip }, () => {
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
      const seed = await startTransmissionSeed(scene, { sample, tracker: announceUrl })
      const leech = startShoalLeech(scene, { source: seed.torrent })
      await leech.program.succeeded()
      assertArrived(sample, leech.folder)
    })

    story(`leeches a ${shape}, v1, from shoal`, async scene => {
      const { announceUrl } = await startShoalTracker(scene)
      const seed = await startShoalSeed(scene, { sample, format: 'v1', trackers: [announceUrl] })
      const leech = startTransmissionLeech(scene, { source: { torrent: seed.torrent } })
      await leech.program.event({ type: 'done' })
      await leech.program.stop()
      assertArrived(sample, leech.folder)
    })
  }

  story('leeches a single file, hybrid, from shoal', async scene => {
    const { announceUrl } = await startShoalTracker(scene)
    const seed = await startShoalSeed(scene, { sample: SINGLE, format: 'hybrid', trackers: [announceUrl] })
    const leech = startTransmissionLeech(scene, { source: { torrent: seed.torrent } })
    await leech.program.event({ type: 'done' })
    await leech.program.stop()
    assertArrived(SINGLE, leech.folder)
  })

  story('leeches a folder, v1, by the magnet of shoal', async scene => {
    const { announceUrl } = await startShoalTracker(scene)
    const seed = await startShoalSeed(scene, { sample: FOLDER, format: 'v1', trackers: [announceUrl] })
    const leech = startTransmissionLeech(scene, { source: { magnet: seed.magnet } })
    await leech.program.event({ type: 'done' })
    await leech.program.stop()
    assertArrived(FOLDER, leech.folder)
  })
})
