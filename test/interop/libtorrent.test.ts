/** Whole transfers with libtorrent, in every format, both ways. */

import { after, before, describe, test } from 'node:test'
import { startLibtorrentLeech, startLibtorrentSeed } from '../support/interop/libtorrent.ts'
import { assertArrived, SAMPLES } from '../support/interop/samples.ts'
import { play, type Scene } from '../support/interop/scene.ts'
import { startShoalLeech, startShoalSeed } from '../support/interop/shoal.ts'
import { SwarmNet, whyNotSwarmNet } from '../support/interop/swarm-net.ts'
import { whyNotLibtorrent } from '../support/programs.ts'

const FORMATS = ['v1', 'v2', 'hybrid'] as const

describe('libtorrent', { skip: whyNotSwarmNet() ?? whyNotLibtorrent() ?? false }, () => {
  let net: SwarmNet
  before(() => {
    net = new SwarmNet()
  })
  after(() => net[Symbol.dispose]())
  const story = (name: string, tell: (scene: Scene) => Promise<void>) => {
    test(name, () => play(net, tell))
  }

  for (const [shape, sample] of SAMPLES) {
    for (const format of FORMATS) {
      story(`seeds a ${shape}, ${format}, to shoal`, async scene => {
        const seed = await startLibtorrentSeed(scene, { sample, format })
        const leech = startShoalLeech(scene, { source: seed.torrent, peers: [seed.at] })
        await leech.program.succeeded()
        assertArrived(sample, leech.folder)
      })

      story(`leeches a ${shape}, ${format}, from shoal`, async scene => {
        const seed = await startShoalSeed(scene, { sample, format })
        const leech = startLibtorrentLeech(scene, { source: { torrent: seed.torrent }, peers: [seed.at] })
        await leech.program.event({ type: 'done' })
        await leech.program.stop()
        assertArrived(sample, leech.folder)
      })
    }
  }
})
