/** The session on the real system: the only file here that knows the adapters. */

import { address, type Address } from '../core/address.ts'
import type { TorrentId } from '../core/ids.ts'
import type { StreamNetwork } from '../core/ports.ts'
import { type AnnounceFamily, announceFamilies, scrapeFamilies } from '../net/announce-families.ts'
import { HttpFetcher } from '../net/fetch.ts'
import { SystemGateways } from '../net/system-gateways.ts'
import { type ListenPlace, openListeners, openListenersFrom } from '../net/listeners.ts'
import { nullLogger } from '../net/loggers.ts'
import { MulticastNetwork } from '../net/multicast.ts'
import { NameServers } from '../net/name-servers.ts'
import { nodeDigest } from '../net/node-digest.ts'
import { resolveAddresses } from '../net/resolve.ts'
import { sharedExtentMemory } from '../net/shared-extent-memory.ts'
import { SystemAlarm } from '../net/system-alarm.ts'
import { systemClock } from '../net/system-clock.ts'
import { SystemDice } from '../net/system-dice.ts'
import { nodeSignatures } from '../net/node-signatures.ts'
import { systemSecrets } from '../net/system-secrets.ts'
import { TcpNetwork } from '../net/tcp.ts'
import { UdpNetwork } from '../net/udp.ts'
import { DiskWorkers } from '../storage/disk-workers.ts'
import { FileStorage } from '../storage/file-storage.ts'
import { HashWorkers } from '../storage/hash-workers.ts'
import { StateFolder } from '../storage/state-folder.ts'
import { StateFolders } from '../storage/state-folders.ts'
import { storedTorrent } from '../storage/stored-torrent.ts'
import { CLIENT_DEFAULTS } from './options.ts'
import { Session } from './session.ts'
import type { HostPort, ListenAddress, SessionOptions } from './session-options.ts'
import type { SessionPorts, SessionState, TrackerClient } from './session-ports.ts'
import type { TurnProbe } from './turns.ts'
import type { WaitOptions } from './wait-options.ts'

/** Kept by those who make the common programs. */
const DHT_ROUTERS: readonly HostPort[] = [
  { host: 'dht.libtorrent.org', port: 25_401 },
  { host: 'dht.transmissionbt.com', port: 6881 },
  { host: 'router.bittorrent.com', port: 6881 },
  { host: 'router.utorrent.com', port: 6881 },
]

/**
 * Opens a session on this machine: sockets, disk and hash threads, saved state. Rejects with `UsageError`
 * `port-in-use` or `address-unavailable`, with `StorageError` where the state folder cannot be used, and with the
 * signal's reason; then nothing stays open.
 */
export function openSession(options: SessionOptions & WaitOptions = {}): Promise<Session> {
  return open(options, {})
}

/** The same, with its turns heard of: for the bench. */
export function openProbedSession(
  options: SessionOptions & WaitOptions,
  turnProbe: TurnProbe,
): Promise<Session> {
  return open(options, { turnProbe })
}

async function open(
  options: SessionOptions & WaitOptions,
  more: Pick<SessionPorts, 'turnProbe'>,
): Promise<Session> {
  const { signal } = options
  signal?.throwIfAborted()
  const dht = options.dht === false ? false : { routers: DHT_ROUTERS, ...options.dht }
  const session = new Session({ ...(await openPorts(options)), ...more }, { ...options, dht })
  try {
    signal?.throwIfAborted()
    await openAllListeners(session, options)
    return session
  } catch (error) {
    await session.close()
    throw error
  }
}

async function openPorts(options: SessionOptions): Promise<SessionPorts> {
  const fetcher = new HttpFetcher({ userAgent: CLIENT_DEFAULTS.userAgent })
  const nameServers = new NameServers()
  const disk = new DiskWorkers()
  disk.warmUp()
  const hasher = new HashWorkers()
  const from = outgoing(options.listen ?? [])
  const { stateFolder } = options
  const close = async (): Promise<void> => {
    fetcher.close()
    nameServers.close()
    await Promise.all([disk.close(), hasher.close()])
  }
  const state = stateFolder ? await openState(stateFolder, disk, close) : null
  return {
    clock: systemClock,
    alarm: new SystemAlarm(systemClock),
    dice: new SystemDice(),
    secrets: systemSecrets,
    digest: nodeDigest,
    signatures: nodeSignatures,
    logger: options.logger ?? nullLogger,
    network: boundNetwork(new TcpNetwork(), from),
    datagrams: new UdpNetwork({ logger: options.logger ?? nullLogger }),
    groups: new MulticastNetwork({ logger: options.logger ?? nullLogger }),
    memory: sharedExtentMemory,
    hasher,
    trackers: httpTrackers(fetcher, options.listen),
    gateways: (options.portMapping ?? true) ? new SystemGateways() : null,
    state,
    openStorage: ({ info, folder, isWanted, names, hasOwnNames, onLinkFault }) =>
      FileStorage.open({
        torrent: storedTorrent(info, { hasOwnNames: hasOwnNames ?? false }),
        root: folder,
        isWanted,
        workers: disk,
        ...(names && { names }),
        ...(onLinkFault && { onLinkFault }),
      }),
    resolve: (host, port) => resolveAddresses(host, port).catch(() => []),
    // A name without a dot is one of this machine or network.
    resolveFar: (host, port) =>
      resolveAddresses(host, port, host.includes('.') ? { lookup: nameServers.lookup } : {}).catch(() => []),
    giveUpSilentDisks: silence => disk.giveUpSilent(silence),
    close,
  }
}

async function openState(
  place: string | ((torrent: TorrentId) => string),
  workers: DiskWorkers,
  closeOthers: () => Promise<void>,
): Promise<SessionState> {
  if (typeof place === 'function') return new StateFolders({ folderOf: place, workers })
  try {
    return await StateFolder.open({ path: place, workers })
  } catch (error) {
    await closeOthers()
    throw error
  }
}

/** A port that was asked for is opened or refused; by default the first free one of a few. */
async function openAllListeners(session: Session, options: SessionOptions & WaitOptions): Promise<void> {
  const { listen, signal } = options
  const open = (at: Address) => session.listen(at, signal ? { signal } : {})
  if (listen) {
    await openListeners(
      listen.map(({ address: at, port, isOptional }) => ({
        address: address(at, port),
        isOptional: isOptional ?? false,
      })),
      open,
    )
    return
  }
  const everywhere: ListenPlace[] = [
    { address: address('0.0.0.0', CLIENT_DEFAULTS.port) },
    { address: address('::', CLIENT_DEFAULTS.port), isOptional: true },
  ]
  await openListenersFrom(everywhere, open, CLIENT_DEFAULTS.portsTried)
}

/** By family: the address that connections leave from, where one was chosen to listen at. */
type Outgoing = Partial<Record<4 | 6, string>>

function outgoing(listen: readonly ListenAddress[]): Outgoing {
  const from: Outgoing = {}
  for (const place of listen) {
    const { host, family } = address(place.address, place.port)
    if (host !== '0.0.0.0' && host !== '::') from[family] ??= host
  }
  return from
}

function boundNetwork(network: StreamNetwork, from: Outgoing): StreamNetwork {
  return {
    dial: (to, options) => {
      const host = from[to.family]
      return network.dial(to, host === undefined ? options : { from: address(host, 0), ...options })
    },
    listen: (at, accept) => network.listen(at, accept),
  }
}

function httpTrackers(fetcher: HttpFetcher, listen: readonly ListenAddress[] | undefined): TrackerClient {
  const families = announceFamiliesOf(
    listen ?? [
      { address: '0.0.0.0', port: 0 },
      { address: '::', port: 0 },
    ],
  )
  return {
    announce: (url, request, { signal }) =>
      announceFamilies(url, request, families, { fetch: fetcher.fetch, signal }),
    scrape: (url, infoHashes, { signal }) =>
      scrapeFamilies(url, infoHashes, families, { fetch: fetcher.fetch, signal }),
  }
}

function announceFamiliesOf(listen: readonly ListenAddress[]): AnnounceFamily[] {
  const from = outgoing(listen)
  const listened = new Set(listen.map(place => address(place.address, place.port).family))
  return [...listened].map(family => {
    const host = from[family]
    return host === undefined ? { family } : { family, from: host }
  })
}
