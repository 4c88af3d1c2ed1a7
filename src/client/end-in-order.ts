import { throwFirstOf } from './throw-first-of.ts'

/**
 * Ends what belongs to a torrent, each part of it whatever becomes of another; rejects with the first fault then. What
 * is being opened or checked just now is there to be closed only when that has ended: waited for until `patience` aborts.
 */
export async function endInOrder(torrent: {
  readonly beginning: Promise<void>
  readonly stops: readonly Promise<void>[]
  readonly closers: readonly (() => Promise<void>)[]
  readonly patience: AbortSignal
}): Promise<void> {
  const { beginning, stops, closers, patience } = torrent
  const late = Promise.withResolvers<void>()
  patience.addEventListener('abort', () => late.resolve(), { once: true })
  await Promise.race([beginning, late.promise])
  throwFirstOf(await Promise.allSettled([...stops, ...closers.map(close => close())]))
}
