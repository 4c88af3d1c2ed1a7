import { printable } from '../core/printable.ts'

/**
 * A URL as it may be shown and logged: without credentials, without its query, and with what looks like a passkey in
 * its path (16 letters and digits or more) left out.
 */
export function redactUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || url.host === '') return printable(text.slice(0, 80))
  const path = url.pathname.split('/').map(part => (/^[A-Za-z0-9_-]{16,}$/.test(part) ? '…' : part))
  return printable(
    `${url.protocol}//${url.host}${path.join('/')}${url.search === '' ? '' : '?…'}`.slice(0, 300),
  )
}
