/** Whole transfers with libtorrent in every format, both ways, by torrent file and by magnet link. */

import assert from 'node:assert/strict'
import { startLibtorrentLeech, startLibtorrentSeed } from '../support/interop/libtorrent.ts'
import { assertArrived, FOLDER, SAMPLES } from '../support/interop/samples.ts'
import { type Place, startShoalLeech, startShoalSeed } from '../support/interop/shoal.ts'
import { tellStories } from '../support/interop/stories.ts'
import { whyNotLibtorrent } from '../support/programs.ts'

const FORMATS = ['v1', 'v2', 'hybrid'] as const

tellStories('libtorrent', { needs: [whyNotLibtorrent()], atOnce: 2 }, story => {
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

      story(`seeds a ${shape}, ${format}, to shoal by a magnet`, async scene => {
        const seed = await startLibtorrentSeed(scene, { sample, format })
        const leech = startShoalLeech(scene, { source: withPeer(seed.magnet, seed.at) })
        await leech.program.succeeded()
        assertArrived(sample, leech.folder)
      })

      story(`leeches a ${shape}, ${format}, by the magnet of shoal`, async scene => {
        const seed = await startShoalSeed(scene, { sample, format })
        const leech = startLibtorrentLeech(scene, { source: { magnet: seed.magnet } })
        await leech.program.event({ type: 'done' })
        await leech.program.stop()
        assertArrived(sample, leech.folder)
      })
    }
  }

  for (const [hash, other] of [
    ['v1', 'btmh'],
    ['v2', 'btih'],
  ] as const) {
    story(`seeds a hybrid to shoal by its ${hash} hash alone`, async scene => {
      const seed = await startLibtorrentSeed(scene, { sample: FOLDER, format: 'hybrid' })
      const leech = startShoalLeech(scene, { source: withPeer(without(other, seed.magnet), seed.at) })
      await leech.program.succeeded()
      assertArrived(FOLDER, leech.folder)
    })

    story(`leeches a hybrid from shoal by its ${hash} hash alone`, async scene => {
      const seed = await startShoalSeed(scene, { sample: FOLDER, format: 'hybrid' })
      const leech = startLibtorrentLeech(scene, { source: { magnet: without(other, seed.magnet) } })
      await leech.program.event({ type: 'done' })
      await leech.program.stop()
      assertArrived(FOLDER, leech.folder)
    })
  }
})

function withPeer(magnet: string, { host, port }: Place): string {
  return `${magnet}&x.pe=${host}:${port}`
}

/** The magnet without the hash of one kind. */
function without(kind: 'btih' | 'btmh', magnet: string): string {
  const [head = '', query = ''] = magnet.split('?')
  const kept = query.split('&').filter(field => !field.startsWith(`xt=urn:${kind}:`))
  assert.equal(kept.length, query.split('&').length - 1, magnet)
  return `${head}?${kept.join('&')}`
}
