import { decodeBencode } from '../bencode/decode.ts'
import { equalBytes, NO_BYTES } from '../core/bytes.ts'
import { FormatError, ProtocolError } from '../core/errors.ts'
import type { InfoHashes } from '../core/ids.ts'
import { orAborted } from '../core/or-aborted.ts'
import type { Clock, Digest, Signatures } from '../core/ports.ts'
import type { DhtNode } from '../dht/dht-node.ts'
import { isMutable, type Item, type MutableItem, mutableTarget, signedBytes } from '../dht/item.ts'
import type { Found } from '../dht/lookup.ts'
import { decodeTorrentPointer, encodeTorrentPointer } from '../metainfo/torrent-pointer.ts'
import type { SessionDht } from './session-dht.ts'
import type { Guarded, Turns } from './turns.ts'
import type { WaitOptions } from './wait-options.ts'

/** Who publishes a torrent that changes (BEP 46). */
export interface Publisher {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** Tells apart what one publisher has; 0 to 64 bytes. Default: none. */
  readonly salt?: Uint8Array
}

/** Which torrent a publisher names, as it is in the DHT. */
export interface Edition {
  readonly hashes: InfoHashes
  /** Only a greater one is newer. */
  readonly sequence: number
  readonly item: MutableItem
}

/** Torrents that change (BEP 46): a publisher's key stands for whichever he names at present. */
export class Publications {
  readonly #dht: SessionDht | null
  readonly #turns: Turns
  readonly #guard: Guarded
  readonly #clock: Clock
  readonly #digest: Digest
  readonly #signatures: Signatures

  constructor(options: {
    dht: SessionDht | null
    turns: Turns
    guard: Guarded
    ports: { readonly clock: Clock; readonly digest: Digest; readonly signatures: Signatures }
  }) {
    this.#dht = options.dht
    this.#turns = options.turns
    this.#guard = options.guard
    this.#clock = options.ports.clock
    this.#digest = options.ports.digest
    this.#signatures = options.ports.signatures
  }

  /**
   * The latest edition that the DHT knows; null where it knows none. Waits until there are nodes to ask. Rejects with
   * `ProtocolError` `dht-off` where the session has no DHT, and with the signal's reason.
   */
  async find(publisher: Publisher, options: WaitOptions = {}): Promise<Edition | null> {
    const asked = await this.#ask(publisher, options)
    return latest(asked.map(({ item }) => editionOf(item)))
  }

  /**
   * Names a torrent. Where it is named already, only that is said again; else it gets a number that is greater than the one
   * before, and than the seconds since 1970, so that a publisher need remember nothing but his key. `stored`: how many nodes
   * keep it. Rejects as `find` does, and with `dht-refuses` where no node keeps it.
   */
  async publish(
    { secretKey, salt = NO_BYTES, hashes }: { secretKey: Uint8Array; salt?: Uint8Array; hashes: InfoHashes },
    options: WaitOptions = {},
  ): Promise<{ edition: Edition; stored: number }> {
    const publicKey = this.#signatures.publicKeyOf(secretKey)
    const asked = await this.#ask({ publicKey, salt }, options)
    const before = latest(asked.map(({ item }) => editionOf(item)))
    const value = encodeTorrentPointer(hashes)
    const isSame = before !== null && equalBytes(before.item.value, value)
    const sequence = isSame
      ? before.sequence
      : Math.max((before?.sequence ?? 0) + 1, Math.floor(this.#clock.wall() / 1000))
    const signature = this.#signatures.sign(signedBytes({ value, salt, sequence }), secretKey)
    const item: MutableItem = { value, publicKey, salt, sequence, signature }
    return { edition: { hashes, sequence, item }, stored: await this.#put(item, asked, options) }
  }

  /** Has the DHT keep an edition for another while, whoever published it: nodes forget it after two hours. Rejects as `publish` does. */
  async renew({ item }: Edition, options: WaitOptions = {}): Promise<number> {
    return this.#put(item, await this.#ask(item, options), options)
  }

  async #ask({ publicKey, salt = NO_BYTES }: Publisher, { signal }: WaitOptions): Promise<Asked[]> {
    signal?.throwIfAborted()
    if (!this.#dht)
      throw new ProtocolError('dht-off', 'the DHT is switched off, and nowhere else is it known')
    void this.#dht.start()
    await orAborted(this.#dht.ready, signal)
    const target = mutableTarget({ publicKey, salt }, this.#digest)
    const asked = this.#dht.nodes.map(node => {
      const answer = Promise.withResolvers<Asked>()
      this.#enter(now =>
        node.findItem(
          { target, salt, done: (item, { closest }) => answer.resolve({ node, item, closest }) },
          now,
        ),
      )
      return answer.promise
    })
    return orAborted(Promise.all(asked), signal)
  }

  async #put(item: MutableItem, asked: readonly Asked[], { signal }: WaitOptions): Promise<number> {
    const puts = asked.map(({ node, closest }) => {
      const stored = Promise.withResolvers<number>()
      this.#enter(now => node.putItem({ item, at: closest, done: stored.resolve }, now))
      return stored.promise
    })
    const counts = await orAborted(Promise.all(puts), signal)
    const stored = counts.reduce((sum, count) => sum + count, 0)
    if (stored > 0) return stored
    throw new ProtocolError(
      'dht-refuses',
      'no node of the DHT keeps what was published: try again in a while',
    )
  }

  #enter(work: (now: number) => void): void {
    this.#turns.enter(this.#guard, now => {
      work(now)
      if (this.#dht) this.#turns.heed(this.#dht)
    })
  }
}

/** What came of asking with one of our nodes. */
interface Asked {
  readonly node: DhtNode
  readonly item: Item | null
  readonly closest: readonly Found[]
}

/** Null for what names no torrent. */
function editionOf(item: Item | null): Edition | null {
  if (!item || !isMutable(item)) return null
  try {
    const hashes = decodeTorrentPointer(decodeBencode(item.value))
    return hashes && { hashes, sequence: item.sequence, item }
  } catch (error) {
    if (error instanceof FormatError) return null
    throw error
  }
}

function latest(editions: readonly (Edition | null)[]): Edition | null {
  let best: Edition | null = null
  for (const edition of editions) if (edition && edition.sequence > (best?.sequence ?? -1)) best = edition
  return best
}
