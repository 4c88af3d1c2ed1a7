import { type Address, type Family, formatAddress, hostBytes } from '../core/address.ts'
import { BoundedMap } from '../core/bounded-map.ts'
import { equalBytes } from '../core/bytes.ts'
import { type InfoHashes, swarmKeys } from '../core/ids.ts'
import type { Info } from '../metainfo/info.ts'
import { SWARM_LIMITS } from '../swarm/limits.ts'
import type { PeerEvent } from '../wire/peer-event.ts'

/** How this program calls itself to peers. */
const CLIENT_VERSION = 'shoal 0.1'

/** What of a torrent goes into a handshake. */
export interface GreetingFacts {
  readonly info: Info | null
  readonly isComplete: boolean
  readonly listenPort: number
  /** Names of extensions (BEP 10) beside those that are always spoken. */
  readonly extensions: readonly string[]
  /** Whether peers of this family are told of our node in the DHT. */
  readonly hasDht: (family: Family) => boolean
}

/** What a torrent's connections begin with: which of its swarms is meant (BEP 52: a hybrid is in two), and who we are. */
export class Greeter {
  readonly #hashes: InfoHashes
  readonly #facts: () => GreetingFacts
  /** Addresses that only the v2 swarm of a hybrid named. */
  readonly #v2Addresses = new BoundedMap<string, true>({ limit: SWARM_LIMITS.knownPeers })

  constructor(options: { hashes: InfoHashes; facts: () => GreetingFacts }) {
    this.#hashes = options.hashes
    this.#facts = options.facts
  }

  /** A swarm named an address. `isNew`: nobody did before. */
  named(at: Address, options: { isV2: boolean; isNew: boolean }): void {
    if (options.isV2 && options.isNew) this.#v2Addresses.set(formatAddress(at), true)
    else if (!options.isV2) this.#v2Addresses.delete(formatAddress(at))
  }

  /** What a connection that we open begins with. */
  greeting(to: Address, expectedPeerId: Uint8Array | null) {
    const keys = swarmKeys(this.#hashes)
    const isV2 = this.#v2Addresses.has(formatAddress(to))
    const infoHash = (isV2 ? keys.at(-1) : keys[0]) as Uint8Array
    const { v1, v2 } = this.#hashes
    return {
      infoHash,
      isV2: infoHash !== v1,
      ...(v1 && v2 && infoHash === v1 ? { upgradeHash: v2.subarray(0, 20) } : {}),
      ...(expectedPeerId ? { expectedPeerId } : {}),
      ...this.#introduction(to),
    }
  }

  /** What a connection that came to us is answered with. */
  welcome(from: Address, handshake: Extract<PeerEvent, { type: 'handshake' }>) {
    const { v1, v2 } = this.#hashes
    const isV1 = v1 !== undefined && equalBytes(handshake.infoHash, v1)
    const isUpgraded = isV1 && v2 !== undefined && handshake.offersUpgrade
    return {
      infoHash: isUpgraded ? v2.subarray(0, 20) : handshake.infoHash,
      isV2: isUpgraded || !isV1,
      ...this.#introduction(from),
    }
  }

  #introduction(to: Address) {
    const { info, isComplete, listenPort, extensions, hasDht } = this.#facts()
    return {
      ...(info ? { pieceCount: info.geometry.pieceCount } : {}),
      hasDht: hasDht(to.family),
      extended: {
        listenPort,
        version: CLIENT_VERSION,
        ...(info ? { metadataSize: info.bytes.length } : {}),
        reqq: SWARM_LIMITS.queuedUploads,
        isUploadOnly: isComplete,
        names: extensions,
        yourIp: hostBytes(to.host),
      },
    }
  }
}
