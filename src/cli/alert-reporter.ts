/** Tells what happens in a session, as it happens. */

import { alertEvent, alertNews } from './alert-text.ts'
import type { Alert } from '../client/alerts.ts'
import type { CliSession } from './cli-session.ts'
import type { Output } from './output.ts'

export class AlertReporter {
  readonly #output: Output
  readonly #heard: (alert: Alert) => void
  readonly #stop = new AbortController()
  readonly #end: Promise<void>
  /** What each tracker was reported to complain of. Bounded by the trackers of the session's torrents. */
  readonly #complaints = new Map<string, string>()

  /** `heard`: told of each, after people and programs. */
  constructor(options: { session: CliSession; output: Output; heard?: (alert: Alert) => void }) {
    this.#output = options.output
    this.#heard = options.heard ?? (() => undefined)
    this.#end = this.#follow(options.session)
    // Told by `close`, which everybody calls.
    this.#end.catch(() => {})
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#end
  }

  async #follow(session: CliSession): Promise<void> {
    try {
      for await (const alert of session.alerts({ signal: this.#stop.signal })) {
        this.#tell(alert)
        this.#heard(alert)
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error
    }
  }

  #tell(alert: Alert): void {
    this.#output.event(alertEvent(alert))
    if (this.#isOldNews(alert)) return
    const news = alertNews(alert)
    if (news?.tone === 'warning') this.#output.warn(news.text)
    else if (news) this.#output.say(news.text)
  }

  /** A tracker that stays away for the same reason is news once. */
  #isOldNews(alert: Alert): boolean {
    if (alert.type === 'tracker-answered') this.#complaints.delete(alert.tracker)
    if (alert.type !== 'tracker-failed') return false
    const isKnown = this.#complaints.get(alert.tracker) === alert.error.message
    this.#complaints.set(alert.tracker, alert.error.message)
    return isKnown
  }
}
