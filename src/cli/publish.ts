/** From a file or folder as it stands to the torrent of it. */

import { dirname } from 'node:path'
import type { Output } from './output.ts'
import { printable } from '../core/printable.ts'
import { buildTorrent, planTorrent } from '../metainfo/build.ts'
import { parseTorrentFile, type TorrentFile } from '../metainfo/torrent-file.ts'
import { nodeDigest } from '../net/node-digest.ts'
import type { DiskWorkers } from '../storage/disk-workers.ts'
import { hashFiles } from '../storage/hash-files.ts'
import type { CreationFlags } from './creation-options.ts'
import { HashProgress } from './hash-progress.ts'
import { listFiles } from './list-files.ts'

export interface Published {
  /** The torrent file. */
  readonly bytes: Uint8Array
  readonly torrent: TorrentFile
  /** Where the torrent's file or folder lies: what a session takes as its folder. */
  readonly folder: string
}

export interface PublishContext {
  readonly output: Output
  readonly signal: AbortSignal
  /** To hash with, where more than one thing is published: starting threads costs more than a small file. */
  readonly workers?: DiskWorkers
}

const CREATED_BY = 'shoal'

/** Lists, hashes and builds. Throws what listing, reading and building throw, and the signal's reason. */
export async function publish(
  path: string,
  flags: CreationFlags,
  { output, signal, workers }: PublishContext,
): Promise<Published> {
  const listing = await listFiles(path)
  const { root } = listing
  for (const { path, why } of listing.skipped) output.warn(`${printable(path)} is left out: ${why}`)
  const plan = planTorrent({
    name: listing.name,
    isSingleFile: listing.isSingleFile,
    // Executable bits would give a v1 torrent another info-hash than mktorrent's.
    files:
      flags.format === 'v1'
        ? listing.files.map(({ path, length, symlink }) => ({ path, length, symlink: symlink ?? null }))
        : listing.files,
    format: flags.format,
    ...(flags.pieceLength !== undefined && { pieceLength: flags.pieceLength }),
  })
  const progress = new HashProgress(output, `Hashing ${listing.name}`)
  try {
    const hashes = await hashFiles(plan, root, {
      signal,
      onProgress: progress.update,
      ...(workers && { workers }),
    })
    const bytes = buildTorrent(plan, hashes, {
      trackers: (flags.tracker ?? []).map(url => [url]),
      webSeeds: flags.webSeed ?? [],
      isPrivate: flags.private ?? false,
      source: flags.source ?? null,
      comment: flags.comment ?? null,
      createdBy: CREATED_BY,
      creationDate: Math.floor(Date.now() / 1000),
    })
    return { bytes, torrent: parseTorrentFile(bytes, nodeDigest), folder: dirname(root) }
  } finally {
    progress.close()
  }
}
