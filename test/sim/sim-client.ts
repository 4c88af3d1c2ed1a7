import { type Address, address, isHost } from '../../src/core/address.ts'
import type { Alert, AlertOf, AlertType } from '../../src/client/alerts.ts'
import { Session } from '../../src/client/session.ts'
import type { AddOptions, FindingOptions, SessionLimits } from '../../src/client/session-options.ts'
import type { SessionPorts, StorageRequest } from '../../src/client/session-ports.ts'
import type { SeedingGoals } from '../../src/client/seeding-goals.ts'
import type { TorrentHandle } from '../../src/client/torrent-handle.ts'
import type { QueueLimits } from '../../src/client/torrent-queue.ts'
import type { WaitOptions } from '../../src/client/wait-options.ts'
import { nodeDigest } from '../../src/net/node-digest.ts'
import { nodeSignatures } from '../../src/net/node-signatures.ts'
import { sharedExtentMemory } from '../../src/net/shared-extent-memory.ts'
import type { IpFilter } from '../../src/ip-filter/ip-filter.ts'
import { MemoryDisk, MemoryStorage } from '../../src/storage/memory-storage.ts'
import type { MemoryStateFiles } from '../../src/storage/memory-state-files.ts'
import { ResumeLog } from '../../src/storage/resume-log.ts'
import { storedTorrent } from '../../src/storage/stored-torrent.ts'
import type { StateFiles } from '../../src/storage/state-files.ts'
import type { TorrentStorage } from '../../src/storage/torrent-storage.ts'
import type { Content } from './content.ts'
import type { LineOptions } from './line.ts'
import { SimAlarm } from './sim-alarm.ts'
import type { SimHost, SimNetwork } from './sim-network.ts'
import { type DiskLog, SimHasher, SimStorage } from './sim-storage.ts'
import { type SimTracker, trackerClient } from './sim-tracker.ts'
import type { World } from './world.ts'

const PORT = 6881

const ALERT_TYPES: readonly AlertType[] = [
  'listening',
  'port-mapped',
  'port-mapping-failed',
  'external-address',
  'dht-ready',
  'torrent-added',
  'metadata-received',
  'checking',
  'checked',
  'space-short',
  'link-failed',
  'piece-verified',
  'piece-failed',
  'piece-lost',
  'completed',
  'peer-connected',
  'peer-disconnected',
  'peer-banned',
  'addresses-blocked',
  'tracker-answered',
  'tracker-failed',
  'torrent-error',
  'torrent-recovered',
  'torrent-paused',
  'torrent-resumed',
  'torrent-queued',
  'torrent-dequeued',
  'goal-reached',
  'torrent-moved',
  'torrent-removed',
]

/** What a client stands on. */
export interface Surroundings {
  readonly world: World
  readonly network: SimNetwork
  readonly trackers: ReadonlyMap<string, SimTracker>
  readonly names: ReadonlyMap<string, readonly Address[]>
}

export interface ClientOptions extends SessionLimits, QueueLimits, FindingOptions {
  readonly goals?: SeedingGoals
  readonly ipFilter?: IpFilter | null
  readonly line?: LineOptions
  /** What is on its disk already. */
  readonly disk?: MemoryDisk
  /** By folder: those that are on another disk. */
  readonly disks?: ReadonlyMap<string, MemoryDisk>
  /** What it remembers; nothing by default. */
  readonly state?: MemoryStateFiles | null
  /** Where it lives; a host of its own by default. */
  readonly host?: SimHost
  readonly ports?: Partial<SessionPorts>
  readonly isListening?: boolean
}

type AddingOptions = Partial<AddOptions> & WaitOptions

/** A session on a machine of its own: its disk, its line, and what it said. */
export class SimClient {
  readonly session: Session
  readonly host: SimHost
  readonly disk: MemoryDisk
  readonly alerts: (Alert & { readonly at: number })[] = []
  /** Hears of torrents whose state is let go of. */
  released: (id: string) => void = () => undefined
  readonly diskLog: DiskLog = { written: [], digested: 0, broadSyncs: 0, synced: 0, isDead: false }
  readonly #disks: ReadonlyMap<string, MemoryDisk>
  readonly #world: World
  readonly #alarm: SimAlarm

  private constructor(surroundings: Surroundings, options: ClientOptions) {
    const { world, network, trackers, names } = surroundings
    this.#world = world
    this.host = options.host ?? network.newHost(options.line)
    this.disk = options.disk ?? new MemoryDisk()
    this.#disks = options.disks ?? new Map()
    this.#alarm = new SimAlarm(world)
    const { state } = options
    const resolve = async (host: string, port: number): Promise<Address[]> =>
      isHost(host) ? [address(host, port)] : (names.get(host) ?? []).map(found => address(found.host, port))
    this.session = new Session(
      {
        clock: world.clock,
        alarm: this.#alarm,
        dice: world.newDice(),
        secrets: world.secrets,
        digest: nodeDigest,
        signatures: nodeSignatures,
        logger: {
          log: (level, message, fields) => {
            if (level === 'error') world.faults.push(fields?.['error'] ?? new Error(message))
          },
        },
        network: {
          dial: (to, how) => (this.isDead ? new Promise<never>(() => undefined) : this.host.dial(to, how)),
          listen: (at, accept) => this.host.listen(at, accept),
        },
        datagrams: this.host,
        groups: this.host,
        memory: sharedExtentMemory,
        hasher: new SimHasher(world),
        trackers: trackerClient(this.host.at, trackers),
        gateways: null,
        state: state
          ? {
              hold: async () => undefined,
              release: async id => this.released(id),
              read: (torrent, name) => state.read(`${torrent ?? 'session'}/${name}`),
              replace: (torrent, name, bytes) =>
                whileAlive(state, this).replace(`${torrent ?? 'session'}/${name}`, bytes),
              openLog: (info, inspect) =>
                ResumeLog.open({ files: whileAlive(state, this), path: `${info.name}.log`, info, inspect }),
              close: async () => undefined,
            }
          : null,
        openStorage: request => this.#openStorage(request),
        resolve,
        resolveFar: resolve,
        giveUpSilentDisks: () => ({ isAnyWorking: false, givenUp: [] }),
        close: async () => undefined,
        ...options.ports,
      },
      // All hosts are in one network: they would know each other at once, whatever the story is about.
      { lsd: false, ...options },
    )
    for (const type of ALERT_TYPES) this.session.on(type, alert => this.#note(alert))
  }

  static async open(surroundings: Surroundings, options: ClientOptions = {}): Promise<SimClient> {
    const client = new SimClient(surroundings, options)
    if (options.isListening ?? true) await client.session.listen(address(client.host.at, PORT))
    return client
  }

  get address(): Address {
    return address(this.host.at, PORT)
  }

  add(content: Pick<Content, 'torrentFile'>, options: AddingOptions = {}): Promise<TorrentHandle> {
    return this.session.add({ torrentFile: content.torrentFile }, { folder: 'files', ...options })
  }

  addMagnet(magnet: string, options: AddingOptions = {}): Promise<TorrentHandle> {
    return this.session.add({ magnet }, { folder: 'files', ...options })
  }

  /** The alerts of one type so far. */
  heard<T extends AlertType>(type: T): (AlertOf<T> & { readonly at: number })[] {
    return this.alerts.filter(alert => alert.type === type) as (AlertOf<T> & { readonly at: number })[]
  }

  /** Pieces that were written, in that order. */
  get written(): readonly number[] {
    return this.diskLog.written
  }

  /** Why connections ended, in order. */
  get endings(): string[] {
    return this.heard('peer-disconnected').map(alert => alert.reason)
  }

  get isDead(): boolean {
    return this.diskLog.isDead
  }

  /** Ends without a word, as by `kill -9`: the machine's system closes its connections. */
  die(): void {
    this.diskLog.isDead = true
    this.#alarm.close()
    this.host.cut()
    this.host.closeListeners()
  }

  async #openStorage({ info, folder, isWanted, names }: StorageRequest): Promise<TorrentStorage> {
    const diskOf = (folder: string): MemoryDisk => this.#disks.get(folder) ?? this.disk
    const inner = new MemoryStorage({
      torrent: storedTorrent(info),
      isWanted,
      disk: diskOf(folder),
      diskOf,
      ...(names && { names }),
    })
    return new SimStorage({ world: this.#world, inner, log: this.diskLog })
  }

  #note(alert: Alert): void {
    this.alerts.push({ at: this.#world.now, ...alert })
    const isFault =
      (alert.type === 'torrent-error' && alert.error.code === 'internal-fault') ||
      (alert.type === 'peer-disconnected' && alert.reason === 'internal-fault')
    if (isFault) this.#world.faults.push('error' in alert ? (alert.error.cause ?? alert.error) : alert)
  }
}

/** What a program that was killed had still wanted to remember never reaches the disk. */
function whileAlive(files: MemoryStateFiles, client: { readonly isDead: boolean }): StateFiles {
  const never = <T>(): Promise<T> => new Promise<T>(() => undefined)
  return {
    read: path => files.read(path),
    list: folder => files.list(folder),
    remove: path => (client.isDead ? never() : files.remove(path)),
    replace: (path, bytes) => (client.isDead ? never() : files.replace(path, bytes)),
    append: (path, bytes, options) => (client.isDead ? never() : files.append(path, bytes, options)),
  }
}
