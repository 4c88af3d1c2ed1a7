/** A session for as long as a command needs it: opened, reported on, and closed in good order whatever happens. */

import { once } from 'node:events'
import type { SessionOptions } from '../client/session-options.ts'
import { formatAddress } from '../core/address.ts'
import { printable } from '../core/printable.ts'
import type { CliSession, CliTorrent } from './cli-session.ts'
import type { CommandContext } from './command-context.ts'
import { hashFields, SessionReport } from './session-report.ts'

export interface SessionRun {
  readonly session: CliSession
  readonly report: RunReport
}

/** What a command tells while its session runs. */
export interface RunReport {
  /** The torrent is in the session; `more` goes into the JSON event. */
  ready(torrent: CliTorrent, more: Readonly<Record<string, unknown>>): void
  /** How it stands now. */
  tell(): void
  /** Waits for Ctrl-C. */
  untilInterrupted(): Promise<void>
}

export async function withSession(
  { environment, output, signal }: CommandContext,
  options: SessionOptions,
  action: (run: SessionRun) => Promise<void>,
): Promise<void> {
  const session = await environment.openSession(options)
  const progress = new SessionReport({ session, output })
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
      progress.add(torrent)
    },
    tell: () => progress.tell(),
    untilInterrupted: () => untilAborted(signal),
  }
  try {
    signal.throwIfAborted()
    await action({ session, report })
  } finally {
    progress.rest()
    await session.close()
    await progress.close()
  }
}

export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
