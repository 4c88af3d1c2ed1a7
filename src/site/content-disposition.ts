/** The header that gives a download its file name (RFC 6266, RFC 8187). */

/** Long enough for every real name, short enough for every file system with `.torrent` at its end. */
const LONGEST_NAME = 150

/**
 * `attachment` with the name twice: in ASCII for old programs, in UTF-8 for all others. `name` may be anything that a
 * stranger wrote: line breaks, quotes, slashes and what cannot be seen do not reach the header.
 */
export function contentDisposition(name: string): string {
  const safe = name
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}/\\:*?"<>|]/gu, '_')
    .replace(/^\.+/, '_')
  const short = [...safe].slice(0, LONGEST_NAME).join('')
  const ascii = short.replace(/[^\x20-\x7e]|%/gu, '_')
  const encoded = encodeURIComponent(short).replace(
    /['()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  const header = `attachment; filename="${ascii}.torrent"`
  return ascii === short ? header : `${header}; filename*=UTF-8''${encoded}.torrent`
}
