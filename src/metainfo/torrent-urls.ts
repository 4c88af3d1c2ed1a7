import { asList, asText, type Bencode, type BencodeDict } from '../bencode/bencode.ts'
import { METAINFO_LIMITS } from './limits.ts'
import type { Warnings } from './warning.ts'

/** Trackers are asked over these; a torrent's other URLs are never opened. */
export const TRACKER_PROTOCOLS = ['http:', 'https:', 'udp:', 'ws:', 'wss:']

/** BEP 12: `announce-list` where it has anything, else `announce`. A URL that is there twice counts once. */
export function readTiers(file: BencodeDict, warnings: Warnings): string[][] {
  const known = new Set<string>()
  const tiers: string[][] = []
  for (const tier of asList(file.get('announce-list')) ?? []) {
    const limit = METAINFO_LIMITS.trackers - known.size
    const urls = readUrls(tier, TRACKER_PROTOCOLS, limit, 'tracker', warnings).filter(url => !known.has(url))
    for (const url of urls) known.add(url)
    if (urls.length > 0) tiers.push(urls)
  }
  if (tiers.length > 0) return tiers
  const only = readUrls(file.get('announce'), TRACKER_PROTOCOLS, 1, 'tracker', warnings)
  return only.length > 0 ? [only] : []
}

/** One URL or a list of them, trimmed, each once; anything else is left out, with a warning. */
export function readUrls(
  value: Bencode | undefined,
  protocols: readonly string[],
  limit: number,
  kind: 'tracker' | 'web-seed',
  warnings: Warnings,
): string[] {
  const urls = new Set<string>()
  for (const entry of asList(value) ?? (value === undefined ? [] : [value])) {
    const text = asText(entry)?.trim() ?? null
    if (text === '') continue
    const url = text === null ? null : usableUrl(text, protocols)
    if (url === null) warnings.add(`${kind}-invalid`, `a ${kind} of the torrent has no URL that can be used`)
    else if (urls.size < limit) urls.add(url)
    else if (!urls.has(url))
      warnings.add(`too-many-${kind}s`, `more than ${limit} ${kind}s; the rest is left out`)
  }
  return [...urls]
}

/** The text itself where it is a URL of one of the protocols, spaces in it escaped; else null. */
export function usableUrl(text: string, protocols: readonly string[]): string | null {
  if (text.length > METAINFO_LIMITS.urlLength || !URL.canParse(text)) return null
  const { protocol, hostname } = new URL(text)
  if (!protocols.includes(protocol) || hostname === '') return null
  return text.replaceAll(' ', '%20')
}
