import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LimitCase, runLimitCase } from './limit-case.ts'

const KIB = 1024
const MIB = 1024 * KIB
const TOLERANCE = 0.03

const LIMITS = [100 * KIB, MIB, 10 * MIB, 100 * MIB]
const PEERS = [1, 5, 50]
const WAYS = ['up', 'down'] as const
const WHOSE = ['session', 'torrent', 'class'] as const

/** Limits below are cheap to try. */
const CHEAP = MIB
/** Of the others these, all corners among them; `SHOAL_LIMITS_GRID=all` tries all. */
const COSTLY = new Set([
  '10 5 up torrent',
  '10 50 down class',
  '10 1 down session',
  '100 1 up session',
  '100 1 down torrent',
  '100 50 up class',
  '100 50 down session',
])

const isTriedWhole = process.env['SHOAL_LIMITS_GRID'] === 'all'

for (const limit of LIMITS) {
  for (const peers of PEERS) {
    for (const way of WAYS) {
      for (const whose of WHOSE) {
        const isTried =
          isTriedWhole || limit <= CHEAP || COSTLY.has(`${limit / MIB} ${peers} ${way} ${whose}`)
        if (isTried) holds({ limit, peers, way, whose, room: roomFor({ limit, peers, way, whose }) })
      }
    }
  }
}

/**
 * Of 50 who download, the usual eight could use up a third of the limit, so that more have to be opened. Of those whose line
 * has 4 KiB/s each, that shows too late for five seconds: there eight can use up all.
 */
function roomFor({ limit, peers, way }: Omit<LimitCase, 'room'>): number {
  return limit < MIB && peers === 50 && way === 'up' ? 8 : 2
}

function holds(of: LimitCase): void {
  const name = `${of.limit / KIB} KiB/s ${of.way} of a ${of.whose} with ${of.peers} peers`
  test(`a limit holds within 3 %: ${name}`, async () => {
    const { share } = await runLimitCase(of)
    assert.ok(Math.abs(share - 1) <= TOLERANCE, `${(100 * share).toFixed(2)} % of the limit`)
  })
}
