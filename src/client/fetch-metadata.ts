/** How a torrent that came as a magnet learns what it is, from its peers. */

import { orAborted } from '../core/or-aborted.ts'
import { type Info, parseInfo } from '../metainfo/info.ts'
import type { Magnet } from '../metainfo/magnet.ts'
import type { PieceHashes } from '../metainfo/piece-hashes.ts'
import type { TorrentFile } from '../metainfo/torrent-file.ts'
import { HashQueries } from './hash-queries.ts'
import type { LifeKit } from './life-kit.ts'
import { MagnetFetch } from './magnet-fetch.ts'
import type { TorrentTask } from './torrent-task.ts'

/** BEP 9: the info dictionary, from peers. Rejects when the torrent leaves. */
export async function fetchMetadata(task: TorrentTask, magnet: Magnet, kit: LifeKit): Promise<TorrentFile> {
  const { ports, turns } = kit
  const came = Promise.withResolvers<Uint8Array>()
  turns.enter(task, now => {
    task.magnetFetch = new MagnetFetch({ hashes: task.hashes, digest: ports.digest, done: came.resolve })
    for (const peer of task.peers) task.magnetFetch.offered(peer, peer.wire.remoteExtended.metadataSize, now)
    task.connectMore(now)
  })
  const info = parseInfo(await orAborted(came.promise, task.signal), ports.digest)
  kit.alerts.emit({ type: 'metadata-received', torrent: task.id, name: info.name })
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

/** BEP 52: a v2 piece can only be verified by its layer, which a magnet's metadata does not bring. */
export async function fetchLayers(
  task: TorrentTask,
  info: Info,
  hashes: PieceHashes,
  kit: LifeKit,
): Promise<void> {
  task.signal.throwIfAborted()
  const came = Promise.withResolvers<void>()
  kit.turns.enter(task, now => {
    const queries = new HashQueries({ info, hashes, layersCame: came.resolve })
    task.hashQueries = queries
    for (const peer of task.peers) queries.offered(peer, now)
    queries.wantLayers(now)
  })
  await orAborted(came.promise, task.signal)
}

/** Names in `x.pe` are looked up; those that have no address are passed over. */
export async function findMagnetPeers(task: TorrentTask, magnet: Magnet, kit: LifeKit): Promise<void> {
  const found = await Promise.all(magnet.peers.map(({ host, port }) => kit.ports.resolve(host, port)))
  kit.turns.enter(task, now =>
    task.found(
      found.flat().map(peer => ({ address: peer })),
      'magnet',
      now,
    ),
  )
}
