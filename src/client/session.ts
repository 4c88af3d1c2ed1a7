import type { Address } from '../core/address.ts'
import { formatHex } from '../core/bytes.ts'
import { BitTorrentError, UsageError } from '../core/errors.ts'
import {
  type InfoHashes,
  type TorrentId,
  parseInfoHash,
  sameTorrent,
  type SwarmKey,
  swarmKeys,
  torrentIdOf,
} from '../core/ids.ts'
import { orAborted } from '../core/or-aborted.ts'
import type { IpFilter } from '../ip-filter/ip-filter.ts'
import { parseMagnet } from '../metainfo/magnet.ts'
import { parseTorrentFile, type TorrentFile } from '../metainfo/torrent-file.ts'
import type { PortMapping } from '../portmap/port-mapping.ts'
import { BandwidthScheduler } from '../swarm/bandwidth.ts'
import { ExtentPool } from '../swarm/extent-pool.ts'
import { SWARM_LIMITS } from '../swarm/limits.ts'
import { PeerBook } from '../swarm/peer-book.ts'
import type { ScrapeEntry } from '../tracker/announce.ts'
import { newPeerId } from '../wire/peer-id.ts'
import { AddressFilter } from './address-filter.ts'
import { AlertStream } from './alert-stream.ts'
import type { Alert, AlertOf, AlertType } from './alerts.ts'
import { Changes } from './changes.ts'
import type { DhtStatus } from './dht-status.ts'
import { fetchAlone } from './fetch-alone.ts'
import { GoalWatch } from './goal-watch.ts'
import { IdleTorrents } from './idle-torrents.ts'
import type { LifeKit } from './life-kit.ts'
import { LastPatience } from './last-patience.ts'
import { CLIENT_LIMITS } from './limits.ts'
import { CLIENT_DEFAULTS } from './options.ts'
import { Openings } from './openings.ts'
import { MetainfoStore } from './metainfo-store.ts'
import { checkGoals } from './seeding-goals.ts'
import type { SessionListener } from './session-listeners.ts'
import { Publications } from './publications.ts'
import { scrapeSwarms } from './scrape-swarms.ts'
import { SessionNetwork } from './session-network.ts'
import type {
  AddOptions,
  FindingOptions,
  MetadataOptions,
  OwnSessionOptions,
  SessionLimits,
  TorrentSource,
} from './session-options.ts'
import type { SessionPorts } from './session-ports.ts'
import { SettingsStore, settingsFor } from './settings-store.ts'
import { TimeLimit } from './time-limit.ts'
import { type ConductKit, TorrentConduct } from './torrent-conduct.ts'
import type { TorrentHandle } from './torrent-handle.ts'
import type { TorrentChanges } from './torrent-changes.ts'
import { TorrentHandles } from './torrent-handles.ts'
import { TorrentPlace } from './torrent-place.ts'
import { type Beginning, choiceOf, TorrentLife } from './torrent-life.ts'
import { type QueueLimits, TorrentQueue } from './torrent-queue.ts'
import type { TorrentSettings } from './torrent-settings.ts'
import { TorrentTask } from './torrent-task.ts'
import { Traffic } from './traffic.ts'
import { throwFirstOf } from './throw-first-of.ts'
import { type Guarded, Turns } from './turns.ts'
import type { WaitOptions } from './wait-options.ts'

/** After these a torrent may take another place in the queue, or none. */
const PLACES_CHANGE = ['checked', 'completed', 'torrent-error'] as const

/**
 * A BitTorrent client: torrents go in, files come out, and others are served. All it needs of the world are its
 * ports; `openSession` in `node.ts` hands it the real ones.
 *
 * ```ts
 * await using session = await openSession()
 * const torrent = await session.add({ magnet }, { folder: 'downloads' })
 * await torrent.completed()
 * ```
 */
export class Session implements AsyncDisposable, Guarded {
  readonly #ports: SessionPorts
  readonly #turns: Turns
  readonly #alerts = new AlertStream()
  readonly #changes = new Changes()
  readonly #filter: AddressFilter
  readonly #network: SessionNetwork
  readonly #traffic: Traffic
  readonly #kit: LifeKit
  readonly #tasks = new Map<string, TorrentTask>()
  readonly #handles: TorrentHandles
  readonly #conductKit: ConductKit
  readonly #finding: FindingOptions
  /** Every swarm that a torrent is in, by its key's hex. */
  readonly #swarms = new Map<string, TorrentTask>()
  /** Asked twice to take a torrent out, it is done once. */
  readonly #leaving = new WeakMap<TorrentTask, Promise<void>>()
  #closing: Promise<void> | null = null

  constructor(ports: SessionPorts, options: OwnSessionOptions = {}) {
    this.#finding = options
    this.#ports = ports
    this.#turns = new Turns({ clock: ports.clock, alarm: ports.alarm, probe: ports.turnProbe })
    const pool = new ExtentPool({ memory: ports.memory, budget: CLIENT_DEFAULTS.extentMemory })
    const peerId = newPeerId(ports.secrets)
    this.#traffic = new Traffic({
      scheduler: new BandwidthScheduler(),
      turns: this.#turns,
      limits: options,
      fail: error => this.fail(error),
    })
    this.#filter = new AddressFilter({
      filter: options.ipFilter ?? null,
      alerts: this.#alerts,
      now: () => this.#turns.now(),
    })
    this.#network = new SessionNetwork({
      ports,
      peerId,
      turns: this.#turns,
      pool,
      alerts: this.#alerts,
      traffic: this.#traffic,
      guard: this,
      homeOf: swarmKey => this.#swarms.get(swarmKey) ?? null,
      finding: options,
      filter: this.#filter,
    })
    const fail = (error: unknown): void => this.fail(error)
    const queue = new TorrentQueue({ turns: this.#turns, limits: options, fail })
    this.#conductKit = {
      queue,
      watch: new GoalWatch({ turns: this.#turns, fail }),
      alerts: this.#alerts,
      usualGoals: checkGoals(options.goals ?? {}),
      store: ports.state && new SettingsStore(ports.state),
    }
    for (const type of PLACES_CHANGE) this.on(type, () => queue.touch())
    this.on('port-mapped', () => {
      for (const task of this.#tasks.values()) task.announcers.portChanged(this.#turns.now())
    })
    this.#kit = {
      ports: { ...ports, trackers: this.#network.trackers },
      turns: this.#turns,
      alerts: this.#alerts,
      pool,
      peerId,
      openings: new Openings(),
      idle: new IdleTorrents(),
      metainfo: ports.state ? new MetainfoStore({ state: ports.state, digest: ports.digest }) : null,
      finders: this.#network.finders,
      listenPort: () => this.#network.port,
      learnt: (task, hashes) => this.#learnt(task, hashes),
    }
    this.#handles = new TorrentHandles({
      kit: this.#kit,
      traffic: this.#traffic,
      remove: task => this.#leave(task),
    })
  }

  /** Changes limits while all goes on; those that are not named stay as they are. */
  setLimits(limits: SessionLimits): void {
    this.#traffic.setLimits(limits)
  }

  /** Changes how many torrents may be active; one that is not named stays as it is. */
  setQueueLimits(limits: QueueLimits): void {
    this.#conductKit.queue.setLimits(limits)
  }

  /**
   * Blocks these addresses from now on, and no others: nobody there is dialled, let in, or kept. Trackers are asked all the
   * same. Null blocks nobody.
   */
  setIpFilter(filter: IpFilter | null): void {
    this.#filter.set(filter)
    this.#turns.enter(this, () => {
      for (const { book } of this.#tasks.values()) book.forgetBlocked()
      this.#network.connections.closeBlocked()
    })
  }

  /** How many ranges of addresses are blocked, and how often the filter turned somebody away. */
  get ipFilter(): { readonly ranges: number; readonly refused: number } {
    return this.#filter.status
  }

  /** How peers and trackers know this session: 20 bytes, new for each. */
  get peerId(): Uint8Array {
    return this.#kit.peerId
  }

  /** Where peers can reach us: the addresses and ports that were really bound. */
  get listening(): readonly Address[] {
    return this.#network.listening
  }

  /** Where the world sees this machine: an IPv4 and an IPv6 address, as far as they are known. */
  get externalHosts(): readonly string[] {
    return this.#network.externalHosts
  }

  /** The ports that routers forward to us at the moment. */
  get mappings(): readonly PortMapping[] {
    return this.#network.mappings
  }

  /** The session's nodes in the DHT, one for each address family; empty where it is switched off or not begun. */
  get dht(): readonly DhtStatus[] {
    return this.#network.dht?.status ?? []
  }

  /** Torrents that change, by their publishers' keys (BEP 46). */
  get publications(): Publications {
    const { dht } = this.#network
    return new Publications({ dht, turns: this.#turns, guard: this, ports: this.#ports })
  }

  /** Opens one more place to listen. Rejects with `UsageError` `port-in-use` or `address-unavailable`. */
  listen(at: Address, options: WaitOptions = {}): Promise<SessionListener> {
    return this.#network.listen(at, options)
  }

  /**
   * Adds a torrent and begins with it. Rejects with `FormatError` for a torrent file or magnet that is broken, and
   * with `UsageError` `torrent-already-added`, and with `StorageError`: `state-locked` where another program has the
   * torrent's state, another where the disk refuses to say what was said of the torrent before; when the signal aborts first,
   * nothing was added. What happens later is told by alerts and by the handle.
   */
  async add(source: TorrentSource, options: AddOptions & WaitOptions): Promise<TorrentHandle> {
    const beginning: Beginning =
      'torrentFile' in source
        ? { metadata: parseTorrentFile(source.torrentFile, this.#ports.digest) }
        : { magnet: parseMagnet(source.magnet) }
    const hashes = 'metadata' in beginning ? beginning.metadata.info.hashes : beginning.magnet.hashes
    const id = torrentIdOf(hashes)
    this.#refuseTwin(hashes)
    checkGoals(options.goals ?? {})
    let settings: TorrentSettings = {}
    try {
      await orAborted(this.#ports.state?.hold(id) ?? Promise.resolve(), options.signal)
      settings = settingsFor((await this.#conductKit.store?.load(id)) ?? {}, options)
      options.signal?.throwIfAborted()
      this.#refuseTwin(hashes)
    } catch (error) {
      await this.#letGo(id, null)
      throw error
    }
    const task: TorrentTask = new TorrentTask({
      id,
      hashes,
      name: ('metadata' in beginning ? beginning.metadata.info.name : beginning.magnet.name) ?? id,
      book: new PeerBook({
        limit: SWARM_LIMITS.knownPeers,
        dice: this.#ports.dice,
        isBlocked: this.#filter.refuses,
      }),
      turns: this.#turns,
      traffic: this.#traffic,
      limits: {
        download: settings.downloadLimit ?? Number.POSITIVE_INFINITY,
        upload: settings.uploadLimit ?? Number.POSITIVE_INFINITY,
      },
      alerts: this.#alerts,
      dialer: this.#network.connections,
      finding: this.#finding,
      hasDht: family => this.#network.dht?.speaks(family) ?? false,
      listenPort: () => this.#network.port,
      // What still happens to one that was taken out is nobody's news.
      markChanged: () => {
        if (this.#tasks.get(id) === task) this.#changes.mark(id)
      },
    })
    this.#tasks.set(id, task)
    for (const key of swarmKeys(hashes)) this.#swarms.set(formatHex(key), task)
    this.#alerts.emit({ type: 'torrent-added', torrent: id, name: task.name })
    this.#changes.mark(id)
    const choice = choiceOf(beginning, options, settings)
    const place = new TorrentPlace(options.folder, settings, options.isKnownGood)
    const { isSuperSeeding = false } = settings
    const life = new TorrentLife({ task, choice, place, options, isSuperSeeding, kit: this.#kit })
    const conduct = new TorrentConduct({ task, life, choice, settings, kit: this.#conductKit })
    this.#handles.add(task, conduct, place)
    conduct.begin()
    task.beginning = life.begin(beginning).catch((error: unknown) => task.fail(error))
    return this.#handles.handleOf(task)
  }

  /**
   * Asks peers what a magnet link is about: nothing else is fetched, and nothing is written. The piece layers of a v2 torrent
   * come with it, those of a hybrid do not. Rejects as `add` does, and with the signal's reason; it may wait for ever
   * for a peer that has it.
   */
  async fetchMetadata(magnet: string, options: MetadataOptions & WaitOptions = {}): Promise<TorrentFile> {
    const known = this.#findTwin(parseMagnet(magnet).hashes)
    if (known) return this.#handles.handleOf(known).metadata(options)
    return fetchAlone(this, magnet, options)
  }

  torrents(): TorrentHandle[] {
    return [...this.#tasks.values()].map(task => this.#handles.handleOf(task))
  }

  /** Finds a torrent by any form of any of its info-hashes. Throws `FormatError` for what is not one. */
  get(infoHash: string): TorrentHandle | null {
    const key = formatHex(parseInfoHash(infoHash).subarray(0, 20))
    const task = this.#swarms.get(key)
    return task ? this.#handles.handleOf(task) : null
  }

  /** What is new since the revision of an earlier answer; 0: everything. Costs what changed, however many there are. */
  changesSince(revision: number): TorrentChanges {
    const { keys, gone, ...changed } = this.#changes.since(revision)
    return {
      ...changed,
      removed: gone as TorrentId[],
      torrents: keys.flatMap(key => {
        const task = this.#tasks.get(key)
        return task ? [this.#handles.handleOf(task)] : []
      }),
    }
  }

  /**
   * How many have and want the torrents, as a tracker says (BEP 48), by http, https or udp. `infoHashes`: swarm keys, 20 bytes
   * each; those that the tracker does not know are missing in the answer. Rejects with `TrackerError`, as
   * `TrackerClient.scrape` says, and with the signal's reason.
   */
  scrape(
    tracker: string,
    infoHashes: readonly SwarmKey[],
    options: WaitOptions = {},
  ): Promise<ScrapeEntry[]> {
    return scrapeSwarms(this.#network.trackers, tracker, infoHashes, options)
  }

  /** Everything that happens from now on, one by one. */
  alerts(options: { signal?: AbortSignal } = {}): AsyncIterableIterator<Alert> {
    return this.#alerts.read(options)
  }

  /** Calls `listener` for one type of alert; the function that is returned ends it. */
  on<T extends AlertType>(type: T, listener: (alert: AlertOf<T>) => void): () => void {
    return this.#alerts.on(type, listener)
  }

  /** Takes a torrent out: tells its trackers, brings its data to the disk, leaves its files alone. */
  #leave(task: TorrentTask): Promise<void> {
    const leaving = this.#leaving.get(task) ?? this.#remove(task)
    this.#leaving.set(task, leaving)
    return leaving
  }

  async #remove(task: TorrentTask): Promise<void> {
    const stopped = new UsageError('torrent-removed', `"${task.name}" was taken out of the session`)
    const patience = new TimeLimit(this.#turns, CLIENT_LIMITS.stopAnnounce)
    try {
      await task.leave(stopped, patience.signal)
    } finally {
      patience.close()
      await this.#handles.conductOf(task)?.end()
      for (const id of new Set([task.id, torrentIdOf(task.hashes)])) await this.#letGo(id, task)
      this.#tasks.delete(task.id)
      for (const key of swarmKeys(task.hashes).map(formatHex))
        if (this.#swarms.get(key) === task) this.#swarms.delete(key)
      this.#alerts.emit({ type: 'torrent-removed', torrent: task.id })
      this.#changes.remove(task.id)
    }
  }

  /** Other programs may have the state, unless a torrent other than this one goes by the same id. */
  async #letGo(id: TorrentId, task: TorrentTask | null): Promise<void> {
    const user = this.#swarms.get(id.slice(0, 40))
    if (user && user !== task) return
    try {
      await this.#ports.state?.release(id)
    } catch (error) {
      this.fail(error)
    }
  }

  /**
   * Ends everything in good order: `stopped` announced, state saved, workers gone. Safe to call twice. Where a state
   * cannot be saved, everything ends all the same, and then it rejects; with `StorageError` `disk-hangs` where a disk was
   * silent for longer than `silentDisk` of the limits. The signal ends the waiting, not the closing.
   */
  close({ signal }: WaitOptions = {}): Promise<void> {
    this.#closing ??= this.#close()
    return orAborted(this.#closing, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** A fault outside of any torrent: it is told, and the session goes on. */
  fail(error: unknown): void {
    const level = error instanceof BitTorrentError ? 'warn' : 'error'
    this.#ports.logger.log(level, 'a fault outside of any torrent', { error })
  }

  async #close(): Promise<void> {
    const accepting = this.#network.stopAccepting()
    const patience = new LastPatience({
      turns: this.#turns,
      giveUpSilentDisks: silence => this.#ports.giveUpSilentDisks(silence),
      torrents: () => [...this.#tasks.values()].map(({ name }) => name),
    })
    const leaving = [...this.#tasks.values()].map(task => this.#leave(task))
    const removals = await patience.outcomes(leaving)
    this.#network.connections.closeAll()
    await accepting
    await this.#network.closeAll()
    this.#alerts.close()
    const saved = await patience.outcomes([this.#ports.state?.close() ?? Promise.resolve()])
    const ended = await patience.outcomes([this.#ports.close()])
    this.#turns.close()
    patience.throwIfLost()
    throwFirstOf([...removals, ...saved, ...ended])
  }

  #refuseTwin(hashes: InfoHashes): void {
    if (this.#closing)
      throw new UsageError('session-closed', 'the session is closed: no torrent can be added')
    const twin = this.#findTwin(hashes)
    if (twin) throw new UsageError('torrent-already-added', `"${twin.name}" is in this session already`)
  }

  #findTwin(hashes: InfoHashes): TorrentTask | undefined {
    const others = swarmKeys(hashes).map(key => this.#swarms.get(formatHex(key)))
    return others.find(other => other && sameTorrent(other.hashes, hashes))
  }

  /** The torrent is found under its other hash too. Where another has that, it is the same torrent twice. */
  #learnt(task: TorrentTask, hashes: InfoHashes): void {
    const keys = swarmKeys(hashes).map(formatHex)
    const twin = keys
      .map(key => this.#swarms.get(key))
      .find(other => other && other !== task && !other.hasFailed)
    if (twin) throw new UsageError('torrent-already-added', `"${twin.name}" is in this session already`)
    task.hashes = hashes
    for (const key of keys) this.#swarms.set(key, task)
  }
}
