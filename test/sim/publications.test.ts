/** Torrents that change, in the DHT (BEP 46). */

import assert from 'node:assert/strict'
import { nodeSignatures } from '../../src/net/node-signatures.ts'
import type { SimClient } from './sim-client.ts'
import { type Stage, story } from './story.ts'

const SECRET = new Uint8Array(32).fill(3)
const publisher = { publicKey: nodeSignatures.publicKeyOf(SECRET) }

/** Three sessions that know each other's nodes; the first is nobody's publisher. */
async function town(stage: Stage): Promise<SimClient[]> {
  const router = await stage.newClient({ dht: {} })
  const dht = { routers: [router.address] }
  return [router, await stage.newClient({ dht }), await stage.newClient({ dht })]
}

function hashes(i: number): { v1: Uint8Array } {
  return { v1: new Uint8Array(20).fill(i) }
}

story('what is published is found by its key, and a newer edition takes its place', async stage => {
  const [, author, reader] = await town(stage)
  const { publications } = author!.session
  const first = await stage.settled(publications.publish({ secretKey: SECRET, hashes: hashes(1) }))
  assert.ok(first.stored > 0)
  const found = await stage.settled(reader!.session.publications.find(publisher))
  assert.deepEqual([found?.hashes, found?.sequence], [hashes(1), first.edition.sequence])
  const second = await stage.settled(publications.publish({ secretKey: SECRET, hashes: hashes(2) }))
  assert.ok(second.edition.sequence > first.edition.sequence)
  const newer = await stage.settled(reader!.session.publications.find(publisher))
  assert.deepEqual(newer?.hashes, hashes(2))
})

story('the same, said again, is no new edition', async stage => {
  const [, author] = await town(stage)
  const { publications } = author!.session
  const first = await stage.settled(publications.publish({ secretKey: SECRET, hashes: hashes(1) }))
  await stage.pass(60_000)
  const again = await stage.settled(publications.publish({ secretKey: SECRET, hashes: hashes(1) }))
  assert.deepEqual(again.edition, first.edition)
})

story('who follows keeps it in the DHT when the publisher is gone', async stage => {
  const [, author, reader] = await town(stage)
  const publishing = author!.session.publications.publish({ secretKey: SECRET, hashes: hashes(1) })
  const { edition } = await stage.settled(publishing)
  await stage.settled(author!.session.close())
  for (let hour = 0; hour < 4; hour++) {
    await stage.pass(3_600_000)
    assert.ok((await stage.settled(reader!.session.publications.renew(edition))) > 0)
  }
  assert.deepEqual((await stage.settled(reader!.session.publications.find(publisher)))?.hashes, hashes(1))
})

story('what nobody says again is forgotten', async stage => {
  const [, author, reader] = await town(stage)
  const { publications } = author!.session
  await stage.settled(publications.publish({ secretKey: SECRET, hashes: hashes(1) }))
  await stage.pass(3 * 3_600_000)
  assert.equal(await stage.settled(reader!.session.publications.find(publisher)), null)
})

story('things that one key publishes are told apart by their salt', async stage => {
  const [, author, reader] = await town(stage)
  const { publications } = author!.session
  const salt = Uint8Array.of(1)
  await stage.settled(publications.publish({ secretKey: SECRET, hashes: hashes(1) }))
  await stage.settled(publications.publish({ secretKey: SECRET, salt, hashes: hashes(2) }))
  const found = await stage.settled(reader!.session.publications.find({ ...publisher, salt }))
  assert.deepEqual(found?.hashes, hashes(2))
})

story('nothing is published or found where the DHT is off', async stage => {
  const client = await stage.newClient()
  const { publications } = client.session
  await stage.settled(assert.rejects(publications.find(publisher), { code: 'dht-off' }))
  await stage.settled(
    assert.rejects(publications.publish({ secretKey: SECRET, hashes: hashes(1) }), { code: 'dht-off' }),
  )
})
