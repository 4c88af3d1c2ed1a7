import type { BitTorrentError } from '../core/errors.ts'
import type { RunningParts } from './running-parts.ts'
import type { TorrentTask } from './torrent-task.ts'

/**
 * Does something with a torrent that runs: waits until it does, wakes it where it rests, and lets it not rest meanwhile.
 * Rejects where it fails or leaves first. `act` finds the parts anew where it has waited: they may be others by then.
 */
export async function whileAwake<T>(task: TorrentTask, act: (parts: RunningParts) => Promise<T>): Promise<T> {
  await task.onChecked.promise
  task.errands++
  try {
    return await act(await partsOf(task))
  } finally {
    task.errands--
    // One that is paused need not be awake.
    if (task.isPaused) task.rest?.hurry()
  }
}

/** What a torrent has when it is awake; it is woken for it. */
export async function partsOf(task: TorrentTask): Promise<RunningParts> {
  task.signal.throwIfAborted()
  const awake = Promise.withResolvers<void>()
  task.whenAwake({ ready: () => awake.resolve(), refused: (error: BitTorrentError) => awake.reject(error) })
  await awake.promise
  task.signal.throwIfAborted()
  if (task.hasFailed) throw task.error ?? new RangeError('a torrent that failed has its error')
  if (!task.parts) throw new RangeError('a torrent that is awake has its parts')
  return task.parts
}
