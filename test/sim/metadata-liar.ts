import { encodeBencode } from '../../src/bencode/encode.ts'
import { address } from '../../src/core/address.ts'
import { concatBytes } from '../../src/core/bytes.ts'
import type { Content } from './content.ts'
import { FakePeer, say } from './fake-peer.ts'
import type { Stage } from './story.ts'

const PIECE = 16_384

export interface Lie {
  readonly size: (right: number) => number
  readonly answer: (piece: number, right: Uint8Array) => Uint8Array | null
  /** How long it waits before it answers. */
  readonly delay?: () => number
  /** It unchokes as soon as it is met, as libtorrent does where slots are free. */
  readonly unchokesAtOnce?: boolean
}

const UT_METADATA = 3

/** A peer that offers metadata at port 7000 of its host, and lies. */
export async function liarAt(
  stage: Stage,
  content: Content,
  lie: Lie,
  host = stage.network.newHost(),
): Promise<FakePeer[]> {
  const met: FakePeer[] = []
  await FakePeer.listen(host, address(host.at, 7000), peer => {
    met.push(peer)
    const { bytes } = content.info
    let remoteId = 0
    peer.onHandshake = ({ infoHash }) => {
      peer.greet({ infoHash })
      peer.say(
        say.extended(
          0,
          encodeBencode({ m: { ut_metadata: UT_METADATA }, metadata_size: lie.size(bytes.length) }),
        ),
      )
      peer.say(say.haveAll)
      if (lie.unchokesAtOnce) peer.say(say.unchoke)
    }
    peer.onMessage = heard => {
      if (heard.type !== 'extended-message') return
      const text = Buffer.from(heard.payload).toString('latin1')
      const named = /11:ut_metadatai(\d+)e/.exec(text)
      if (heard.id === 0 && named) remoteId = Number(named[1])
      const asked = /^d8:msg_typei0e5:piecei(\d+)e/.exec(text)
      if (heard.id !== UT_METADATA || !asked) return
      const piece = Number(asked[1])
      const answer = lie.answer(piece, bytes.slice(piece * PIECE, (piece + 1) * PIECE))
      if (!answer) return
      const head = encodeBencode({ msg_type: 1, piece, total_size: lie.size(bytes.length) })
      const answerNow = (): void => peer.say(say.extended(remoteId, concatBytes([head, answer])))
      if (lie.delay) stage.after(lie.delay(), answerNow)
      else answerNow()
    }
  })
  return met
}
