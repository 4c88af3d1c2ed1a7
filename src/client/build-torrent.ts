import { Bitfield } from '../core/bitfield.ts'
import { NO_BYTES } from '../core/bytes.ts'
import { swarmKeys } from '../core/ids.ts'
import type { Info } from '../metainfo/info.ts'
import type { PieceHashes } from '../metainfo/piece-hashes.ts'
import { Choker } from '../swarm/choker.ts'
import { FastGrants } from '../swarm/fast-grants.ts'
import { SWARM_OPTIONS } from '../swarm/options.ts'
import { PieceAssembly } from '../swarm/piece-assembly.ts'
import { PiecePicker } from '../swarm/piece-picker.ts'
import { DEFAULT_PRIORITY } from '../swarm/piece-ranks.ts'
import { SmartBan } from '../swarm/smart-ban.ts'
import { Torrent } from '../swarm/torrent.ts'
import { CLIENT_DEFAULTS } from './options.ts'
import type { FileChoice } from './file-choice.ts'
import type { WorkerPieceKeeper } from './piece-keeper.ts'
import type { LifeKit } from './life-kit.ts'
import type { TorrentTask } from './torrent-task.ts'

/** Puts the swarm of one torrent together from those who decide, with what is on disk already. */
export function buildTorrent(o: {
  info: Info
  hashes: PieceHashes
  /** Verified on disk. */
  have: Bitfield
  choice: FileChoice
  /** Blocks of other pieces that lie there too, unjudged. */
  spilled: ReadonlyMap<number, Bitfield>
  keeper: WorkerPieceKeeper
  isSuperSeeding: boolean
  task: TorrentTask
  kit: LifeKit
}): Torrent {
  const { ports, pool } = o.kit
  const { geometry } = o.info
  pool.growTo(geometry.pieceLength + CLIENT_DEFAULTS.extentsBesideLargest)
  const picker = new PiecePicker({
    pieceCount: geometry.pieceCount,
    blockCount: piece => geometry.blockCount(piece),
    padBlocks: piece => geometry.padBlocks(piece),
    dice: ports.dice,
    isSequential: o.choice.isSequential,
  })
  const priorities = o.choice.ofPieces(o.info)
  const selected = new Bitfield(geometry.pieceCount)
  for (let piece = 0; piece < priorities.length; piece++) {
    const priority = priorities[piece]!
    if (priority > 0) selected.set(piece)
    if (priority !== DEFAULT_PRIORITY) picker.setPriority(piece, priority)
  }
  const infoHash = swarmKeys(o.info.hashes)[0] ?? NO_BYTES
  const torrent = new Torrent({
    geometry,
    selected,
    picker,
    assembly: new PieceAssembly({
      pool,
      lengthOf: piece => geometry.pieceLengthOf(piece),
      padBlocks: piece => geometry.padBlocks(piece),
    }),
    choker: new Choker({ dice: ports.dice, slots: SWARM_OPTIONS.uploadSlots }),
    smartBan: new SmartBan({ digest: ports.digest }),
    promised: o.hashes,
    keeper: o.keeper,
    events: o.task,
    tally: o.task.tally,
    fastGrants: new FastGrants({ geometry, infoHash, digest: ports.digest }),
    isSuperSeeding: o.isSuperSeeding,
  })
  torrent.pieces.alreadyHave(o.have)
  torrent.start()
  for (const [piece, blocks] of o.spilled) torrent.pieces.restore(piece, blocks)
  return torrent
}
