import { BLOCK_LENGTH } from './geometry.ts'

/** Between this and twice as many pieces are aimed at: few hashes, and yet something to share early. */
const TARGET_PIECES = 1024
/** Larger pieces take long until the first of them can be shared. */
const LARGEST = 16 * 1024 * 1024

/** A power of two from 16 KiB to 16 MiB, from the bytes of all files. */
export function choosePieceLength(totalLength: number): number {
  let length = BLOCK_LENGTH
  while (length < LARGEST && totalLength / length >= 2 * TARGET_PIECES) length *= 2
  return length
}
