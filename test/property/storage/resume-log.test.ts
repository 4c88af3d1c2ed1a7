import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MemoryStateFiles } from '../../../src/storage/memory-state-files.ts'
import { ResumeLog } from '../../../src/storage/resume-log.ts'
import { infoOf } from '../../contract/storage/made-torrents.ts'

const INFO = infoOf({ a: 150_000, b: 170_000 })
const PIECES = INFO.geometry.pieceCount

type Step =
  | { readonly do: 'write'; readonly piece: number }
  | { readonly do: 'lose'; readonly piece: number }
  | { readonly do: 'commit'; readonly isFailing: boolean; readonly during: number }
  | { readonly do: 'reopen' }
  | { readonly do: 'power'; readonly kept: number }
  | { readonly do: 'wait' }

const piece = fc.nat(PIECES - 1)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: piece.map((piece): Step => ({ do: 'write', piece })) },
    piece.map((piece): Step => ({ do: 'lose', piece })),
    fc.tuple(fc.boolean(), piece).map(([isFailing, during]): Step => ({ do: 'commit', isFailing, during })),
    fc.constant<Step>({ do: 'reopen' }),
    fc.nat(200).map((kept): Step => ({ do: 'power', kept })),
    fc.constant<Step>({ do: 'wait' }),
  ),
  { maxLength: 40 },
)

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

test('a piece that is believed was synced after it was last written, whatever the power does', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async steps => {
      const files = new MemoryStateFiles()
      const open = () => ResumeLog.open({ files, path: 'log', info: INFO, inspect: async () => [] })
      let log = await open()
      /** Pieces whose bytes are on the disk itself, and those that are only in the system's memory. */
      const onDisk = new Set<number>()
      const inMemory = new Set<number>()
      const write = (piece: number): void => {
        if (onDisk.has(piece)) return // Nobody writes over what is good.
        inMemory.add(piece)
        log.pieceWritten(piece, 1)
      }
      for (const step of steps) {
        if (step.do === 'write') write(step.piece)
        else if (step.do === 'lose') {
          log.pieceLost(step.piece)
          await settled() // Until it is fetched again.
          onDisk.delete(step.piece)
        } else if (step.do === 'wait') await settled()
        else if (step.do === 'commit') {
          const sync = async (): Promise<void> => {
            const written = [...inMemory]
            write(step.during)
            if (step.isFailing) {
              inMemory.clear()
              throw new Error('EIO')
            }
            for (const piece of written) if (piece !== step.during) onDisk.add(piece)
          }
          await log.commit(sync).catch(() => undefined)
        } else {
          await settled()
          if (step.do === 'power') {
            files.cutPower(unsynced => Math.min(unsynced, step.kept))
            inMemory.clear()
          }
          log = await open()
          for (const piece of log.restored?.synced ?? []) {
            assert.ok(onDisk.has(piece), `piece ${piece} is believed and not on the disk`)
          }
        }
      }
    }),
    { numRuns: 300 },
  )
})

test('what was committed is never forgotten', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uniqueArray(piece), { maxLength: 8 }),
      fc.nat(200),
      async (commits, kept) => {
        const files = new MemoryStateFiles()
        const open = () => ResumeLog.open({ files, path: 'log', info: INFO, inspect: async () => [] })
        const committed = new Set<number>()
        let log = await open()
        for (const pieces of commits) {
          for (const piece of pieces) log.pieceWritten(piece, 1)
          await log.commit(async () => undefined)
          for (const piece of pieces) committed.add(piece)
          files.cutPower(unsynced => Math.min(unsynced, kept))
          log = await open()
          const found = new Set(log.restored?.synced ?? [])
          assert.deepEqual(found, committed)
        }
      },
    ),
    { numRuns: 100 },
  )
})
