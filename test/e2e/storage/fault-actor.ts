/** A program that uses storage in a folder, step by step, and prints what it met. Arguments: folder, steps. */

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StorageError } from '../../../src/core/errors.ts'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { FileStorage } from '../../../src/storage/file-storage.ts'
import { WorkerStateFiles } from '../../../src/storage/worker-state-files.ts'
import { sharedBytes, torrentOf } from '../../contract/storage/stored-torrents.ts'

const [folder = '', ...steps] = process.argv.slice(2)
/** Two files of 1 MiB, and many of one piece each. */
const torrent = torrentOf([
  { path: 'big-0', length: 1 << 20 },
  { path: 'big-1', length: 1 << 20 },
  ...Array.from({ length: 200 }, (_, i) => ({ path: `small-${i}`, length: 32_768 })),
])
const FIRST_SMALL_PIECE = (2 << 20) / torrent.geometry.pieceLength

const workers = new DiskWorkers({ threads: 1 })
const filler = join(folder, 'filler')
writeFileSync(filler, new Uint8Array(300_000))
let storage = await FileStorage.open({ torrent, root: folder, workers })
const files = await WorkerStateFiles.open(workers, folder)

async function perform(step: string): Promise<string> {
  const [verb, first = '', second = ''] = step.split(' ')
  const path = join(folder, first)
  switch (verb) {
    case 'write':
      await eachPiece(Number(first), Number(second), (piece, bytes) => storage.write(piece, 0, [bytes]))
      return 'ok'
    case 'read':
      await eachPiece(Number(first), Number(second), (piece, bytes) => storage.read(piece, 0, [bytes]))
      return 'ok'
    case 'many':
      for (let i = 0; i < Number(first); i++)
        await storage.write(FIRST_SMALL_PIECE + i, 0, [sharedBytes(100)])
      for (let i = 0; i < Number(first); i++) await storage.read(FIRST_SMALL_PIECE + i, 0, [sharedBytes(100)])
      return 'ok'
    case 'sync':
      await storage.sync()
      return 'ok'
    case 'free':
      rmSync(filler)
      return 'ok'
    case 'lose-permission':
      chmodSync(folder, 0o500)
      // Root may do anything, so it stops being root; the worker that runs already does as well.
      if (process.getuid?.() === 0) process.seteuid?.(65_534)
      return 'ok'
    case 'remount-read-only':
      await storage.close() // A disk with files that are open for writing cannot be.
      storage = await FileStorage.open({ torrent, root: folder, workers })
      execFileSync('mount', ['-o', 'remount,ro', folder])
      return 'ok'
    case 'prepare':
      await storage.prepare()
      return 'ok'
    case 'unmount':
      mkdirSync(`${folder}-away`)
      execFileSync('mount', ['--bind', folder, `${folder}-away`])
      execFileSync('sh', ['-c', 'umount --lazy "$0"', folder])
      return 'ok'
    case 'mount':
      execFileSync('mount', ['--bind', `${folder}-away`, folder])
      return 'ok'
    case 'names':
      return readdirSync(folder).join(' ')
    case 'replace':
      await files.replace(path, sharedBytes(Number(second)))
      return 'ok'
    case 'append':
      await files.append(path, sharedBytes(Number(second)))
      return 'ok'
    case 'length':
      return String((await files.read(path))?.length)
    default:
      throw new Error(`no such step: ${step}`)
  }
}

/** Calls with the bytes of one of the big files, piece by piece. */
async function eachPiece(
  big: number,
  length: number,
  act: (piece: number, bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const { pieceLength } = torrent.geometry
  for (let at = 0; at < length; at += pieceLength) {
    await act((big * (1 << 20) + at) / pieceLength, sharedBytes(Math.min(pieceLength, length - at)))
  }
}

for (const step of steps) {
  try {
    console.log(await perform(step))
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    console.log(`${error.code} ${error.systemCode ?? ''}`)
  }
}
if (process.getuid?.() === 0) process.seteuid?.(0)
await storage.close()
await workers.close()
