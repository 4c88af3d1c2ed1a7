/** The pages of the site, as text. They work without JavaScript and have none. */

import { html } from 'hono/html'
import { printable } from '../core/printable.ts'
import { formatLength } from '../core/quantities.ts'
import type { HostedTorrent } from './catalog.ts'

/** How many peers of each kind the tracker knows. */
export interface SwarmCounts {
  readonly seeds: number
  readonly leeches: number
}

export interface ListedTorrent {
  readonly torrent: HostedTorrent
  /** Null where no tracker here knows. */
  readonly counts: SwarmCounts | null
}

type Html = ReturnType<typeof html>

export interface ListPageOptions {
  readonly title: string
  /** For people who want to publish elsewhere what this tracker tracks; null where there is none. */
  readonly announceUrl: string | null
  readonly torrents: readonly ListedTorrent[]
}

export function listPage({ title, announceUrl, torrents }: ListPageOptions): Html {
  const length = torrents.reduce((sum, { torrent }) => sum + torrent.length, 0)
  const summary =
    torrents.length === 0
      ? 'Nothing is hosted here yet.'
      : `${plural(torrents.length, 'torrent')}, ${formatLength(length)}.`
  return layout(
    title,
    html`
      <header>
        <h1>${title}</h1>
        <p>${summary}</p>
      </header>
      <main>${torrents.length === 0 ? emptyNotice() : torrentTable(torrents)}</main>
      ${announceUrl === null ? '' : html`<footer>Tracker: <code>${announceUrl}</code></footer>`}
    `,
  )
}

export function notFoundPage(title: string): Html {
  return layout(
    `Not found · ${title}`,
    html`
      <header>
        <h1>Not found</h1>
        <p>Nothing is hosted at this address.</p>
      </header>
      <main><p><a href="/">See what is hosted here</a></p></main>
    `,
  )
}

function layout(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <link rel="stylesheet" href="/style.css">
    <link rel="icon" href="/icon.svg" type="image/svg+xml">
  </head>
  <body>${body}</body>
</html>
`
}

function emptyNotice(): Html {
  return html`<p class="empty">As soon as a file or folder is published, its torrent appears here.</p>`
}

function torrentTable(torrents: readonly ListedTorrent[]): Html {
  return html`
    <table>
      <caption class="hidden">Hosted torrents</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" class="number">Size</th>
          <th scope="col" class="number">Files</th>
          <th scope="col" class="number">Seeds</th>
          <th scope="col" class="number">Leeches</th>
          <th scope="col">Get it</th>
        </tr>
      </thead>
      <tbody>${torrents.map(torrentRow)}</tbody>
    </table>
  `
}

function torrentRow({ torrent, counts }: ListedTorrent): Html {
  const name = printable(torrent.name)
  return html`
        <tr>
          <th scope="row"><bdi>${name}</bdi></th>
          <td class="number">${formatLength(torrent.length)}</td>
          <td class="number" data-unit="${torrent.fileCount === 1 ? 'file' : 'files'}">${torrent.fileCount}</td>
          <td class="number seeds" data-unit="seeds">${counts?.seeds ?? '–'}</td>
          <td class="number" data-unit="leeches">${counts?.leeches ?? '–'}</td>
          <td class="links">
            <a href="/torrents/${torrent.id}.torrent" download>Torrent file<span class="hidden"> of ${name}</span></a>
            <a href="${torrent.magnet}">Magnet link<span class="hidden"> of ${name}</span></a>
          </td>
        </tr>`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
