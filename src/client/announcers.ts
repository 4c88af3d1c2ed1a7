import { throwFirstOf } from './throw-first-of.ts'
import type { Announcer } from './announcer.ts'
import type { TrackerStatus } from './torrent-status.ts'

/** Those who announce a torrent, one a swarm: a hybrid is in two. They begin and stop, and may begin anew. */
export class Announcers {
  #running: readonly Announcer[] = []
  /** Those that tell their trackers that we leave. Bounded by the trackers, as each gives up after a while. */
  readonly #stopping = new Set<Promise<void>>()
  #alsoStop: (now: number) => void = () => undefined

  start(announcers: readonly Announcer[], now: number, isComplete: boolean): void {
    this.#running = [...this.#running, ...announcers]
    for (const announcer of announcers) announcer.start(now, isComplete)
  }

  /** Nobody is told anything. */
  get isEmpty(): boolean {
    return this.#running.length === 0
  }

  addTiers(tiers: readonly (readonly string[])[], now: number): void {
    for (const announcer of this.#running) announcer.addTiers(tiers, now)
  }

  complete(now: number): void {
    for (const announcer of this.#running) announcer.complete(now)
  }

  wantPeers(now: number): void {
    for (const announcer of this.#running) announcer.wantPeers(now)
  }

  portChanged(now: number): void {
    for (const announcer of this.#running) announcer.portChanged(now)
  }

  states(now: number): TrackerStatus[] {
    return this.#running.flatMap(announcer => announcer.states(now))
  }

  /** What else is to end when they stop: other ways to find peers. */
  whenStopped(stop: (now: number) => void): void {
    this.#alsoStop = stop
  }

  /** Tells the trackers that we leave. Resolves when all know, or the signal aborts; so it does for an earlier call. */
  async stop(now: number, signal: AbortSignal): Promise<void> {
    this.#alsoStop(now)
    for (const announcer of this.#running) {
      const stopped = announcer.stop(now, signal)
      this.#stopping.add(stopped)
      const forget = (): void => void this.#stopping.delete(stopped)
      stopped.then(forget, forget)
    }
    this.#running = []
    throwFirstOf(await Promise.allSettled(this.#stopping))
  }
}
