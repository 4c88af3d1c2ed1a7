import { createServer, type Server } from 'node:http'
import { type Address, address, formatAddress, scopeOf } from '../core/address.ts'
import { orAborted } from '../core/or-aborted.ts'
import { DOOR_LIMITS } from '../net/door/limits.ts'
import { type FrontDoor, openFrontDoor } from '../net/front-door.ts'
import { localAddresses } from '../net/interfaces.ts'
import { type ListenPlace, openListeners } from '../net/listeners.ts'
import type { LocalSeed } from './local-seeds.ts'
import { TRACKER_DEFAULTS } from './options.ts'
import type { TrackerStats } from './server.ts'
import { Tracker, type TrackerOptions } from './tracker.ts'

export interface StartTrackerOptions extends TrackerOptions {
  /** IP addresses to listen on, all on one port. Default: every IPv4 and IPv6 address of this machine. */
  readonly bind?: readonly string[]
  /** Default 6969; 0 for any free port. */
  readonly httpPort?: number
  /** Bounds on connections other than the defaults. */
  readonly doorLimits?: Partial<typeof DOOR_LIMITS>
  /** Ends the start: it rejects with the signal's reason, and nothing stays open. */
  readonly signal?: AbortSignal
}

export interface RunningTracker {
  /** Where it listens. */
  readonly addresses: readonly Address[]
  /** The first of them. */
  readonly address: Address
  /** What to write into torrents: the external address where one was given, else one that others can reach. */
  readonly announceUrl: string
  readonly registerLocal: (seed: LocalSeed) => () => void
  stats(): TrackerStats
  /**
   * Takes no more requests, answers those that are there, and is closed after 5 s at the latest. The signal ends the
   * waiting, not the closing.
   */
  close(options?: { readonly signal?: AbortSignal }): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts a tracker of its own on one HTTP port. Rejects with `UsageError` `port-in-use`, `port-forbidden`,
 * `address-unavailable` or `memory-limit-invalid`, and with `FormatError` `address-invalid` for a `bind` that is none.
 */
export async function startTracker(options: StartTrackerOptions = {}): Promise<RunningTracker> {
  const { signal } = options
  signal?.throwIfAborted()
  const places = placesOf(options.bind, options.httpPort ?? TRACKER_DEFAULTS.httpPort)
  const tracker = new Tracker(options)
  const behind = httpServer(tracker)
  const { isAnswered, answer } = tracker.frontend
  try {
    const doors = await openListeners<FrontDoor>(places, at =>
      openFrontDoor(at, {
        isAnswered,
        answer,
        behind,
        ...(options.doorLimits === undefined ? {} : { limits: options.doorLimits }),
      }),
    )
    let closing: Promise<void> | null = null
    const end = (): Promise<void> => {
      closing ??= doors.close().then(() => {
        behind.close()
        tracker.close()
      })
      return closing
    }
    if (signal?.aborted) await end()
    signal?.throwIfAborted()
    const addresses = doors.all.map(door => door.local)
    return {
      addresses,
      address: addresses[0]!,
      announceUrl: announceUrlOf(addresses, options.externalHost ?? null),
      registerLocal: seed => tracker.registerLocal(seed),
      stats: () => tracker.stats(),
      close: wait => orAborted(end(), wait?.signal),
      [Symbol.asyncDispose]: end,
    }
  } catch (error) {
    tracker.close()
    throw error
  }
}

function placesOf(bind: readonly string[] | undefined, port: number): ListenPlace[] {
  if (bind !== undefined && bind.length > 0) return bind.map(host => ({ address: address(host, port) }))
  return [{ address: address('0.0.0.0', port) }, { address: address('::', port), isOptional: true }]
}

/** For what is not a plain request. The bounds are those of the door, as far as `node:http` has them. */
function httpServer(tracker: Tracker): Server {
  const server = createServer(
    {
      headersTimeout: DOOR_LIMITS.headTimeout,
      requestTimeout: 2 * DOOR_LIMITS.headTimeout,
      keepAliveTimeout: DOOR_LIMITS.idleTimeout,
      maxHeaderSize: DOOR_LIMITS.headLength,
      connectionsCheckingInterval: DOOR_LIMITS.checkInterval,
    },
    tracker.frontend.listener,
  )
  server.maxHeadersCount = DOOR_LIMITS.headerLines
  return server
}

function announceUrlOf(addresses: readonly Address[], externalHost: string | null): string {
  const { host, port, family } = addresses[0]!
  const isAny = scopeOf(host) === 'unusable'
  const reachable = localAddresses({ family, scopes: ['global', 'private'] })[0]?.host
  const loopback = family === 4 ? '127.0.0.1' : '::1'
  const shown = externalHost ?? (isAny ? (reachable ?? loopback) : host)
  return `http://${formatAddress(address(shown, port))}/announce`
}
