/** What happens in a session: as a sentence for people where it concerns them, as an object for programs. */

import type { SeedingGoal } from '../client/seeding-goals.ts'
import type { Alert, AlertOf } from '../client/alerts.ts'
import { address, formatAddress, scopeOf } from '../core/address.ts'
import { BitTorrentError } from '../core/errors.ts'
import { printable } from '../core/printable.ts'
import { formatDuration, formatLength } from '../core/quantities.ts'
import type { JsonEvent } from './output.ts'

export interface AlertNews {
  readonly tone: 'plain' | 'warning'
  readonly text: string
}

/** Null for what only programs want to know: every piece, every peer that comes and goes. */
export function alertNews(alert: Alert): AlertNews | null {
  switch (alert.type) {
    case 'port-mapped':
      return alert.transport === 'tcp' ? mappedNews(alert) : null
    case 'port-mapping-failed':
      // Where there is no such router nobody misses it; `doctor` tells.
      return alert.error.code === 'port-map-refused' ? warning(printable(alert.error.message)) : null
    case 'metadata-received':
      return plain(`The metadata of ${printable(alert.name)} is here.`)
    case 'checked':
      // All or nothing shows in the progress; something in between is what an earlier run left.
      if (alert.good === 0 || alert.good === alert.pieces) return null
      return plain(`${alert.good} of ${alert.pieces} pieces are on disk already.`)
    case 'space-short':
      return warning(
        `${printable(alert.folder)} has ${formatLength(alert.free)} left, and ${formatLength(alert.needed)} are to come: free some space, or the download will wait for it`,
      )
    case 'link-failed':
      return warning(`a link of the torrent is left out: ${printable(alert.message)}`)
    case 'piece-failed':
      return warning(`piece ${alert.piece} arrived damaged; it is fetched again`)
    case 'piece-lost':
      return warning(`piece ${alert.piece} is damaged on the disk; it is fetched again`)
    case 'peer-banned':
      return warning(`${formatAddress(alert.address)} is not asked again: ${printable(alert.message)}`)
    case 'tracker-answered':
      return alert.warning === null
        ? null
        : warning(`${printable(alert.tracker)} says: ${printable(alert.warning)}`)
    case 'tracker-failed':
      return warning(`${printable(alert.error.message)}${retry(alert.retryInSeconds)}`)
    case 'torrent-error':
      return warning(
        `${printable(alert.error.message)}${alert.isWaiting ? '; it goes on as soon as that is mended' : ''}`,
      )
    case 'torrent-recovered':
      return plain('Going on.')
    case 'goal-reached':
      return plain(`Enough was given: ${GOALS[alert.goal]} is reached.`)
    default:
      return null
  }
}

function mappedNews({ externalHost, externalPort, gateway }: AlertOf<'port-mapped'>): AlertNews {
  if (externalHost === null) return plain(`The router ${gateway} forwards its port ${externalPort} to here.`)
  const at = formatAddress(address(externalHost, externalPort))
  return scopeOf(externalHost) === 'global'
    ? plain(`The router ${gateway} forwards ${at} to here.`)
    : warning(
        `the router ${gateway} forwards ${at} to here, but another router stands before it: nobody comes in from outside unless that one forwards the port, too`,
      )
}

const GOALS: Readonly<Record<SeedingGoal, string>> = {
  ratio: 'the ratio',
  seedingTime: 'the time to seed',
  idleTime: 'the time in which nobody takes anything',
}

/** The alert's own fields beside `"type":"alert"`; its type is called `alert`, addresses and errors are plain. */
export function alertEvent(alert: Alert): JsonEvent {
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(alert)) {
    if (name !== 'type') fields[name] = plainValue(value)
  }
  return { type: 'alert', alert: alert.type, ...fields }
}

function plainValue(value: unknown): unknown {
  if (value instanceof BitTorrentError) return { code: value.code, message: value.message }
  if (isAddress(value)) return formatAddress(value)
  return value
}

function isAddress(value: unknown): value is Parameters<typeof formatAddress>[0] {
  return (
    typeof value === 'object' && value !== null && 'host' in value && 'port' in value && 'family' in value
  )
}

function retry(seconds: number): string {
  return Number.isFinite(seconds) ? `; asked again in ${formatDuration(seconds)}` : ''
}

function plain(text: string): AlertNews {
  return { tone: 'plain', text }
}

function warning(text: string): AlertNews {
  return { tone: 'warning', text }
}
