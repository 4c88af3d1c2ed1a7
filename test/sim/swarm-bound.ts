/** What one who wants all of it can take, bytes a second. */
export interface BoundedLeech {
  readonly up: number
  readonly down: number
}

export interface SwarmBound {
  /** No way of sharing completes the last leech sooner, in seconds. */
  readonly last: number
  /** Nor all of them sooner than this, on average. */
  readonly mean: number
}

/**
 * The flow bound of a swarm (Kumar and Ross, "Peer-assisted file distribution", 2006): content of F bytes is a fluid,
 * and whatever is sent is new to whom it is sent to. Nobody is complete before F / min(own down, seeds' up), for each
 * byte leaves a seed at least once. When k are complete, k F bytes have been uploaded, by no more than all upload
 * there is: the k-th completion comes no sooner than k F / (sum of ups). Of both, the later holds for the k-th.
 */
export function swarmBound(length: number, seedUp: number, leeches: readonly BoundedLeech[]): SwarmBound {
  const total = leeches.reduce((sum, leech) => sum + leech.up, seedUp)
  const alone = leeches.map(leech => length / Math.min(leech.down, seedUp)).sort((a, b) => a - b)
  const soonest = alone.map((seconds, k) => Math.max(seconds, ((k + 1) * length) / total))
  return {
    last: Math.max(...soonest),
    mean: soonest.reduce((sum, seconds) => sum + seconds, 0) / soonest.length,
  }
}
