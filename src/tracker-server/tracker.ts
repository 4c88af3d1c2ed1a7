import { readU32 } from '../core/bytes.ts'
import type { Clock, Dice, Logger, Secrets } from '../core/ports.ts'
import { nullLogger } from '../net/loggers.ts'
import { systemClock } from '../net/system-clock.ts'
import { SystemDice } from '../net/system-dice.ts'
import { systemSecrets } from '../net/system-secrets.ts'
import type { ScrapeEntry } from '../tracker/announce.ts'
import { SharedSwarmStore } from '../tracker/shared-swarm-store.ts'
import { HttpFrontend } from './http-frontend.ts'
import { TRACKER_SERVER_LIMITS } from './limits.ts'
import type { LocalSeed } from './local-seeds.ts'
import { TRACKER_DEFAULTS } from './options.ts'
import { TrackerServer, type TrackerServerOptions, type TrackerStats } from './server.ts'

export interface TrackerOptions extends Omit<TrackerServerOptions, 'store' | 'clock' | 'dice'> {
  /** Bytes for swarms and peers, 1 MiB to 2 GiB. Default 256 MiB, of which only what is used is taken. */
  readonly memoryLimit?: number
  /** Seconds of silence after which a peer is forgotten. Default: one and a half intervals. */
  readonly lifetimeSeconds?: number
  readonly logger?: Logger
  readonly clock?: Clock
  readonly dice?: Dice
  readonly secrets?: Secrets
}

/**
 * A tracker without a port: `frontend` is what a front door needs to answer its requests. `startTracker` has a port.
 * Must be closed.
 */
export class Tracker {
  readonly frontend: HttpFrontend
  readonly #server: TrackerServer
  readonly #sweeping: NodeJS.Timeout

  constructor(options: TrackerOptions = {}) {
    const dice = options.dice ?? new SystemDice()
    const interval = options.intervalSeconds ?? TRACKER_DEFAULTS.intervalSeconds
    const store = new SharedSwarmStore({
      dice,
      seed: readU32((options.secrets ?? systemSecrets).bytes(4), 0),
      lifetimeSeconds: options.lifetimeSeconds ?? interval * TRACKER_DEFAULTS.lifetimeIntervals,
      ...(options.memoryLimit === undefined ? {} : { memoryLimit: options.memoryLimit }),
    })
    this.#server = new TrackerServer({ ...options, store, dice, clock: options.clock ?? systemClock })
    this.frontend = new HttpFrontend({ server: this.#server, logger: options.logger ?? nullLogger })
    this.#sweeping = setInterval(() => this.#server.sweep(), TRACKER_SERVER_LIMITS.sweepInterval).unref()
  }

  /**
   * Makes a seed in this process known without an announce. Outsiders are told of it under the external address, those
   * on this machine or in its network under the address of ours that they asked. Gives what takes it back.
   */
  registerLocal(seed: LocalSeed): () => void {
    return this.#server.registerLocal(seed)
  }

  /** The address under which the world reaches us, as it was configured or learnt; null where it is not known. */
  setExternalHost(host: string | null): void {
    this.#server.localSeeds.setExternalHost(host)
  }

  /** Zeros for a swarm that is not known. */
  counts(infoHash: Uint8Array): ScrapeEntry {
    return this.#server.counts(infoHash)
  }

  stats(): TrackerStats {
    return this.#server.stats()
  }

  close(): void {
    clearInterval(this.#sweeping)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
