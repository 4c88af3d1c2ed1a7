import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const PAGE = 4096
/** One page of so many stays taken: 512 KiB. What is given back comes in blocks of 2 MiB at least. */
const PAGES = 128

/**
 * Has the machine keep so much free memory (bytes) as long as `folder` is there, which is in memory. A virtual machine gives
 * memory that lay idle for two seconds back to its host (free page reporting), in whole blocks, and to get it again costs
 * two to three times as much as to write it: who needs three seconds instead of two would be measured as slower by more
 * than that. So as much is written, and then given free but for a page in each block.
 */
export function warmMemory(folder: string, length: number): void {
  const passing = join(folder, 'warm')
  const rest = new Uint8Array((PAGES - 1) * PAGE).fill(1)
  const [free, held] = [openSync(passing, 'w'), openSync(join(folder, 'held'), 'w')]
  try {
    for (let at = 0; at < length; at += PAGES * PAGE) {
      writeSync(free, rest)
      writeSync(held, rest, 0, PAGE)
    }
  } finally {
    closeSync(free)
    closeSync(held)
    rmSync(passing)
  }
}
