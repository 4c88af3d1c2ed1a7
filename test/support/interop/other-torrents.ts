/** Torrent files made by programs of others (v1). */

import { join } from 'node:path'
import { run } from '../programs.ts'
import type { Scene } from './scene.ts'

interface Making {
  /** The file or folder. */
  readonly content: string
  readonly tracker: string
  readonly pieceLength: number
}

export function makeMktorrent(scene: Scene, { content, tracker, pieceLength }: Making): string {
  const torrent = join(scene.folder('torrent of mktorrent'), 'made by mktorrent.torrent')
  run('mktorrent', ['-l', String(Math.log2(pieceLength)), '-a', tracker, '-o', torrent, content])
  return torrent
}

/** Transmission leaves empty files out. */
export function makeTransmissionTorrent(scene: Scene, { content, tracker, pieceLength }: Making): string {
  const torrent = join(scene.folder('torrent of transmission'), 'made by transmission.torrent')
  run('transmission-create', ['-s', String(pieceLength / 1024), '-t', tracker, '-o', torrent, content])
  return torrent
}
