import { BoundedMap } from '../core/bounded-map.ts'
import { scopeOf } from '../core/scope.ts'
import { DHT_LIMITS } from './limits.ts'
import { wideNetworkOf } from './networks.ts'
import { DHT_DEFAULTS } from './options.ts'

/** Where others see us (BEP 42): each network has one vote, its last. */
export class AddressVotes {
  /** By network of the voter: the host that it sees. */
  readonly #votes = new BoundedMap<string, string>({ limit: DHT_LIMITS.bucketNodes * 4 })
  /** What enough agreed on; null so far. */
  host: string | null = null

  /** True where `host` is another one now. */
  vote(voter: string, host: string): boolean {
    const network = wideNetworkOf(voter)
    if (network === null || scopeOf(host) !== 'global') return false
    this.#votes.set(network, host)
    if (host === this.host) return false
    let count = 0
    for (const seen of this.#votes.values()) if (seen === host) count++
    if (count < DHT_DEFAULTS.addressVotes || 2 * count <= this.#votes.size) return false
    this.host = host
    return true
  }
}
