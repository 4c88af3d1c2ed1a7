import { type Family, hostBytes, isHost, scopeOf } from '../core/address.ts'
import { BoundedMap } from '../core/bounded-map.ts'
import { formatHex } from '../core/bytes.ts'
import { SWARM_LIMITS } from './limits.ts'
import { SWARM_OPTIONS } from './options.ts'

interface Vote {
  readonly host: string
  readonly weight: number
}

/**
 * Where the world sees us, by what trackers (BEP 24), peers (BEP 10, `yourip`) and our router say. Any of them may lie:
 * who says it has one vote, its last, and a network has one voter. It is only believed what so many say, and more than half.
 */
export class ExternalAddress {
  readonly #votes: Readonly<Record<Family, BoundedMap<string, Vote>>> = {
    4: new BoundedMap({ limit: SWARM_LIMITS.addressVotes }),
    6: new BoundedMap({ limit: SWARM_LIMITS.addressVotes }),
  }
  readonly #hosts: Record<Family, string | null> = { 4: null, 6: null }

  /** What is believed; null while nothing is. */
  host(family: Family): string | null {
    return this.#hosts[family]
  }

  /** A peer that is not beside us, or a tracker by its name. True where something else is believed from now on. */
  vote(voter: string, host: string): boolean {
    const network = networkOf(voter)
    return network !== null && this.#count(network, { host, weight: 1 })
  }

  /** Our own router knows: that is enough while not more others say otherwise. */
  routerSays(gateway: string, host: string): boolean {
    return this.#count(`router ${gateway}`, { host, weight: SWARM_OPTIONS.addressVotes })
  }

  #count(voter: string, vote: Vote): boolean {
    if (scopeOf(vote.host) !== 'global') return false
    const family = vote.host.includes(':') ? 6 : 4
    const votes = this.#votes[family].set(voter, vote)
    let all = 0
    let same = 0
    for (const { host, weight } of votes.values()) {
      all += weight
      if (host === vote.host) same += weight
    }
    if (same < SWARM_OPTIONS.addressVotes || 2 * same <= all || this.#hosts[family] === vote.host)
      return false
    this.#hosts[family] = vote.host
    return true
  }
}

/** Two bytes of IPv4, four of IPv6; null for those beside us, who see us there. A name stands for itself. */
function networkOf(voter: string): string | null {
  if (!isHost(voter)) return voter.toLowerCase()
  if (scopeOf(voter) !== 'global') return null
  const bytes = hostBytes(voter)
  return formatHex(bytes.subarray(0, bytes.length / (bytes.length === 4 ? 2 : 4)))
}
