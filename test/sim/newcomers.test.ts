import assert from 'node:assert/strict'
import { SWARM_LIMITS } from '../../src/swarm/limits.ts'
import { SWARM_OPTIONS } from '../../src/swarm/options.ts'
import type { Content } from './content.ts'
import { FakePeer, say } from './fake-peer.ts'
import { FakeSeed } from './fake-seed.ts'
import type { SimClient } from './sim-client.ts'
import { type Stage, story } from './story.ts'

const KIB = 1024
const BLOCK = 16 * KIB
const PIECES = 200
const MANY = { files: PIECES * 32 * KIB, pieceLength: 32 * KIB }

/** A seed all of whose slots are taken by others, who go on asking. */
async function busySeed(stage: Stage, content: Content): Promise<{ seed: SimClient; others: FakePeer[] }> {
  const seed = await stage.newSeed(content, { line: { up: 2048 * KIB } })
  const others: FakePeer[] = []
  for (let i = 0; i < SWARM_OPTIONS.uploadSlots; i++) {
    const other = await greeted(stage, seed, content)
    let next = 0
    const ask = (): void => other.say(say.request(next++ % PIECES, 0, BLOCK))
    other.onMessage = ({ type }) => (type === 'unchoked' || type === 'piece' ? ask() : undefined)
    other.say(say.bitfield(halfOf(content)), say.interested)
    await stage.until(() => other.count('unchoked') === 1)
    others.push(other)
  }
  return { seed, others }
}

async function greeted(stage: Stage, seed: SimClient, content: Content): Promise<FakePeer> {
  const peer = await FakePeer.dial(stage, stage.network.newHost(), seed.address)
  peer.greet({ infoHash: content.info.hashes.v1!, hasExtended: false })
  await stage.until(() => peer.handshake !== null)
  return peer
}

function halfOf(content: Content): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(content.info.geometry.pieceCount / 8))
  return bytes.fill(0xff, 0, bytes.length / 2)
}

story('a newcomer gets its first pieces while everybody chokes it', async stage => {
  const content = stage.newContent(MANY)
  const seeds = [await busySeed(stage, content), await busySeed(stage, content)]
  const newcomer = await stage.newClient()
  const torrent = await newcomer.add(content, { peers: seeds.map(({ seed }) => seed.address) })
  const chokedBy = (): string[] => torrent.explain().map(({ code }) => code)
  await stage.until(() => torrent.status().verifiedPieces === SWARM_OPTIONS.allowedFastSet, { within: 5000 })
  assert.deepEqual(chokedBy(), ['all-choke-us'])
  await stage.pass(1000)
  // Hosts of one /24 get one set of everybody: no more to be had without giving.
  assert.equal(torrent.status().verifiedPieces, SWARM_OPTIONS.allowedFastSet)
  assert.equal(torrent.status().wasted, 0)
  for (const { others } of seeds) for (const other of others) other.leave()
  await stage.completed(newcomer, torrent, content)
})

story('who asks without end while choked gets each block twice and is shut out', async stage => {
  const content = stage.newContent(MANY)
  const { seed, others } = await busySeed(stage, content)
  const greedy = await greeted(stage, seed, content)
  greedy.say(say.haveNone)
  await stage.until(() => greedy.count('allowed-fast') === SWARM_OPTIONS.allowedFastSet)
  const pieces = greedy.of('allowed-fast').map(({ piece }) => piece)
  const round = pieces.flatMap(piece => [say.request(piece, 0, BLOCK), say.request(piece, BLOCK, BLOCK)])
  greedy.say(...Array.from({ length: 100 }, () => round).flat())
  await stage.pass(5000)
  const most = round.length * SWARM_LIMITS.allowedFastRepeats
  assert.equal(greedy.count('piece'), most)
  assert.equal(greedy.count('rejected'), 100 * round.length - most)
  assert.equal(greedy.count('unchoked'), 0)
  greedy.say(...Array.from({ length: 150 }, () => round).flat())
  await stage.until(() => greedy.isClosed)
  assert.ok(seed.endings.includes('too-many-requests-while-choked'))
  for (const other of others) other.leave()
})

story('what a peer suggests is fetched of it first where all is equally rare', async stage => {
  const content = stage.newContent(MANY)
  const shy = await FakeSeed.open(stage, content, { neverUnchokes: true })
  const leech = await stage.newClient({ line: { down: 200 * KIB } })
  const torrent = await leech.add(content, { peers: [shy.address] })
  await stage.until(() => shy.met[0]?.count('interested') === 1)
  const suggested = [17, 5, 111]
  shy.met[0]!.say(...suggested.map(say.suggest), say.suggest(4000), say.unchoke)
  await stage.until(() => torrent.status().verifiedPieces > 5)
  const asked = [...new Set(shy.met[0]!.of('request').map(({ piece }) => piece))]
  assert.deepEqual(new Set(asked.slice(0, 3)), new Set(suggested))
  await stage.completed(leech, torrent, content)
})
