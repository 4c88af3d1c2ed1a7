import type { Alarm } from '../../src/core/ports.ts'
import type { SimEvent } from './event-queue.ts'
import type { World } from './world.ts'

/** The one timer of a session, on a world's clock. Like the real one, setting it later than it stands costs nothing. */
export class SimAlarm implements Alarm {
  readonly #world: World
  #ring: () => void = () => {}
  #at = Number.POSITIVE_INFINITY
  #event: SimEvent | null = null

  constructor(world: World) {
    this.#world = world
  }

  onRing(ring: () => void): void {
    this.#ring = ring
  }

  set(at: number): void {
    this.#at = at
    if (at < (this.#event?.at ?? Number.POSITIVE_INFINITY)) this.#plan()
  }

  close(): void {
    this.#world.cancel(this.#event)
    this.#event = null
    this.#at = Number.POSITIVE_INFINITY
    this.#ring = () => {}
  }

  #plan(): void {
    this.#world.cancel(this.#event)
    this.#event = this.#at === Number.POSITIVE_INFINITY ? null : this.#world.at(this.#at, () => this.#wake())
  }

  #wake(): void {
    this.#event = null
    if (this.#world.now < this.#at) this.#plan()
    else {
      this.#at = Number.POSITIVE_INFINITY
      this.#ring()
    }
  }
}
