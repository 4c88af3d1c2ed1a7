import { statfsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CaseOptions, CaseResult } from './case-result.ts'
import { below, type Goal, figureRow } from './goal-row.ts'
import { formatMachine, thisMachine } from './machine.ts'
import { markdownTable } from './markdown-table.ts'
import { makeSparseContent } from './sparse-content.ts'
import { formatSpread, spreadOf } from './spread.ts'
import { transferOnce, type TransferSample } from './transfer.ts'
import { shoalProgram } from './transfer-programs.ts'

const GB = 1e9
const MIB = 2 ** 20
/** Of the torrent. */
const LENGTH = 200 * GB
const PIECE_LENGTH = 16 * MIB

const LEECH: Goal = { case: 'leech of 200 GB, peak memory, MB', wanted: below(150) }
const SEED: Goal = { case: 'seed of 200 GB, peak memory, MB', wanted: below(150) }

export interface SparseBenchOptions extends CaseOptions {
  /** So much is moved; the rest of the torrent is not. */
  readonly length: number
}

/** Measures what memory a torrent takes that is far larger than any: zeros in a sparse file, moved at full speed for a while. */
export async function benchSparse(options: SparseBenchOptions): Promise<CaseResult> {
  const { length: amount, rounds, folder, build } = options
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < 1.2 * amount) throw new Error(`${folder} has not room for ${amount} bytes`)
  const shoal = shoalProgram('shoal', resolve(build))
  const content = makeSparseContent(folder, LENGTH, PIECE_LENGTH)
  const samples: TransferSample[] = []
  try {
    for (let round = 0; round <= rounds; round++) {
      const sample = await transferOnce({ seed: shoal, leech: shoal }, content, { isCompared: false, amount })
      if (round > 0) samples.push(sample)
      const title = round === 0 ? 'warm-up' : `round ${round}/${rounds}`
      const { leech, seed } = sample
      console.error(`${title}  leech ${leech.peakMib.toFixed(0)} MiB, seed ${seed.peakMib.toFixed(0)} MiB`)
    }
  } finally {
    content.remove()
  }
  return report(options, samples)
}

function report(
  { length: amount, rounds, folder }: SparseBenchOptions,
  samples: TransferSample[],
): CaseResult {
  const machine = thisMachine()
  const megabytes = (side: 'leech' | 'seed') =>
    spreadOf(samples.map(sample => (sample[side].peakMib * MIB) / 1e6))
  const [leech, seed] = [megabytes('leech'), megabytes('seed')]
  const rate = spreadOf(samples.map(sample => sample.mibPerSecond))
  console.log(
    `\n${amount / MIB} MiB of a sparse file of ${LENGTH / GB} GB in ${folder}, ${PIECE_LENGTH / MIB} MiB pieces, shoal -> shoal, ${rounds} rounds: median (min-max)`,
  )
  const row = [formatSpread(rate, 0), formatSpread(leech, 0), formatSpread(seed, 0)]
  console.log(
    `${formatMachine(machine)}\n\n${markdownTable(['MiB/s', 'leech peak MB', 'seed peak MB'], [row])}`,
  )
  return {
    goals: [
      figureRow(LEECH, leech.median, `${leech.median.toFixed(0)} MB`),
      figureRow(SEED, seed.median, `${seed.median.toFixed(0)} MB`),
    ],
    measured: { machine, amount, rounds, length: LENGTH, pieceLength: PIECE_LENGTH, samples },
  }
}
