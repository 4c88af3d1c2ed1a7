import { equalBytes } from '../core/bytes.ts'
import { type SwarmKey, swarmKeys } from '../core/ids.ts'
import { type Info, parseInfo } from '../metainfo/info.ts'
import type { Magnet } from '../metainfo/magnet.ts'
import { PieceHashes } from '../metainfo/piece-hashes.ts'
import type { TorrentFile } from '../metainfo/torrent-file.ts'
import { AnnounceSchedule } from '../tracker/announce-schedule.ts'
import { Announcer } from './announcer.ts'
import { buildTorrent } from './build-torrent.ts'
import { checkExisting } from './checker.ts'
import { HashAnswers } from './hash-answers.ts'
import { HashQueries } from './hash-queries.ts'
import type { LifeKit } from './life-kit.ts'
import { CLIENT_LIMITS } from './limits.ts'
import { MagnetFetch } from './magnet-fetch.ts'
import { recallPeer } from './peer-events.ts'
import { WorkerPieceKeeper } from './piece-keeper.ts'
import type { AddOptions } from './session-options.ts'
import { takeSpilled } from './spilled-blocks.ts'
import type { TorrentTask } from './torrent-task.ts'

/** What a torrent begins with: a torrent file, or a magnet that leads to one. */
export type Beginning = { readonly metadata: TorrentFile } | { readonly magnet: Magnet }

/**
 * Leads a torrent through its life: metadata, storage, check of what is there, swarm. Ends when the torrent runs;
 * from then on sockets and time drive it.
 */
export async function beginLife(
  task: TorrentTask,
  beginning: Beginning,
  options: AddOptions,
  kit: LifeKit,
): Promise<void> {
  const { turns } = kit
  const met: SwarmKey[] = []
  const meet = (tiers: Tiers): void => {
    const swarms = swarmKeys(task.hashes).filter(key => !met.some(other => equalBytes(key, other)))
    met.push(...swarms)
    turns.enter(task, () => meetSwarms(task, swarms, tiers, options, kit))
  }
  let metadata: TorrentFile
  if ('metadata' in beginning) metadata = beginning.metadata
  else {
    const { magnet } = beginning
    task.state = 'fetching-metadata'
    meet(magnet.trackers.map(url => [url]))
    metadata = await fetchMetadata(task, magnet, kit)
  }
  const hashes = new PieceHashes(metadata.info, metadata.layers, kit.ports.digest)
  if (metadata.info.version === 'v2' && !hashes.isComplete) {
    task.state = 'fetching-metadata'
    if (met.length === 0) meet(metadata.trackers)
    await fetchLayers(task, metadata.info, hashes, kit)
    metadata = { ...metadata, layers: hashes.layers() }
  }
  task.signal.throwIfAborted()
  task.metadata = metadata
  task.name = metadata.info.name
  kit.learnt(task, metadata.info.hashes)
  task.onMetadata.resolve()
  await run(task, metadata, hashes, selectionOf(beginning, options), options, kit)
  // Also in the swarm whose key only the metadata told.
  meet(metadata.trackers)
}

/** What the user chose, or else what the magnet link suggests (BEP 53), or everything. */
function selectionOf(beginning: Beginning, options: AddOptions): (file: number, path: string) => boolean {
  const { select } = options
  if (select) return (_file, path) => select(path)
  const ranges = 'magnet' in beginning ? beginning.magnet.selectOnly : null
  if (!ranges) return () => true
  return file => ranges.some(({ first, last }) => file >= first && file <= last)
}

type Tiers = readonly (readonly string[])[]

/** Opens the storage, judges what is there, and lets the swarm begin. */
async function run(
  task: TorrentTask,
  metadata: TorrentFile,
  hashes: PieceHashes,
  isSelected: (file: number, path: string) => boolean,
  options: AddOptions,
  kit: LifeKit,
): Promise<void> {
  const { ports, turns, alerts } = kit
  const { info } = metadata
  const isWanted = (file: number): boolean => {
    const entry = info.files[file]
    return entry !== undefined && !entry.isPad && isSelected(file, entry.displayPath)
  }
  const storage = await ports.openStorage({
    info,
    folder: options.folder,
    isWanted,
    hasOwnNames: options.isKnownGood ?? false,
  })
  const resume = (await ports.state?.openLog(info, () => storage.inspect())) ?? null
  const keeper = new WorkerPieceKeeper({ info, storage, hasher: ports.hasher, resume, turns, owner: task })
  task.onClose(async () => {
    await keeper.idle()
    await task.commit()
    try {
      await resume?.close()
    } finally {
      await storage.close()
    }
  })
  turns.enter(task, () => {
    task.state = 'checking'
    alerts.emit({ type: 'checking', torrent: task.id, pieces: info.geometry.pieceCount })
  })
  await storage.prepare()
  const have = await checkExisting({
    info,
    hashes,
    storage,
    isWanted,
    restored: resume?.restored ?? null,
    isKnownGood: options.isKnownGood ?? false,
    signal: task.signal,
    progress: checked => {
      task.checkedPieces = checked
    },
  })
  const files = await storage.inspect()
  const spilled = takeSpilled({ info, resume, files, have, isWanted })
  await resume?.checked(have)
  task.signal.throwIfAborted()
  turns.enter(task, now => {
    const torrent = buildTorrent({ info, hashes, have, spilled, isWanted, keeper, task, kit, options })
    const parts = { metadata, storage, resume, torrent, isWanted }
    task.parts = parts
    task.hashAnswers = new HashAnswers({
      info,
      hashes,
      storage,
      have: torrent.pieces.have,
      digest: ports.digest,
      turns,
    })
    task.hashQueries ??= new HashQueries({ info, hashes, layersCame: () => undefined })
    // A hybrid's v1 hashes are enough to begin with; its layers judge as well from when they come.
    if (!hashes.isComplete) task.hashQueries.wantLayers(now)
    task.state = torrent.isComplete ? 'seeding' : 'downloading'
    alerts.emit({ type: 'checked', torrent: task.id, good: have.count, pieces: info.geometry.pieceCount })
    task.onChecked.resolve()
    if (torrent.isComplete) {
      alerts.emit({ type: 'completed', torrent: task.id })
      task.onCompleted.resolve()
    }
    for (const peer of task.peers) {
      task.introduce(peer, parts, now)
      peer.wire.setPieceCount(info.geometry.pieceCount)
      recallPeer(peer, now)
    }
  })
}

/** Begins to announce, and to talk to the peers that were named by hand. */
function meetSwarms(
  task: TorrentTask,
  swarms: readonly SwarmKey[],
  tiers: Tiers,
  options: AddOptions,
  kit: LifeKit,
): void {
  const { ports, turns, alerts } = kit
  const now = turns.now()
  const allTiers = [...tiers, ...(options.trackers ?? []).map(url => [url])]
  if ((options.announces ?? true) && allTiers.length > 0) {
    const key = formatKey(ports.secrets.bytes(4))
    const announcers = swarms.map(
      infoHash =>
        new Announcer({
          torrent: task.id,
          infoHash,
          peerId: kit.peerId,
          key,
          schedule: new AnnounceSchedule({ tiers: allTiers, dice: ports.dice }),
          client: ports.trackers,
          turns,
          alerts,
          facts: () => factsOf(task, kit),
          foundPeers: (peers, at) => task.found(peers, 'tracker', at, isSecondSwarm(task, infoHash)),
          fail: error => task.fail(error),
        }),
    )
    task.announcers = [...task.announcers, ...announcers]
    for (const announcer of announcers) announcer.start(now, task.torrent?.isComplete ?? false)
  }
  task.found(
    (options.peers ?? []).map(peer => ({ address: peer })),
    'manual',
    now,
  )
}

/** A hybrid's v2 swarm: its peers are greeted under the v2 key. */
function isSecondSwarm(task: TorrentTask, infoHash: SwarmKey): boolean {
  const { v1 } = task.hashes
  return v1 !== undefined && !equalBytes(v1, infoHash)
}

function factsOf(task: TorrentTask, kit: LifeKit) {
  const { torrent } = task
  return {
    port: kit.listenPort(),
    uploaded: task.tally.uploaded,
    downloaded: task.tally.downloaded,
    left: torrent ? torrent.missingBytes : Number.MAX_SAFE_INTEGER,
    numWant: torrent?.isComplete ? 0 : Math.max(0, CLIENT_LIMITS.connectionsPerTorrent - task.peerCount),
  }
}

function formatKey(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

/** Names in `x.pe` are looked up; those that have no address are passed over. */
async function findMagnetPeers(task: TorrentTask, magnet: Magnet, kit: LifeKit): Promise<void> {
  const found = await Promise.all(magnet.peers.map(({ host, port }) => kit.ports.resolve(host, port)))
  kit.turns.enter(task, now =>
    task.found(
      found.flat().map(peer => ({ address: peer })),
      'magnet',
      now,
    ),
  )
}

/** BEP 52: a v2 piece can only be verified by its layer, which a magnet's metadata does not bring. */
async function fetchLayers(task: TorrentTask, info: Info, hashes: PieceHashes, kit: LifeKit): Promise<void> {
  task.signal.throwIfAborted()
  const came = Promise.withResolvers<void>()
  task.signal.addEventListener('abort', () => came.reject(task.signal.reason), { once: true })
  kit.turns.enter(task, now => {
    const queries = new HashQueries({ info, hashes, layersCame: came.resolve })
    task.hashQueries = queries
    for (const peer of task.peers) queries.offered(peer, now)
    queries.wantLayers(now)
  })
  await came.promise
}

async function fetchMetadata(task: TorrentTask, magnet: Magnet, kit: LifeKit): Promise<TorrentFile> {
  const { ports, turns, alerts } = kit
  void findMagnetPeers(task, magnet, kit)
  const bytes = await new Promise<Uint8Array>((resolve, reject) => {
    task.signal.addEventListener('abort', () => reject(task.signal.reason), { once: true })
    turns.enter(task, () => {
      task.magnetFetch = new MagnetFetch({ hashes: task.hashes, digest: ports.digest, done: resolve })
      for (const peer of task.peers)
        task.magnetFetch.offered(peer, peer.wire.remoteExtended.metadataSize, turns.now())
      task.connectMore(turns.now())
    })
  })
  const info = parseInfo(bytes, ports.digest)
  alerts.emit({ type: 'metadata-received', torrent: task.id, name: info.name })
  task.magnetFetch = null
  return {
    info,
    trackers: magnet.trackers.map(url => [url]),
    webSeeds: magnet.webSeeds,
    nodes: [],
    comment: null,
    createdBy: null,
    creationDate: null,
    layers: new Map(),
    warnings: [],
  }
}
