/** Seconds that a clock may be off, from when a datagram was on its way. */
const SLACK = 2

/**
 * Whether a router still has what it was told: by the seconds that it says have passed since it began anew (RFC 6887,
 * section 8.5; RFC 6886, section 3.6).
 */
export class GatewayEpoch {
  #last: { readonly epoch: number; readonly at: number } | null = null

  /** False where the router has lost its mappings since it was heard last. `now`: monotonic ms. */
  heard(epoch: number, now: number): boolean {
    const last = this.#last
    this.#last = { epoch, at: now }
    if (last === null) return true
    const theirs = epoch - last.epoch
    const ours = (now - last.at) / 1000
    if (theirs < -1) return false
    return !isBehind(theirs, ours) && !isBehind(ours, theirs)
  }

  forget(): void {
    this.#last = null
  }
}

/** By more than a sixteenth. */
function isBehind(one: number, other: number): boolean {
  return one + SLACK < other - other / 16
}
