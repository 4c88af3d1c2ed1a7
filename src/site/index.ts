/** Hosting torrent files on the web: `shoal/site`. */

export { Catalog, type HostedTorrent, type Publication } from './catalog.ts'
export type { SwarmCounts } from './pages.ts'
export { requestListener } from './request-listener.ts'
export { createSite, type Site, type SiteOptions } from './site.ts'
