import assert from 'node:assert/strict'
import { type IdleFigures, idleHour, newIdler } from './idle-swarm.ts'
import { story } from './story.ts'

const KIB = 1024

function tell({ connections, events, milliseconds }: IdleFigures): void {
  console.log(`an idle hour of ${connections} connections: ${events} events, ${milliseconds} ms`)
}

story('an idle hour of a hundred peers', async stage => {
  stage.newTracker()
  for (const name of ['one', 'two', 'three', 'four']) {
    const content = stage.newContent({ name, files: 10 * 32 * KIB })
    const hub = await newIdler(stage, content, null)
    for (let i = 0; i < 25; i++) await newIdler(stage, content, hub)
  }
  const figures = await idleHour(stage)
  tell(figures)
  assert.equal(figures.connections, 100)
  // A keep-alive every 100 s each way, planned, sent and arrived.
  assert.ok(figures.events < 100 * 36 * 2 * 4)
})

story('a seed with nobody to serve does nothing between its announces', async stage => {
  stage.newTracker()
  const content = stage.newContent()
  await stage.newSeed(content)
  await stage.pass(60_000)
  const before = stage.events
  await stage.pass(6 * 3_600_000)
  assert.ok(stage.events - before < 200, `${stage.events - before} events in six hours`)
})

story('a hundred seeds that know each other leave each other alone', async stage => {
  const tracker = stage.newTracker()
  const content = stage.newContent()
  for (let i = 0; i < 100; i++) {
    const seed = await stage.newSeed(content)
    tracker.introduce(content.info.hashes.v1!, seed.host.at, 6881, { isSeed: false })
  }
  await stage.pass(600_000)
  const dials = stage.clients.reduce((sum, client) => sum + client.host.dialed, 0)
  await stage.pass(3 * 3_600_000)
  assert.equal(stage.network.openConnections, 0)
  const more = stage.clients.reduce((sum, client) => sum + client.host.dialed, 0) - dials
  assert.ok(more < 3 * 100, `${more} dials in three hours`)
})
