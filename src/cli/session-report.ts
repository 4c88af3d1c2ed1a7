/** Tells how a session's torrents are doing while a command waits: a view, plain lines or JSON, as it may be. */

import { formatHex } from '../core/bytes.ts'
import type { InfoHashes } from '../core/ids.ts'
import { alertEvent, alertNews } from './alert-text.ts'
import type { CliSession, CliTorrent } from './cli-session.ts'
import type { JsonEvent, Output } from './output.ts'
import { progressLine, progressView } from './progress-text.ts'

const VIEW_INTERVAL = 250
const JSON_INTERVAL = 1000
const LINE_INTERVAL = 10_000

export class SessionReport {
  readonly #output: Output
  readonly #torrents: CliTorrent[] = []
  readonly #stop = new AbortController()
  readonly #alerts: Promise<void>
  /** What each tracker was reported to complain of, so that a tracker that stays away is not news each time. */
  readonly #complaints = new Map<string, string>()
  /** The last progress of each torrent: what has not changed is not told again. */
  readonly #told = new Map<string, string>()
  readonly #timer: NodeJS.Timeout

  constructor(options: { session: CliSession; output: Output }) {
    this.#output = options.output
    this.#alerts = this.#follow(options.session)
    const { isJson, isLive } = options.output
    this.#timer = setInterval(
      () => this.tell(),
      isJson ? JSON_INTERVAL : isLive ? VIEW_INTERVAL : LINE_INTERVAL,
    )
  }

  add(torrent: CliTorrent): void {
    this.#torrents.push(torrent)
    if (this.#output.isLive) this.tell()
  }

  /** How it stands now, without waiting for the next time. */
  tell(): void {
    if (this.#output.isLive) return this.#draw()
    for (const torrent of this.#torrents) {
      const status = torrent.status()
      const event = progressEvent(torrent)
      const told = this.#output.isJson ? JSON.stringify(event) : progressLine(status)
      if (this.#told.get(torrent.id) === told) continue
      this.#told.set(torrent.id, told)
      this.#output.event(event)
      this.#output.say(told)
    }
  }

  /** No more progress, but the alerts of closing down are still told until the session ends their stream. */
  rest(): void {
    clearInterval(this.#timer)
    this.#output.settleView()
  }

  async close(): Promise<void> {
    this.rest()
    this.#stop.abort()
    await this.#alerts
  }

  #draw(): void {
    const paint = this.#output.style.bind(this.#output)
    const columns = this.#output.columns
    this.#output.draw(
      this.#torrents.flatMap(torrent => progressView(torrent.status(), torrent.pieceMap(), columns, paint)),
    )
  }

  async #follow(session: CliSession): Promise<void> {
    try {
      for await (const alert of session.alerts({ signal: this.#stop.signal })) {
        this.#output.event(alertEvent(alert))
        if (alert.type === 'tracker-answered') this.#complaints.delete(alert.tracker)
        if (alert.type === 'tracker-failed') {
          if (this.#complaints.get(alert.tracker) === alert.error.message) continue
          this.#complaints.set(alert.tracker, alert.error.message)
        }
        const news = alertNews(alert)
        if (news?.tone === 'warning') this.#output.warn(news.text)
        else if (news) this.#output.say(news.text)
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error
    }
  }
}

export function progressEvent(torrent: CliTorrent): JsonEvent {
  const status = torrent.status()
  return {
    type: 'progress',
    torrent: status.id,
    name: status.name,
    state: status.state,
    wantedLength: status.wantedLength,
    verifiedLength: status.verifiedLength,
    totalLength: status.totalLength,
    pieces: status.pieces,
    verifiedPieces: status.verifiedPieces,
    checkedPieces: status.checkedPieces,
    downloaded: status.downloaded,
    uploaded: status.uploaded,
    wasted: status.wasted,
    downloadRate: Math.round(status.downloadRate),
    uploadRate: Math.round(status.uploadRate),
    peers: status.peers,
    seeds: status.seeds,
    knownPeers: status.knownPeers,
    etaSeconds: status.etaSeconds === null ? null : Math.round(status.etaSeconds),
    error: status.error === null ? null : { code: status.error.code, message: status.error.message },
  }
}

/** `infoHashV1` and `infoHashV2` in hex, null for the one that is not there. */
export function hashFields(hashes: InfoHashes): { infoHashV1: string | null; infoHashV2: string | null } {
  return {
    infoHashV1: hashes.v1 ? formatHex(hashes.v1) : null,
    infoHashV2: hashes.v2 ? formatHex(hashes.v2) : null,
  }
}
