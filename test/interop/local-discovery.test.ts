/** BEP 14: programs that know nobody find each other in their network; and what is not to be said there, as tcpdump sees it. */

import assert from 'node:assert/strict'
import { startLibtorrentLeech } from '../support/interop/libtorrent.ts'
import type { Program } from '../support/interop/program.ts'
import { assertArrived, FOLDER, withoutEmptyFiles } from '../support/interop/samples.ts'
import type { Scene } from '../support/interop/scene.ts'
import {
  makeShoalTorrent,
  startShoalLeech,
  startShoalSeed,
  startShoalSeedOf,
} from '../support/interop/shoal.ts'
import { tellStories } from '../support/interop/stories.ts'
import { startTransmissionLeech } from '../support/interop/transmission.ts'
import { whyNotLibtorrent, whyNotTcpdump, whyNotTransmission } from '../support/programs.ts'

const needs = [whyNotLibtorrent(), whyNotTransmission(), whyNotTcpdump()]

/** Sees every packet of local discovery in the network. */
async function capture(scene: Scene): Promise<Program> {
  const tcpdump = scene.start('tcpdump', ['tcpdump', '-l', '-n', '-A', '-i', 'lo', 'udp port 6771'])
  await tcpdump.find('word that it listens', line => (line.includes('listening on') ? line : null))
  return tcpdump
}

/** An announce of its own, so that all before it would have been seen by now. */
function shoutLast(scene: Scene): Program {
  const script =
    "const s=require('dgram').createSocket('udp4');" +
    "s.bind(0,'10.77.0.1',()=>{s.setMulticastInterface('10.77.0.1');" +
    "s.send('the last word',6771,'239.192.152.143',()=>s.close())})"
  return scene.start('last word', [process.execPath, '-e', script])
}

// One after the other: a multicast of Transmission goes the way of the one route that there is.
tellStories('local discovery', { needs, atOnce: 1 }, story => {
  for (const family of [4, 6] as const) {
    story(`shoal finds shoal over IPv${family}`, async scene => {
      scene.isOnCable = family === 6
      const seed = await startShoalSeed(scene, { sample: FOLDER, format: 'hybrid', isLsd: true })
      const leech = startShoalLeech(scene, { source: seed.torrent, isLsd: true })
      await leech.program.succeeded()
      assertArrived(FOLDER, leech.folder)
    })
  }

  story('shoal hears of libtorrent, which only shouts', async scene => {
    const seed = await startShoalSeed(scene, { sample: FOLDER, format: 'v1', isLsd: true })
    const leech = startLibtorrentLeech(scene, { source: { torrent: seed.torrent }, isLsd: true })
    await leech.program.event({ type: 'done' })
    await leech.program.stop()
    assertArrived(FOLDER, leech.folder)
  })

  story('libtorrent hears of shoal', async scene => {
    const made = await makeShoalTorrent(scene, { sample: FOLDER, format: 'v1' })
    const leech = startLibtorrentLeech(scene, { source: { torrent: made.torrent }, isLsd: true })
    // What it shouts when it begins nobody hears.
    await leech.program.listens(leech.at.host, leech.at.port)
    await startShoalSeedOf(scene, { ...made, isLsd: true })
    await leech.program.event({ type: 'done' })
    await leech.program.stop()
    assertArrived(FOLDER, leech.folder)
  })

  story('shoal hears of Transmission', async scene => {
    const seed = await startShoalSeed(scene, { sample: FOLDER, format: 'v1', isLsd: true })
    const leech = startTransmissionLeech(scene, { source: { torrent: seed.torrent }, isLsd: true })
    scene.net.routeMulticast(leech.at.host)
    await leech.program.event({ type: 'done' })
    await leech.program.stop()
    assertArrived(withoutEmptyFiles(FOLDER), leech.folder)
  })

  story('Transmission hears of shoal', async scene => {
    const made = await makeShoalTorrent(scene, { sample: FOLDER, format: 'v1' })
    const tcpdump = await capture(scene)
    const leech = startTransmissionLeech(scene, { source: { torrent: made.torrent }, isLsd: true })
    scene.net.routeMulticast(leech.at.host)
    // It has shouted, and nobody heard it.
    await tcpdump.find('announce of Transmission', line => (line.includes('BT-SEARCH') ? line : null))
    await startShoalSeedOf(scene, { ...made, isLsd: true })
    await leech.program.event({ type: 'done' })
    await leech.program.stop()
    assertArrived(withoutEmptyFiles(FOLDER), leech.folder)
  })

  for (const [what, more] of [
    ['is switched off', { isLsd: false }],
    ['has a private torrent', { isLsd: true, flags: ['--private'] }],
  ] as const) {
    story(`a shoal that ${what} says nothing to its network`, async scene => {
      const tcpdump = await capture(scene)
      const seed = await startShoalSeed(scene, { sample: FOLDER, format: 'v1', ...more })
      const leech = startShoalLeech(scene, {
        source: seed.torrent,
        peers: [seed.at],
        isLsd: more.isLsd,
        flags: ['--seed'],
      })
      await leech.program.event({ type: 'done' })
      await shoutLast(scene).succeeded()
      await tcpdump.find('last word', line => (line.includes('the last word') ? line : null))
      assert.doesNotMatch(tcpdump.lastWords, /BT-SEARCH/)
    })
  }
})
