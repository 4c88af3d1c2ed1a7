import { address } from '../../src/core/address.ts'
import type { Content } from './content.ts'
import type { SimClient } from './sim-client.ts'
import type { Stage } from './story.ts'

/** A client that has all but the last piece: with others like it, it stays connected and has nothing to say. */
export async function newIdler(stage: Stage, content: Content, meets: SimClient | null): Promise<SimClient> {
  const { pieceCount, pieceLength } = content.info.geometry
  const client = await stage.newClient({ isListening: meets === null })
  for (let piece = 0; piece < pieceCount - 1; piece++) {
    client.disk.write(content.info.name, piece * pieceLength, content.read(piece, 0, pieceLength))
  }
  await client.add(content, meets ? { announces: false, peers: [address(meets.host.at, 6881)] } : {})
  return client
}

export interface IdleFigures {
  readonly connections: number
  readonly events: number
  readonly milliseconds: number
}

/** Lets an hour go by, and counts what it took. */
export async function idleHour(stage: Stage): Promise<IdleFigures> {
  await stage.pass(600_000)
  const before = stage.events
  const began = performance.now()
  await stage.pass(3_600_000)
  return {
    connections: stage.network.openConnections,
    events: stage.events - before,
    milliseconds: Math.round(performance.now() - began),
  }
}
