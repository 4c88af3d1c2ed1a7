/** What a folder has of a publisher (BEP 46): the number of its edition, and its torrent file. */

import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { asBytes, asDict, asInteger } from '../bencode/bencode.ts'
import { decodeBencode } from '../bencode/decode.ts'
import { encodeBencode } from '../bencode/encode.ts'
import { formatHex } from '../core/bytes.ts'
import { FormatError } from '../core/errors.ts'
import type { PublisherMagnet } from '../metainfo/publisher-magnet.ts'
import {
  encodeTorrentFile,
  parseTorrentFile,
  partsOfTorrentFile,
  type TorrentFile,
} from '../metainfo/torrent-file.ts'
import { nodeDigest } from '../net/node-digest.ts'
import { nodeFileSystem } from '../net/node-file-system.ts'
import { makeFolder } from '../storage/make-folder.ts'
import { defaultStateFolder } from '../storage/state-folder.ts'

export interface Followed {
  readonly sequence: number
  readonly metadata: TorrentFile
}

export class FollowedState {
  readonly #folder: string
  readonly #path: string

  /** One for each pair of publisher and target folder, in `~/.local/state/shoal/follow`. */
  constructor(
    { publicKey, salt }: Pick<PublisherMagnet, 'publicKey' | 'salt'>,
    target: string,
    variables: Readonly<Record<string, string | undefined>>,
  ) {
    const text = `${formatHex(publicKey)}\n${formatHex(salt)}\n${target}`
    this.#folder = join(defaultStateFolder(variables), 'follow')
    this.#path = join(this.#folder, createHash('sha256').update(text).digest('hex').slice(0, 24))
  }

  /** Null where there is nothing, or nothing that can be read: then all that lies there is looked at anew. */
  async load(): Promise<Followed | null> {
    const bytes = await nodeFileSystem.read(this.#path)
    try {
      const saved = bytes && asDict(decodeBencode(bytes))
      const sequence = asInteger(saved?.get('sequence'))
      const torrent = asBytes(saved?.get('torrent'))
      if (sequence === null || torrent === null) return null
      return { sequence, metadata: parseTorrentFile(torrent, nodeDigest) }
    } catch (error) {
      if (error instanceof FormatError) return null
      throw error
    }
  }

  async save({ sequence, metadata }: Followed): Promise<void> {
    makeFolder(this.#folder, 0o700)
    const torrent = encodeTorrentFile(partsOfTorrentFile(metadata))
    await nodeFileSystem.replace(this.#path, encodeBencode({ sequence, torrent }))
  }
}
