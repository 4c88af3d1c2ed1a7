import assert from 'node:assert/strict'
import type { AnnounceBreadth } from '../../src/tracker/announce-schedule.ts'
import { type Stage, story } from './story.ts'

/** Two trackers in the first tier and one behind it: which of them hear of a torrent. */
async function told(stage: Stage, announceTo?: AnnounceBreadth): Promise<string[]> {
  const tiers = [['http://a/', 'http://b/'], ['http://c/']] as const
  for (const url of tiers.flat()) stage.newTracker({}, url)
  const content = stage.newContent({ trackers: tiers[0] })
  const client = await stage.newClient()
  await client.add(content, { trackers: tiers[1], ...(announceTo && { announceTo }) })
  // Whoever is asked at all is asked at once; the next time would be half an hour later.
  await stage.pass(60_000)
  const answered = client.heard('tracker-answered').map(({ tracker }) => tracker)
  await stage.settled(client.session.close())
  const stopped = client.heard('tracker-answered').filter(({ event }) => event === 'stopped')
  assert.deepEqual(stopped.map(({ tracker }) => tracker).sort(), [...answered].sort())
  return answered.sort()
}

story('a torrent announces to the first tracker that answers', async stage => {
  const [only, ...others] = await told(stage)
  assert.match(only!, /^http:\/\/[ab]\/$/)
  assert.deepEqual(others, [])
})

story('a torrent announces to one tracker of every tier where it is told to', async stage => {
  const [first, second] = await told(stage, 'every-tier')
  assert.match(first!, /^http:\/\/[ab]\/$/)
  assert.equal(second, 'http://c/')
})

story('a torrent announces to every tracker where it is told to', async stage => {
  assert.deepEqual(await told(stage, 'every-tracker'), ['http://a/', 'http://b/', 'http://c/'])
})
