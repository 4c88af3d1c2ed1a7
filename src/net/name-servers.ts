import { Resolver } from 'node:dns/promises'
import type { Lookup } from './resolve.ts'

const TIMEOUT = 3000
const TRIES = 2

/**
 * Asks name servers itself. The system's look-up knows more (`/etc/hosts`, the local network), but cannot be taken back: where no
 * server answers, a process that ends waits for it. For names of the world that nobody waits for.
 */
export class NameServers {
  readonly #resolver = new Resolver({ timeout: TIMEOUT, tries: TRIES })

  /** `servers`: other than the system's, as `192.0.2.1:53`. */
  constructor(options: { servers?: readonly string[] } = {}) {
    if (options.servers) this.#resolver.setServers(options.servers)
  }

  readonly lookup: Lookup = async name => {
    const [v4, v6] = await Promise.allSettled([this.#resolver.resolve4(name), this.#resolver.resolve6(name)])
    const found = [v4, v6].flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []))
    if (found.length === 0 && v4.status === 'rejected') throw v4.reason
    return found
  }

  /** What was asked is not waited for any more. */
  close(): void {
    this.#resolver.cancel()
  }
}
