/** Ctrl-C: the first asks everything to stop cleanly, the second ends the process at once. */

import type { Environment } from './environment.ts'
import type { Output } from './output.ts'

export class Interruption {
  readonly #abort = new AbortController()
  readonly #off: () => void

  constructor(environment: Environment, output: Output) {
    this.#off = environment.onInterrupt(() => {
      // What is on disk is safe at any moment (the journal sees to that); only `stopped` may go unsaid.
      if (this.#abort.signal.aborted) return environment.quit()
      output.clearView()
      output.insist('Stopping … (once more to quit at once)')
      this.#abort.abort(new Error('interrupted'))
    })
  }

  /** Aborted at the first. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get hasHappened(): boolean {
    return this.#abort.signal.aborted
  }

  close(): void {
    this.#off()
  }
}
