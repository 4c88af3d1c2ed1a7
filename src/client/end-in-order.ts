import { throwFirstOf } from './throw-first-of.ts'

/**
 * Ends what belongs to a torrent, each part of it whatever becomes of another; rejects with the first fault then. What
 * is being opened or checked just now is there to be closed only when that has ended: waited for until `patience` aborts.
 */
export async function endInOrder(torrent: {
  readonly underWay: Promise<unknown>
  readonly stops: readonly Promise<void>[]
  readonly close: () => Promise<void> | undefined
  readonly patience: AbortSignal
}): Promise<void> {
  const { underWay, stops, close, patience } = torrent
  const late = Promise.withResolvers<void>()
  patience.addEventListener('abort', () => late.resolve(), { once: true })
  await Promise.race([underWay, late.promise])
  throwFirstOf(await Promise.allSettled([...stops, close()]))
}
