/** What a site hosts: torrent files, found by any form of their info-hashes. */

import { createHash } from 'node:crypto'
import { formatHex } from '../core/bytes.ts'
import { type InfoHashes, swarmKeys, type TorrentId, torrentIdOf } from '../core/ids.ts'

/** A torrent as it is put into a catalog. */
export interface Publication {
  readonly name: string
  readonly infoHashes: InfoHashes
  /** Bytes of all files together, pads left out. */
  readonly length: number
  readonly fileCount: number
  /** The torrent file: served byte for byte as it is. */
  readonly torrentFile: Uint8Array
  readonly magnet: string
}

export interface HostedTorrent extends Publication {
  /** The canonical form of its info-hash, which stands in its URL. */
  readonly id: TorrentId
  /** A strong entity tag of the torrent file (RFC 9110, 8.8.3), quotes included. */
  readonly entityTag: string
}

export class Catalog {
  readonly #torrents = new Map<TorrentId, HostedTorrent>()
  /** Every hex form in lower case: v1, v2, v2 cut to 20 bytes. Bounded by three for each torrent. */
  readonly #ids = new Map<string, TorrentId>()

  /** Hosts a torrent; one with the same info-hash is replaced. */
  add(publication: Publication): HostedTorrent {
    const id = torrentIdOf(publication.infoHashes)
    const digest = createHash('sha256').update(publication.torrentFile).digest('base64url')
    const hosted = { ...publication, id, entityTag: `"${digest}"` }
    this.#torrents.set(id, hosted)
    for (const form of formsOf(publication.infoHashes)) this.#ids.set(form, id)
    return hosted
  }

  remove(id: TorrentId): boolean {
    const torrent = this.#torrents.get(id)
    if (!torrent) return false
    for (const form of formsOf(torrent.infoHashes)) this.#ids.delete(form)
    return this.#torrents.delete(id)
  }

  /** `infoHash` is 40 or 64 hex digits in upper or lower case; null for anything else and for what is not here. */
  find(infoHash: string): HostedTorrent | null {
    const id = this.#ids.get(infoHash.toLowerCase())
    return (id && this.#torrents.get(id)) ?? null
  }

  /** By name. */
  list(): HostedTorrent[] {
    return [...this.#torrents.values()].sort(byName)
  }

  get size(): number {
    return this.#torrents.size
  }
}

const collator = new Intl.Collator('en', { numeric: true })

function byName(a: HostedTorrent, b: HostedTorrent): number {
  return collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1)
}

function formsOf(hashes: InfoHashes): string[] {
  const forms = swarmKeys(hashes).map(formatHex)
  if (hashes.v2) forms.push(formatHex(hashes.v2))
  return forms
}
