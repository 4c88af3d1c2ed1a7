import { Bitfield } from '../core/bitfield.ts'
import type { Geometry } from '../metainfo/geometry.ts'
import type { Info } from '../metainfo/info.ts'
import type { PieceHashes } from '../metainfo/piece-hashes.ts'
import { Choker } from '../swarm/choker.ts'
import { SWARM_OPTIONS } from '../swarm/options.ts'
import { PieceAssembly } from '../swarm/piece-assembly.ts'
import { PiecePicker } from '../swarm/piece-picker.ts'
import { SmartBan } from '../swarm/smart-ban.ts'
import { Torrent } from '../swarm/torrent.ts'
import { CLIENT_DEFAULTS } from './options.ts'
import type { WorkerPieceKeeper } from './piece-keeper.ts'
import type { AddOptions } from './session-options.ts'
import type { LifeKit } from './life-kit.ts'
import type { TorrentTask } from './torrent-task.ts'

/** Puts the swarm of one torrent together from those who decide, with what is on disk already. */
export function buildTorrent(o: {
  info: Info
  hashes: PieceHashes
  /** Verified on disk. */
  have: Bitfield
  isWanted: (file: number) => boolean
  /** Blocks of other pieces that lie there too, unjudged. */
  spilled: ReadonlyMap<number, Bitfield>
  keeper: WorkerPieceKeeper
  task: TorrentTask
  kit: LifeKit
  options: AddOptions
}): Torrent {
  const { ports, pool } = o.kit
  const { geometry } = o.info
  pool.growTo(geometry.pieceLength + CLIENT_DEFAULTS.extentsBesideLargest)
  const picker = new PiecePicker({
    pieceCount: geometry.pieceCount,
    blockCount: piece => geometry.blockCount(piece),
    padBlocks: piece => geometry.padBlocks(piece),
    dice: ports.dice,
    isSequential: o.options.isSequential ?? false,
  })
  const selected = piecesOfFiles(geometry, o.isWanted)
  for (let piece = selected.firstClear(); piece >= 0; piece = selected.firstClear(piece + 1))
    picker.setWanted(piece, false)
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
  })
  for (const piece of o.have) torrent.pieces.alreadyHave(piece)
  torrent.start()
  for (const [piece, blocks] of o.spilled) torrent.pieces.restore(piece, blocks)
  return torrent
}

/** The pieces that hold something of a wanted file. */
function piecesOfFiles(geometry: Geometry, isWanted: (file: number) => boolean): Bitfield {
  const pieces = new Bitfield(geometry.pieceCount)
  for (let file = 0; file < geometry.fileCount; file++) {
    if (!isWanted(file)) continue
    const { first, end } = geometry.piecesOf(file)
    for (let piece = first; piece < end; piece++) pieces.set(piece)
  }
  return pieces
}
