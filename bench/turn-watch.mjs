import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

/** ms between looks at the loop; the delay that is told has it in it. */
const RESOLUTION = 1
const NS_IN_MS = 1e6

/** Measures each turn of a session, and beside it how late the event loop is; from `start` on. */
export class TurnWatch {
  #turns = createHistogram()
  #delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  #isStarted = false
  #began = 0

  start() {
    this.#isStarted = true
    this.#delay.enable()
  }

  begin() {
    this.#began = performance.now()
  }

  end() {
    if (!this.#isStarted) return
    const took = Math.round((performance.now() - this.#began) * NS_IN_MS)
    this.#turns.record(Math.max(1, took))
  }

  /** All in ms. */
  figures() {
    this.#delay.disable()
    return {
      turns: this.#turns.count,
      p50: this.#turns.percentile(50) / NS_IN_MS,
      p99: this.#turns.percentile(99) / NS_IN_MS,
      max: this.#turns.max / NS_IN_MS,
      loopP99: this.#delay.percentile(99) / NS_IN_MS,
    }
  }
}
