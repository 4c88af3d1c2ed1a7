import { encodeBencode } from '../../src/bencode/encode.ts'
import { type Address, formatAddress } from '../../src/core/address.ts'
import { decodeExtendedHandshake } from '../../src/wire/extension.ts'
import { decodePex, encodePex, type PexContact, type PexMessage } from '../../src/wire/ut-pex.ts'
import type { Content } from './content.ts'
import { FakePeer, say } from './fake-peer.ts'
import type { SimHost } from './sim-network.ts'
import type { Stage } from './story.ts'

/** Where a gossip takes PEX messages. */
const ITS_ID = 7

/** A peer that speaks peer exchange: it keeps what it is told, and tells what the story wants. */
export class Gossip {
  readonly peer: FakePeer
  readonly heard: (PexMessage & { readonly at: number })[] = []
  /** Names of all extensions that the other side said it speaks. */
  offers: readonly string[] | null = null
  #theirId: number | null = null

  constructor(stage: Stage, peer: FakePeer) {
    this.peer = peer
    peer.onMessage = said => {
      if (said.type !== 'extended-message') return
      if (said.id === ITS_ID) this.heard.push({ ...decodePex(said.payload), at: stage.now })
      if (said.id !== 0) return
      const { ids } = decodeExtendedHandshake(said.payload)
      this.offers = [...ids.keys()]
      this.#theirId = ids.get('ut_pex') ?? null
    }
  }

  /** `listensAt`: where it says that it listens. */
  static async dial(
    stage: Stage,
    to: Address,
    content: Content,
    options: { host?: SimHost; listenPort?: number; more?: Record<string, unknown> } = {},
  ): Promise<Gossip> {
    const peer = await FakePeer.dial(stage, options.host ?? stage.network.newHost(), to)
    const gossip = new Gossip(stage, peer)
    gossip.greet(content, options)
    await stage.until(() => gossip.offers !== null)
    return gossip
  }

  greet(
    content: Content,
    { listenPort, more }: { listenPort?: number; more?: Record<string, unknown> } = {},
  ): void {
    this.peer.greet({ infoHash: content.info.hashes.v1! })
    this.peer.say(
      say.extended(0, encodeBencode({ m: { ut_pex: ITS_ID }, p: listenPort, ...more })),
      say.haveNone,
    )
  }

  /** Says it under whatever number the other side has for it, or would have. */
  tell(added: readonly (Address | PexContact)[], dropped: readonly Address[] = []): void {
    this.peer.say(say.extended(this.#theirId ?? 4, encodePex({ added: added.map(asContact), dropped })))
  }

  /** All that it was told of so far. */
  get told(): string[] {
    return this.heard.flatMap(({ added }) => added.map(({ address }) => formatAddress(address))).sort()
  }
}

function asContact(told: Address | PexContact): PexContact {
  if ('address' in told) return told
  return {
    address: told,
    prefersEncryption: false,
    isSeed: false,
    hasUtp: false,
    hasHolepunch: false,
    isReachable: true,
  }
}
