import { closeSync, openSync, readSync, statSync } from 'node:fs'

const STEP = 2 ** 20

/** Throws where the two files differ. */
export function assertSameContent(expected: string, got: string): void {
  if (statSync(got).size !== statSync(expected).size)
    throw new Error(`${got} has another length than what was sent`)
  const files = [openSync(expected, 'r'), openSync(got, 'r')] as const
  const buffers = [Buffer.alloc(STEP), Buffer.alloc(STEP)] as const
  try {
    for (let offset = 0; ; offset += STEP) {
      const length = readSync(files[0], buffers[0], 0, STEP, offset)
      if (length === 0) return
      readSync(files[1], buffers[1], 0, length, offset)
      if (!buffers[0].subarray(0, length).equals(buffers[1].subarray(0, length))) {
        throw new Error(`${got} differs from what was sent, at ${offset} or behind`)
      }
    }
  } finally {
    for (const file of files) closeSync(file)
  }
}
