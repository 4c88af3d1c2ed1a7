import assert from 'node:assert/strict'
import type { Content } from './content.ts'
import type { Stage } from './story.ts'
import { story } from './story.ts'

const KIB = 1024

/** Peers that all lack the same piece: they stay together, and have nothing to say. */
async function idlers(stage: Stage, content: Content, count: number) {
  const { pieceCount, pieceLength } = content.info.geometry
  const path = content.info.name
  for (let i = 0; i < count; i++) {
    const client = await stage.newClient()
    for (let piece = 0; piece < pieceCount - 1; piece++) {
      client.disk.write(path, piece * pieceLength, content.read(piece, 0, pieceLength))
    }
    await client.add(content)
  }
}

story(
  'an idle hour of a hundred peers',
  async stage => {
    stage.newTracker()
    const contents = ['one', 'two'].map(name => stage.newContent({ name, files: 10 * 32 * KIB }))
    for (const content of contents) await idlers(stage, content, 50)
    await stage.until(() => stage.network.openConnections === (2 * (50 * 49)) / 2, { within: 600_000 })
    await stage.pass(60_000)
    const before = stage.events
    const began = performance.now()
    await stage.pass(3_600_000)
    const { openConnections } = stage.network
    const perConnection = (stage.events - before) / openConnections
    console.log(
      `idle hour: ${stage.clients.length} sessions, ${openConnections} connections, ` +
        `${stage.events - before} events in ${Math.round(performance.now() - began)} ms`,
    )
    // Two keep-alives every 100 s, each sent, arrived, and planned.
    assert.ok(perConnection < 36 * 2 * 4, `${perConnection} events a connection`)
    assert.equal(openConnections, (2 * (50 * 49)) / 2)
  },
  { runs: 1 },
)

story('a seed with nobody to serve does nothing between its announces', async stage => {
  stage.newTracker()
  const content = stage.newContent()
  await stage.newSeed(content)
  await stage.pass(60_000)
  const before = stage.events
  await stage.pass(6 * 3_600_000)
  assert.ok(stage.events - before < 200, `${stage.events - before} events in six hours`)
})
