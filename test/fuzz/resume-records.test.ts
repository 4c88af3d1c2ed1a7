import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import fc from 'fast-check'
import { Bitfield } from '../../src/core/bitfield.ts'
import { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { ResumeLog } from '../../src/storage/resume-log.ts'
import { infoOf } from '../contract/storage/made-torrents.ts'

/** FUZZ_RUNS sets how many inputs are tried for each question. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 1_000)

const PATH = 'torrents/x/resume.log'
const INFO = infoOf({ a: 150_000, b: 170_000, empty: 0 })
const { pieceCount, pieceLength } = INFO.geometry
const LOOK = { length: 1, mtimeNs: 2n, ino: 3n, dev: 4n }

/** Opens a log of these bytes; what cannot be believed is put aside, whatever it is. */
async function open(bytes: Uint8Array): Promise<ResumeLog> {
  const files = new MemoryStateFiles()
  files.files.set(PATH, { bytes, syncedLength: bytes.length })
  return ResumeLog.open({ files, path: PATH, info: INFO, inspect: async () => INFO.files.map(() => LOOK) })
}

/** Two sessions: pieces written, synced, lost, spilled, and written again. */
async function realLog(): Promise<Uint8Array> {
  const files = new MemoryStateFiles()
  const options = { files, path: PATH, info: INFO, inspect: async () => INFO.files.map(() => LOOK) }
  const first = await ResumeLog.open(options)
  await first.checked(new Bitfield(pieceCount))
  for (const piece of [0, 1, 2, 3]) first.pieceWritten(piece, pieceLength)
  await first.commit(async () => undefined)
  first.counters(5, 6)
  await first.close()
  const second = await ResumeLog.open(options)
  second.pieceLost(1)
  const blocks = new Bitfield(INFO.geometry.blockCount(6))
  blocks.set(0)
  second.blocksSpilled(6, blocks)
  second.pieceWritten(5, pieceLength)
  await second.commit(async () => undefined)
  second.pieceWritten(4, pieceLength)
  await second.close()
  return files.files.get(PATH)!.bytes
}

suite('a resume log', () => {
  it('of any bytes is read, and never says what nobody wrote', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async bytes => {
        const { restored } = await open(bytes)
        assert.equal(restored?.synced.count ?? 0, 0)
      }),
      { numRuns },
    )
  })

  it('that was damaged believes no piece that was not synced, or that was lost', async () => {
    const whole = await realLog()
    const intact = (await open(whole)).restored!
    assert.deepEqual([...intact.synced], [0, 2, 3, 5])
    let believed = 0
    const damage = fc.record({
      flips: fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })), { maxLength: 3 }),
      cut: fc.nat(whole.length),
      isCut: fc.boolean(),
      more: fc.uint8Array({ maxLength: 20 }),
    })
    await fc.assert(
      fc.asyncProperty(damage, async ({ flips, cut, isCut, more }) => {
        const bytes = whole.slice()
        for (const [at, bits] of flips) bytes[at]! ^= bits
        const { restored } = await open(Uint8Array.of(...(isCut ? bytes.subarray(0, cut) : bytes), ...more))
        if (!restored) return
        if (restored.synced.count > 0) believed++
        // What was lost later is believed only where the log ends before it: so it was at that moment, and an
        // append that was never synced may be missing.
        const wasEver = new Set([0, 1, 2, 3, 5])
        for (const piece of restored.synced) assert.ok(wasEver.has(piece), `${piece}`)
        for (const piece of restored.unsure) assert.ok(piece < pieceCount)
        for (const [piece, blocks] of restored.spilled)
          assert.equal(blocks.length, INFO.geometry.blockCount(piece))
        for (const count of [restored.uploaded, restored.downloaded]) assert.ok(Number.isSafeInteger(count))
        if (isCut || flips.length === 0) return
        assert.ok(!restored.synced.has(1), 'damage in the middle may have swallowed that it was lost')
      }),
      { numRuns },
    )
    assert.ok(believed > numRuns / 20, `${believed}: nothing was tried`)
  })
})
