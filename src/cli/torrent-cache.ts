/** Torrents that `shoal up` has made before, so that a start need not hash everything again. */

import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BitTorrentError } from '../core/errors.ts'
import { parseTorrentFile, type TorrentFile } from '../metainfo/torrent-file.ts'
import { nodeDigest } from '../net/node-digest.ts'
import { makeFolder } from '../storage/make-folder.ts'
import { writeTorrentFile } from './write-torrent-file.ts'

/** One file for each fingerprint of what is shared. Bounded by what is in the shared folder, see `keepOnly`. */
export class TorrentCache {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Null where there is none, or none that can be read. */
  async read(fingerprint: string): Promise<TorrentFile | null> {
    try {
      return parseTorrentFile(new Uint8Array(await readFile(this.#fileOf(fingerprint))), nodeDigest)
    } catch (error) {
      if (error instanceof BitTorrentError || isMissing(error)) return null
      throw error
    }
  }

  async write(fingerprint: string, bytes: Uint8Array): Promise<void> {
    makeFolder(this.#folder)
    await writeTorrentFile(this.#fileOf(fingerprint), bytes, true)
  }

  /** Forgets all others. */
  async keepOnly(fingerprints: ReadonlySet<string>): Promise<void> {
    const files = await readdir(this.#folder).catch(error => {
      if (isMissing(error)) return []
      throw error
    })
    for (const file of files) {
      const fingerprint = /^([0-9a-f]{64})\.torrent$/.exec(file)?.[1]
      if (fingerprint !== undefined && !fingerprints.has(fingerprint)) await rm(join(this.#folder, file))
    }
  }

  #fileOf(fingerprint: string): string {
    return join(this.#folder, `${fingerprint}.torrent`)
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
