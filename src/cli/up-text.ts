/** What `shoal up` tells. */

import { relative } from 'node:path'
import { formatAddress } from '../core/address.ts'
import { printable } from '../core/printable.ts'
import { formatLength, formatRate } from '../core/quantities.ts'
import type { CliSession } from './cli-session.ts'
import type { CommandContext } from './command-context.ts'
import type { FolderNews, PublishedEntry } from './folder-publisher.ts'
import { alignPairs, truncateEnd } from './text-layout.ts'
import type { Standing } from './ticker.ts'
import type { UpTotals } from './up-figures.ts'
import type { UpPlaces } from './up-places.ts'

export interface UpReady {
  readonly places: UpPlaces
  readonly folder: string
  readonly isFirstStart: boolean
  readonly news: FolderNews
  readonly published: readonly PublishedEntry[]
  readonly session: CliSession
}

/** Where everything is, and on the first start what to try next: commands that work as they are pasted. */
export function tellReady(context: CommandContext, ready: UpReady): void {
  const { output, environment } = context
  const { places, folder, isFirstStart, news, published, session } = ready
  const listening = session.listening.map(formatAddress)
  const { announceUrl, localUrl, publicUrl } = places
  output.event({
    type: 'ready',
    listening,
    web: localUrl,
    public: publicUrl,
    announce: announceUrl,
    folder,
    torrents: published.map(entry => entryFields(entry, localUrl)),
  })
  output.say(
    alignPairs([
      ['Page', [output.style('bold', `${localUrl}/`), ...(publicUrl ? [`${publicUrl}/ for others`] : [])]],
      ['Tracker', announceUrl],
      [
        'Folder',
        `${printable(folder)} (${plural(published.length, 'torrent')}, ${formatLength(lengthOf(published))})`,
      ],
      ['Peers', listening.join(', ') || 'no address'],
    ]).join('\n'),
  )
  tellFaults(context, news)
  const [sample] = published
  if (isFirstStart && sample) {
    const name = environment.programName
    output.say(
      [
        '\nTry next, in another terminal:',
        `  ${name} get ${torrentUrl(sample, localUrl)} --dir downloads`,
        ...rescanLines(context, folder),
        'Stop with Ctrl-C.\n',
      ].join('\n'),
    )
  }
}

function rescanLines({ environment }: CommandContext, folder: string): string[] {
  const place = quoted(relative(environment.workingFolder, folder) || '.')
  const { rescanCommand } = environment
  if (rescanCommand === null)
    return [`Put files or folders into ${place} and start again: each becomes a torrent.`]
  return [`  cp -r ANYTHING ${place} && ${rescanCommand}`]
}

/** What a look into the folder has changed. */
export function tellNews(context: CommandContext, news: FolderNews): void {
  const { output } = context
  for (const entry of news.withdrawn) {
    output.event({ type: 'withdrawn', torrent: entry.id, name: entry.name })
    output.say(`Withdrawn: ${printable(entry.name)}`)
  }
  for (const entry of news.published) {
    output.event({ type: 'published', torrent: entry.id, name: entry.name, length: entry.length })
    output.say(`Published: ${printable(entry.name)} (${formatLength(entry.length)})`)
  }
  tellFaults(context, news)
  if (news.published.length + news.withdrawn.length + news.faults.length === 0)
    output.say('Nothing has changed.')
}

/** One line for all: there may be thousands of torrents. */
export function upView(totals: UpTotals, columns: number): string[] {
  return [truncateEnd(upLine(totals), columns)]
}

export function upStandings(totals: UpTotals): Standing[] {
  return [{ key: 'up', line: upLine(totals), event: { type: 'progress', ...totals } }]
}

function upLine({ torrents, uploaded, uploadRate, peers, seeds, leeches }: UpTotals): string {
  return [
    plural(torrents, 'torrent'),
    `↑ ${formatRate(uploadRate)}`,
    `${formatLength(uploaded)} sent`,
    plural(peers, 'peer'),
    `tracker: ${plural(seeds, 'seed')}, ${plural(leeches, 'leech', 'leeches')}`,
  ].join('   ')
}

function tellFaults({ output }: CommandContext, { faults }: FolderNews): void {
  for (const { code, message } of faults) {
    output.event({ type: 'warning', code, message })
    output.warn(printable(message))
  }
}

function entryFields(entry: PublishedEntry, localUrl: string): Record<string, unknown> {
  return { torrent: entry.id, name: entry.name, length: entry.length, url: torrentUrl(entry, localUrl) }
}

function torrentUrl({ id }: PublishedEntry, localUrl: string): string {
  return `${localUrl}/torrents/${id}.torrent`
}

function lengthOf(entries: readonly PublishedEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.length, 0)
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}

function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`
}
