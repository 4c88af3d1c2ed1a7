/**
 * What a swarm costs the engine, without sockets, disks and hashes: `node -C shoal-source bench/simulated-swarm.ts`.
 *
 *   --peers 100      how many want it
 *   --size 256MiB    how much it is
 */

import { parseArgs } from 'node:util'
import { parseLength } from '../src/core/quantities.ts'
import { idleHour, newIdler } from '../test/sim/idle-swarm.ts'
import { runLargeSwarm } from '../test/sim/large-swarm.ts'
import { Stage } from '../test/sim/story.ts'

const MIB = 2 ** 20

const { values } = parseArgs({
  options: { peers: { type: 'string', default: '100' }, size: { type: 'string', default: '256MiB' } },
})

async function benchTransfer(peers: number, length: number): Promise<void> {
  const began = performance.now()
  const cpu = process.cpuUsage()
  const figures = await runLargeSwarm({ peers, length, pieceLength: MIB, rate: 10 * MIB })
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (performance.now() - began) / 1000
  console.log(`${peers} peers move ${length / MIB} MiB each (synthetic content)`)
  console.log(
    `  ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} CPU seconds, ${figures.events} events`,
  )
  console.log(`  ${((user + system) / (figures.moved / 16_384)).toFixed(1)} CPU µs a block`)
  console.log(`  virtual time ${figures.seconds.toFixed(1)} s at ${10} MiB/s a peer`)
  console.log(
    `  the seed sent ${figures.copiesOfSeed.toFixed(2)} copies, ${figures.wasted / MIB} MiB came twice`,
  )
}

async function benchIdleHour(peers: number): Promise<void> {
  const stage = new Stage()
  stage.newTracker()
  const content = stage.newContent({ files: 10 * 32_768 })
  for (let i = 0; i < peers; i++) await newIdler(stage, content, null)
  const { connections, events, milliseconds } = await idleHour(stage)
  console.log(`an idle hour of ${peers} sessions, each connected to up to 60 of the others`)
  console.log(`  ${milliseconds} ms, ${connections} connections, ${events} events`)
}

async function benchIdlePeers(peers: number): Promise<void> {
  const stage = new Stage()
  stage.newTracker()
  for (const name of ['one', 'two']) {
    const content = stage.newContent({ name, files: 10 * 32_768 })
    const hub = await newIdler(stage, content, null)
    for (let i = 0; i < peers / 2; i++) await newIdler(stage, content, hub)
  }
  const { connections, events, milliseconds } = await idleHour(stage)
  console.log(`an idle hour of ${connections} peers of two torrents`)
  console.log(`  ${milliseconds} ms, ${events} events`)
}

const peers = Number(values.peers)
await benchIdlePeers(100)
await benchIdleHour(100)
await benchTransfer(peers, parseLength(values.size))
