/** TORRENT, MAGNET or URL, as the commands take them: whatever it is, it is read and checked here. */

import { open } from 'node:fs/promises'
import { FormatError, ProtocolError, StorageError, UsageError } from '../core/errors.ts'
import { METAINFO_LIMITS } from '../metainfo/limits.ts'
import { type Magnet, parseMagnet } from '../metainfo/magnet.ts'
import { parseTorrentFile, type TorrentFile } from '../metainfo/torrent-file.ts'
import { HttpFetcher } from '../net/fetch.ts'
import { nodeDigest } from '../net/node-digest.ts'
import { redactUrl } from '../net/redact-url.ts'
import { type CommandContext, pathOf } from './command-context.ts'

export type LoadedSource =
  | { readonly kind: 'torrent'; readonly bytes: Uint8Array; readonly torrent: TorrentFile }
  | { readonly kind: 'magnet'; readonly text: string; readonly magnet: Magnet }

interface LoadOptions {
  readonly signal: AbortSignal
  /** An address of this machine to fetch from. */
  readonly from: string | undefined
}

/** Throws `FormatError`s for what is no torrent, `StorageError` `torrent-unreadable`, and what fetching throws. */
export async function loadSource(
  source: string,
  context: CommandContext,
  options: { from?: string | undefined } = {},
): Promise<LoadedSource> {
  if (/^magnet:/i.test(source)) return { kind: 'magnet', text: source, magnet: parseMagnet(source) }
  const bytes = /^https?:\/\//i.test(source)
    ? await fetchTorrentFile(source, { signal: context.signal, from: options.from })
    : await readTorrentFile(pathOf(context, source), source)
  return { kind: 'torrent', bytes, torrent: parseLoaded(bytes, source) }
}

/** The same error, but it says which file it is about. */
function parseLoaded(bytes: Uint8Array, source: string): TorrentFile {
  try {
    return parseTorrentFile(bytes, nodeDigest)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    const { message, offset } = error
    throw new FormatError(
      error.code,
      `${source} is not a torrent file that can be used: ${message}; get it anew from where it came`,
      {
        offset,
        cause: error,
      },
    )
  }
}

/** As `loadSource`, for commands that need the torrent file itself. */
export async function loadTorrentFile(
  source: string,
  context: CommandContext,
): Promise<{ bytes: Uint8Array; torrent: TorrentFile }> {
  const loaded = await loadSource(source, context)
  if (loaded.kind === 'torrent') return loaded
  throw new UsageError(
    'torrent-file-needed',
    'a magnet link does not say what the files are; give the torrent file, or get the magnet link first',
  )
}

/** The person typed this URL: it may be in this network, on any port and in any script. */
async function fetchTorrentFile(url: string, { signal, from }: LoadOptions): Promise<Uint8Array> {
  const fetcher = new HttpFetcher()
  try {
    const { status, bytes } = await fetcher.fetch(url, {
      signal,
      from,
      maxBytes: METAINFO_LIMITS.torrentFileLength,
      allowLocal: true,
      allowLowPorts: true,
      allowIdna: true,
    })
    if (status === 200) return bytes
    throw new ProtocolError(
      'torrent-not-fetched',
      `${redactUrl(url)} answered ${status}, no torrent file; check the URL`,
    )
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code === 'torrent-not-fetched') throw error
    throw new ProtocolError(error.code, `${error.message}; check the URL, or try again later`, {
      cause: error,
    })
  } finally {
    fetcher.close()
  }
}

async function readTorrentFile(path: string, asGiven: string): Promise<Uint8Array> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    if (size <= METAINFO_LIMITS.torrentFileLength) return new Uint8Array(await file.readFile())
  } catch (error) {
    throw unreadable(path, asGiven, error)
  }
  throw new StorageError(
    'torrent-unreadable',
    `${path} is no torrent file: it is larger than ${METAINFO_LIMITS.torrentFileLength} bytes`,
    { path },
  )
}

function unreadable(path: string, asGiven: string, error: unknown): StorageError {
  const systemCode = (error as NodeJS.ErrnoException).code ?? 'unknown'
  const why: Record<string, string> = {
    ENOENT: `there is no torrent file ${path}`,
    EISDIR: `${path} is a folder, not a torrent file; \`shoal seed\` and \`shoal create\` take folders`,
    EACCES: `${path} may not be read; look at its permissions`,
  }
  const hint =
    systemCode === 'ENOENT' && /^[0-9a-f]{40}$|^[0-9a-f]{64}$/i.test(asGiven)
      ? `; for an info-hash, write it as a magnet link: magnet:?xt=urn:bt${asGiven.length === 40 ? 'ih:' : 'mh:1220'}${asGiven}`
      : ''
  const message = `${why[systemCode] ?? `${path} cannot be read: the system says ${systemCode}`}${hint}`
  return new StorageError('torrent-unreadable', message, { path, systemCode, cause: error })
}
