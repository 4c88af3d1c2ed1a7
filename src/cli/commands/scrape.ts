/** `shoal scrape TORRENT|MAGNET|URL`: how many have a torrent and want it, as its trackers say. */

import type { Command } from 'commander'
import { equalBytes } from '../../core/bytes.ts'
import { BitTorrentError, TrackerError, UsageError } from '../../core/errors.ts'
import { type InfoHashes, type SwarmKey, swarmKeys } from '../../core/ids.ts'
import { printable } from '../../core/printable.ts'
import type { ScrapeEntry } from '../../tracker/announce.ts'
import type { CliSession } from '../cli-session.ts'
import type { CommandContext, RunCommand } from '../command-context.ts'
import { EXIT_DONE, EXIT_FAILED, type ExitCode } from '../exit-code.ts'
import { type LoadedSource, loadSource } from '../load-source.ts'
import { listOption, readDuration, readTrackerUrl, valueOption } from '../option-parsers.ts'
import type { Output } from '../output.ts'
import { padEnd, padStart, textWidth } from '../text-layout.ts'
import { hashFields } from '../torrent-facts.ts'

interface ScrapeFlags {
  readonly tracker?: readonly string[]
  readonly timeout?: number
}

/** Of one tracker: what it says of each swarm, or why it says nothing. */
interface Answer {
  readonly tracker: string
  readonly swarms: readonly ScrapeEntry[]
  readonly error: BitTorrentError | null
}

const USUAL_PATIENCE_SECONDS = 15

export function addScrapeCommand(program: Command, run: RunCommand): void {
  program
    .command('scrape')
    .argument('<TORRENT>', 'a torrent file, a magnet link or the URL of a torrent file')
    .summary('ask trackers how many have a torrent')
    .description('Asks the trackers of a torrent how many have it, want it and completed it.')
    .addOption(listOption('--tracker <URL>', 'ask this tracker too; several times for more', readTrackerUrl))
    .addOption(
      valueOption(
        '--timeout <TIME>',
        `wait no longer for an answer (default: ${USUAL_PATIENCE_SECONDS}s)`,
        readDuration,
      ),
    )
    .option('--json', 'print JSON')
    .action((source: string, flags: ScrapeFlags) => run(context => scrape(context, source, flags)))
}

async function scrape(context: CommandContext, text: string, flags: ScrapeFlags): Promise<ExitCode> {
  const { output, signal } = context
  const source = await loadSource(text, context)
  const { name, hashes, trackers } = factsOf(source)
  const urls = [...new Set([...trackers, ...(flags.tracker ?? [])])]
  if (urls.length === 0)
    throw new UsageError(
      'tracker-needed',
      'the torrent names no tracker: say which to ask with --tracker URL',
    )
  const patience = AbortSignal.timeout((flags.timeout ?? USUAL_PATIENCE_SECONDS) * 1000)
  const session = await context.environment.openSession({ listen: [] })
  try {
    const limit = AbortSignal.any([signal, patience])
    const answers = await Promise.all(urls.map(url => ask(session, url, swarmKeys(hashes), limit)))
    signal.throwIfAborted()
    tell(output, { name, hashes, answers })
    return answers.some(({ error }) => error === null) ? EXIT_DONE : EXIT_FAILED
  } finally {
    await session.close()
  }
}

function factsOf(source: LoadedSource): {
  name: string | null
  hashes: InfoHashes
  trackers: readonly string[]
} {
  if (source.kind === 'magnet') return source.magnet
  const { info, trackers } = source.torrent
  return { name: info.name, hashes: info.hashes, trackers: trackers.flat() }
}

async function ask(
  session: CliSession,
  tracker: string,
  keys: readonly SwarmKey[],
  signal: AbortSignal,
): Promise<Answer> {
  try {
    return { tracker, swarms: await session.scrape(tracker, keys, { signal }), error: null }
  } catch (error) {
    if (error instanceof BitTorrentError) return { tracker, swarms: [], error }
    if (!signal.aborted) throw error
    const late = new TrackerError('tracker-unreachable', 'it did not answer in time')
    return { tracker, swarms: [], error: late }
  }
}

function tell(
  output: Output,
  { name, hashes, answers }: { name: string | null; hashes: InfoHashes; answers: readonly Answer[] },
): void {
  output.event({
    type: 'done',
    name,
    ...hashFields(hashes),
    trackers: answers.map(({ tracker, swarms, error }) => ({
      tracker,
      swarms: swarms.map(({ infoHash, complete, incomplete, downloaded }) => ({
        version: versionOf(infoHash, hashes),
        seeds: complete,
        leeches: incomplete,
        completed: downloaded,
      })),
      error: error && { code: error.code, message: error.message },
    })),
  })
  if (name !== null) output.say(`${output.style('bold', printable(name))}\n`)
  for (const line of tableOf(answers, hashes)) output.say(line)
}

function tableOf(answers: readonly Answer[], hashes: InfoHashes): string[] {
  const isHybrid = hashes.v1 !== undefined && hashes.v2 !== undefined
  const rows = answers.flatMap(({ tracker, swarms, error }) => {
    const url = printable(tracker)
    if (error) return [[url, printable(error.message)]]
    if (swarms.length === 0) return [[url, 'does not know the torrent']]
    return swarms.map(({ infoHash, complete, incomplete, downloaded }) => [
      isHybrid ? `${url} (${versionOf(infoHash, hashes)})` : url,
      ...[complete, incomplete, downloaded].map(String),
    ])
  })
  const table = [['tracker', 'seeds', 'leeches', 'completed'], ...rows]
  const width = Math.max(...table.map(([tracker]) => textWidth(tracker!)))
  return table.map(([tracker, ...cells]) => {
    const rest = cells.length === 1 ? cells : cells.map(cell => padStart(cell, 'completed'.length))
    return [padEnd(tracker!, width), ...rest].join('  ')
  })
}

function versionOf(key: SwarmKey, { v1 }: InfoHashes): 'v1' | 'v2' {
  return v1 && equalBytes(key, v1) ? 'v1' : 'v2'
}
