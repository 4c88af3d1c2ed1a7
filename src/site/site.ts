/** The web server of torrent files, as a function from request to response; who listens is not its business. */

import { createHash } from 'node:crypto'
import { type Context, Hono } from 'hono'
import type { Catalog, HostedTorrent } from './catalog.ts'
import { contentDisposition } from './content-disposition.ts'
import { hasEntityTag } from './entity-tag.ts'
import { listPage, notFoundPage, type SwarmCounts } from './pages.ts'
import { STYLE } from './style.ts'

export interface SiteOptions {
  readonly catalog: Catalog
  /** Over the list, and in the browser's tab. */
  readonly title?: string
  /** Of the tracker beside it; asked for at each page, because its port may not be known before it is open. */
  readonly announceUrl?: () => string | null
  /** What the tracker knows of a torrent's swarm; null where it knows nothing. */
  readonly countsOf?: (torrent: HostedTorrent) => SwarmCounts | null
}

export interface Site {
  fetch(request: Request): Promise<Response>
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#00889e" d="M1 8c3-4 8-4 11-1l3-2v6l-3-2c-3 3-8 3-11-1z"/></svg>`

/** No script, nothing from elsewhere, in nobody's frame. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
}

export function createSite({ catalog, title = 'shoal', announceUrl, countsOf }: SiteOptions): Site {
  const site = new Hono()
  site.use(async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.header(name, value)
  })
  site.get('/', context => {
    const torrents = catalog.list().map(torrent => ({ torrent, counts: countsOf?.(torrent) ?? null }))
    context.header('cache-control', 'no-cache')
    return context.html(listPage({ title, announceUrl: announceUrl?.() ?? null, torrents }))
  })
  site.get('/torrents/:file', context => {
    const torrent = catalog.find(context.req.param('file').replace(/\.torrent$/i, ''))
    return torrent ? sendTorrentFile(context, torrent) : context.notFound()
  })
  site.get('/style.css', context => sendAsset(context, STYLE, 'text/css; charset=utf-8'))
  site.get('/icon.svg', context => sendAsset(context, ICON, 'image/svg+xml'))
  for (const path of ['/', '/torrents/:file', '/style.css', '/icon.svg']) {
    site.all(path, context => context.text('Only GET and HEAD work here.\n', 405, { allow: 'GET, HEAD' }))
  }
  site.notFound(context => context.html(notFoundPage(title), 404))
  return { fetch: async request => site.fetch(request) }
}

/** Other forms of the info-hash lead to the canonical one, and stay there. */
function sendTorrentFile(context: Context, torrent: HostedTorrent): Response {
  const path = `/torrents/${torrent.id}.torrent`
  if (context.req.path !== path) return context.redirect(path, 301)
  const bytes = torrent.torrentFile
  return sendTagged(context, bytes, torrent.entityTag, {
    'content-type': 'application/x-bittorrent',
    'content-disposition': contentDisposition(torrent.name),
    // The info-hash never changes its meaning, but trackers beside it may.
    'cache-control': 'public, max-age=300, must-revalidate',
  })
}

function sendAsset(context: Context, text: string, type: string): Response {
  const tag = `"${createHash('sha256').update(text).digest('base64url')}"`
  return sendTagged(context, new TextEncoder().encode(text), tag, {
    'content-type': type,
    'cache-control': 'public, max-age=3600',
  })
}

function sendTagged(
  context: Context,
  bytes: Uint8Array,
  tag: string,
  headers: Readonly<Record<string, string>>,
): Response {
  if (hasEntityTag(context.req.header('if-none-match'), tag)) {
    return context.body(null, 304, { etag: tag, 'cache-control': headers['cache-control']! })
  }
  return context.body(bytes as Uint8Array<ArrayBuffer>, 200, {
    ...headers,
    etag: tag,
    'content-length': String(bytes.length),
  })
}
