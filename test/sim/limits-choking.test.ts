import assert from 'node:assert/strict'
import { address } from '../../src/core/address.ts'
import type { Address } from '../../src/core/address.ts'
import type { Content } from './content.ts'
import { FakePeer, say } from './fake-peer.ts'
import { type Stage, story } from './story.ts'

const KIB = 1024
const PORT = 7000

/** Sends a block every two seconds, and every three gives up on all that it was asked for. */
const PACE = 2000
const PATIENCE = 3000
const CHOKED = 500

type Asked = [piece: number, begin: number, length: number]

/** A seed that chokes and unchokes without end, each request then rejected or answered (BEP 6). */
async function newMoodySeed(stage: Stage, content: Content, firstChoke: number): Promise<Address> {
  const host = stage.network.newHost()
  const at = address(host.at, PORT)
  await FakePeer.listen(host, at, peer => {
    const asked: Asked[] = []
    let isChoking = true
    const every = (delay: number, first: number, act: () => void): void => {
      const again = (): void => {
        if (peer.isClosed) return
        act()
        stage.after(delay, again)
      }
      stage.after(first, again)
    }
    const setChoking = (isNow: boolean): void => {
      isChoking = isNow
      peer.say(isNow ? say.choke : say.unchoke)
    }
    peer.onHandshake = ({ infoHash }) => {
      peer.greet({ infoHash, hasExtended: false })
      peer.say(say.haveAll)
      setChoking(false)
    }
    peer.onMessage = heard => {
      if (heard.type !== 'request') return
      if (isChoking) peer.say(say.reject(heard.piece, heard.begin, heard.length))
      else asked.push([heard.piece, heard.begin, heard.length])
    }
    every(PACE, PACE, () => {
      const [next] = asked.splice(0, 1)
      if (next) peer.say(say.piece(next[0], next[1], content.read(...next)))
    })
    every(PATIENCE, firstChoke, () => {
      setChoking(true)
      for (const request of asked.splice(0)) peer.say(say.reject(...request))
      stage.after(CHOKED, () => !peer.isClosed && setChoking(false))
    })
  })
  return at
}

story('most of a limit is used though peers choke us that were asked for much', async stage => {
  const limit = 100 * KIB
  const content = stage.newContent({ files: 10_000 * KIB, pieceLength: 64 * KIB, trackers: [] })
  const peers: Address[] = []
  for (let i = 0; i < 50; i++) peers.push(await newMoodySeed(stage, content, PATIENCE * (0.5 + i / 50)))
  const leech = await stage.newClient({ downloadLimit: limit })
  await leech.add(content, { peers })
  await stage.pass(5000)
  const before = leech.host.line.received
  await stage.pass(60_000)
  const share = (leech.host.line.received - before) / 60 / limit
  // What is asked of those who are about to choke is missing for a moment: not all of a limit is used in such a swarm.
  assert.ok(share > 0.95 && share < 1.03, `${(100 * share).toFixed(1)} % of the limit`)
})
