/** A session for as long as a command needs it: opened, reported on, and closed in good order whatever happens. */

import { once } from 'node:events'
import type { Alert } from '../client/alerts.ts'
import type { SessionOptions } from '../client/session-options.ts'
import type { Slowness } from '../client/slowness.ts'
import type { TorrentStatus } from '../client/torrent-status.ts'
import { formatAddress } from '../core/address.ts'
import { printable } from '../core/printable.ts'
import type { CliSession, CliTorrent } from './cli-session.ts'
import type { CommandContext } from './command-context.ts'
import type { Output } from './output.ts'
import { AlertReporter } from './alert-reporter.ts'
import { progressEvent } from './progress-event.ts'
import { type Paint, progressLine, progressView } from './progress-text.ts'
import { Ticker } from './ticker.ts'
import { hashFields } from './torrent-facts.ts'

export interface SessionRun {
  readonly session: CliSession
  readonly report: RunReport
}

/** What a command tells while its session runs. */
export interface RunReport {
  /** The torrent is in the session; `more` goes into the JSON event. */
  ready(torrent: CliTorrent, more: Readonly<Record<string, unknown>>): void
  /** How it stands before the result is told. */
  tellLast(): void
  /** Waits for Ctrl-C, or until a torrent has given enough. */
  untilEnough(): Promise<void>
}

export async function withSession(
  { environment, output, signal }: CommandContext,
  options: SessionOptions,
  action: (run: SessionRun) => Promise<void>,
): Promise<void> {
  const session = await environment.openSession(options)
  const enough = Promise.withResolvers<void>()
  const heard = ({ type }: Alert): void => {
    if (type === 'goal-reached') enough.resolve()
  }
  const alerts = new AlertReporter({ session, output, heard })
  const torrents: CliTorrent[] = []
  const ticker = tickerOf(torrents, output)
  const report: RunReport = {
    ready(torrent, more) {
      const listening = session.listening.map(formatAddress)
      const { name } = torrent.status()
      output.event({
        type: 'ready',
        listening,
        torrent: torrent.id,
        name,
        ...hashFields(torrent.infoHashes),
        ...more,
      })
      output.say(`${printable(name)}: listening for peers at ${listening.join(', ') || 'no address'}`)
      torrents.push(torrent)
      if (output.isLive) ticker.tell()
    },
    tellLast: () => {
      // A line says less than the result that follows it.
      if (output.isJson || output.isLive) ticker.tell()
    },
    untilEnough: () => Promise.race([untilAborted(signal), enough.promise]),
  }
  try {
    signal.throwIfAborted()
    await action({ session, report })
  } finally {
    ticker.stop()
    await session.close()
    await alerts.close()
  }
}

function tickerOf(torrents: readonly CliTorrent[], output: Output): Ticker {
  const paint: Paint = (style, text) => output.style(style, text)
  return new Ticker({
    output,
    view: columns =>
      torrents.flatMap(torrent => {
        const status = torrent.status()
        const why = whyStill(torrent, status)?.message ?? null
        return progressView(status, torrent.pieceMap(), columns, paint, why)
      }),
    standings: () =>
      torrents.map(torrent => {
        const status = torrent.status()
        const why = whyStill(torrent, status)
        return {
          key: torrent.id,
          line: progressLine(status, why?.message ?? null),
          event: progressEvent(status, why),
        }
      }),
  })
}

/** What holds up a download that stands still; null where it moves, or waits for something that its state says. */
function whyStill(torrent: CliTorrent, { state, error, downloadRate }: TorrentStatus): Slowness | null {
  if (error || downloadRate > 0 || (state !== 'downloading' && state !== 'fetching-metadata')) return null
  return torrent.explain()[0] ?? null
}

export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
