/** A tracker's answers as bencode (BEP 3, 7, 21, 23, 24, 31, 48). Keys are in order. */

import { hostFromBytes } from '../core/address.ts'
import { compareBytes, readU16, utf8Bytes } from '../core/bytes.ts'
import type { ScrapeEntry, TrackerFailure } from './announce.ts'
import { AnswerWriter } from './answer-writer.ts'
import type { PackedPeers } from './swarm-store.ts'

/** What a tracker answers to an announce, whatever the transport. */
export interface AnnounceAnswer {
  readonly intervalSeconds: number
  readonly minIntervalSeconds: number
  readonly complete: number
  readonly incomplete: number
  readonly downloaded: number
  readonly ipv4: PackedPeers
  readonly ipv6: PackedPeers
  /** BEP 24: where we see the asker, 4 or 16 bytes; null where that would tell nothing. */
  readonly externalHost: Uint8Array | null
  /** For people; null for none. */
  readonly warning: string | null
}

/** How the asker wants it. */
export interface AnswerForm {
  readonly isCompact: boolean
  readonly noPeerId: boolean
}

/** The answers are valid until the encoder is used again. */
export class HttpAnswerEncoder {
  readonly #writer = new AnswerWriter()

  announce(answer: AnnounceAnswer, form: AnswerForm): Uint8Array {
    const writer = this.#writer.clear()
    writer.text(`d8:completei${answer.complete}e10:downloadedi${answer.downloaded}e`)
    if (answer.externalHost !== null) this.#string('11:external ip', answer.externalHost)
    writer.text(`10:incompletei${answer.incomplete}e8:intervali${answer.intervalSeconds}e`)
    writer.text(`12:min intervali${answer.minIntervalSeconds}e`)
    if (form.isCompact) this.#packed(answer)
    else this.#dictionaries(answer, form.noPeerId)
    if (answer.warning !== null) this.#string('15:warning message', utf8Bytes(answer.warning))
    return writer.text('e').written
  }

  /** Each info-hash once. */
  scrape(entries: readonly ScrapeEntry[]): Uint8Array {
    const writer = this.#writer.clear().text('d5:filesd')
    for (const entry of [...entries].sort((a, b) => compareBytes(a.infoHash, b.infoHash))) {
      writer.text('20:').bytes(entry.infoHash)
      writer.text(`d8:completei${entry.complete}e10:downloadedi${entry.downloaded}e`)
      if (entry.downloaders !== null) writer.text(`11:downloadersi${entry.downloaders}e`)
      writer.text(`10:incompletei${entry.incomplete}ee`)
    }
    return writer.text('ee').written
  }

  failure({ failure, retryInSeconds }: TrackerFailure): Uint8Array {
    const writer = this.#writer.clear().text('d')
    this.#string('14:failure reason', utf8Bytes(failure))
    if (retryInSeconds === Number.POSITIVE_INFINITY) writer.text('8:retry in5:never')
    else if (retryInSeconds !== undefined) writer.text(`8:retry ini${Math.ceil(retryInSeconds / 60)}e`)
    return writer.text('e').written
  }

  #string(key: string, value: Uint8Array): void {
    this.#writer.text(`${key}${value.length}:`).bytes(value)
  }

  /** BEP 3 wants `peers` even where there are none. */
  #packed({ ipv4, ipv6 }: AnnounceAnswer): void {
    this.#writer.text(`5:peers${6 * ipv4.count}:`).bytes(ipv4.addresses, 6 * ipv4.count)
    if (ipv6.count > 0)
      this.#writer.text(`6:peers6${18 * ipv6.count}:`).bytes(ipv6.addresses, 18 * ipv6.count)
  }

  #dictionaries({ ipv4, ipv6 }: AnnounceAnswer, noPeerId: boolean): void {
    this.#writer.text('5:peersl')
    this.#peers(ipv4, 4, noPeerId)
    this.#peers(ipv6, 16, noPeerId)
    this.#writer.text('e')
  }

  #peers(peers: PackedPeers, hostLength: number, noPeerId: boolean): void {
    for (let i = 0; i < peers.count; i++) {
      const at = i * (hostLength + 2)
      const host = hostFromBytes(peers.addresses.subarray(at, at + hostLength))
      this.#writer.text(`d2:ip${host.length}:${host}`)
      if (!noPeerId) this.#writer.text('7:peer id20:').bytes(peers.peerIds.subarray(20 * i, 20 * i + 20))
      this.#writer.text(`4:porti${readU16(peers.addresses, at + hostLength)}ee`)
    }
  }
}
