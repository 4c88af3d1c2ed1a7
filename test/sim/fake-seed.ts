import { Bitfield } from '../../src/core/bitfield.ts'
import { address } from '../../src/core/address.ts'
import { swarmKeys } from '../../src/core/ids.ts'
import type { Content } from './content.ts'
import { FakePeer, say } from './fake-peer.ts'
import type { SimTracker } from './sim-tracker.ts'
import type { Stage } from './story.ts'

/** How a made-up seed departs from what an honest one does. */
export interface Manners {
  /** Default true. */
  readonly hasFast?: boolean
  /** The pieces that it says it has. Default: all. */
  readonly has?: readonly number[]
  /** What it sends in place of a block; null: nothing. */
  readonly block?: (piece: number, begin: number, right: Uint8Array) => Uint8Array | null
  /** It chokes everybody for good. */
  readonly neverUnchokes?: boolean
  /** Called in place of answering a request. */
  readonly onRequest?: (peer: FakePeer, piece: number, begin: number, length: number) => void
}

const PORT = 7000

/** A seed that is no shoal: it listens, and serves whoever connects, with the manners that it was given. */
export class FakeSeed {
  readonly at: string
  /** Everybody who connected, in order. */
  readonly met: FakePeer[] = []
  readonly #content: Content
  readonly #manners: Manners

  private constructor(at: string, content: Content, manners: Manners) {
    this.at = at
    this.#content = content
    this.#manners = manners
  }

  /** `tracker`: where others hear of it. */
  static async open(
    stage: Stage,
    content: Content,
    options: Manners & { tracker?: SimTracker; swarm?: number } = {},
  ): Promise<FakeSeed> {
    const host = stage.network.newHost()
    const seed = new FakeSeed(host.at, content, options)
    await FakePeer.listen(host, address(host.at, PORT), peer => seed.#meet(peer))
    const keys = swarmKeys(content.info.hashes)
    const key = keys[options.swarm ?? 0] ?? keys[0]!
    options.tracker?.introduce(key, host.at, PORT)
    return seed
  }

  get address() {
    return address(this.at, PORT)
  }

  #meet(peer: FakePeer): void {
    this.met.push(peer)
    const { hasFast = true } = this.#manners
    peer.onHandshake = ({ infoHash }) => {
      peer.greet({ infoHash, hasFast, hasExtended: false })
      peer.say(this.#opening(hasFast))
    }
    peer.onMessage = heard => {
      if (heard.type === 'interested' && !this.#manners.neverUnchokes) peer.say(say.unchoke)
      if (heard.type === 'request') this.#answer(peer, heard.piece, heard.begin, heard.length)
    }
  }

  #opening(hasFast: boolean): Uint8Array {
    const { has } = this.#manners
    if (!has && hasFast) return say.haveAll
    const bits = new Bitfield(this.#content.info.geometry.pieceCount)
    if (has) for (const piece of has) bits.set(piece)
    else bits.setAll()
    return say.bitfield(bits.bytes())
  }

  #answer(peer: FakePeer, piece: number, begin: number, length: number): void {
    const { block, onRequest } = this.#manners
    if (onRequest) return onRequest(peer, piece, begin, length)
    const right = this.#content.read(piece, begin, length)
    const bytes = block ? block(piece, begin, right) : right
    if (bytes) peer.say(say.piece(piece, begin, bytes))
  }
}
