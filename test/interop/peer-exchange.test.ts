/** BEP 11: somebody who knows only one peer is told of another by it; who tells and who is told are of two programs. */

import { startLibtorrentLeech } from '../support/interop/libtorrent.ts'
import type { Program } from '../support/interop/program.ts'
import { SINGLE } from '../support/interop/samples.ts'
import type { Scene } from '../support/interop/scene.ts'
import { type Place, type ShoalSeed, startShoalLeech, startShoalSeed } from '../support/interop/shoal.ts'
import { tellStories } from '../support/interop/stories.ts'
import { startTransmissionLeech } from '../support/interop/transmission.ts'
import { whyNotLibtorrent, whyNotTransmission } from '../support/programs.ts'

/** Nobody is to be done before the word is out: Transmission spreads it every 90 s. Other programs heed no limits nearby. */
const SLOW = ['--max-up', '50000']
const BOUND = 150_000
const needs = [whyNotLibtorrent(), whyNotTransmission()]

/** Waits until a program of ours is connected to somebody at this host. */
function meets(program: Program, { host }: Place): Promise<string> {
  return program.find(
    `connection to ${host}`,
    line => (line.includes('"peer-connected"') && line.includes(`"${host}:`) ? line : null),
    BOUND,
  )
}

function shoalSeed(scene: Scene): Promise<ShoalSeed> {
  return startShoalSeed(scene, { sample: SINGLE, format: 'v1', flags: SLOW })
}

tellStories('peer exchange', { needs, atOnce: 4 }, story => {
  story('libtorrent tells shoal of a peer', async scene => {
    const seed = await shoalSeed(scene)
    const { torrent } = seed
    const hub = startLibtorrentLeech(scene, { source: { torrent }, peers: [seed.at] })
    const leech = startShoalLeech(scene, { source: torrent, peers: [hub.at] })
    await meets(leech.program, seed.at)
  })

  story('shoal tells libtorrent of a peer', async scene => {
    const seed = await shoalSeed(scene)
    const { torrent } = seed
    const hub = startShoalLeech(scene, { source: torrent, peers: [seed.at], flags: SLOW, name: 'shoal hub' })
    const leech = startLibtorrentLeech(scene, { source: { torrent }, peers: [hub.at] })
    await meets(seed.program, leech.at)
  })

  story('Transmission tells shoal of a peer', async scene => {
    const seed = await shoalSeed(scene)
    const { torrent } = seed
    const hub = startTransmissionLeech(scene, { source: { torrent }, isPex: true })
    const other = startShoalLeech(scene, {
      source: torrent,
      peers: [hub.at],
      flags: SLOW,
      name: 'shoal other',
    })
    await meets(other.program, hub.at)
    const leech = startShoalLeech(scene, { source: torrent, peers: [hub.at], flags: SLOW })
    await meets(leech.program, other.at)
  })

  story('shoal tells Transmission of a peer', async scene => {
    const seed = await shoalSeed(scene)
    const { torrent } = seed
    const leech = startTransmissionLeech(scene, { source: { torrent }, isPex: true })
    const peers = [seed.at, leech.at]
    const hub = startShoalLeech(scene, { source: torrent, peers, flags: SLOW, name: 'shoal hub' })
    await meets(hub.program, leech.at)
    await meets(seed.program, leech.at)
  })
})
