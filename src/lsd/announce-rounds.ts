import { LSD_LIMITS } from './limits.ts'

/**
 * Whom to announce next in the local network (BEP 14): new torrents first, then each again after five minutes. Up to five
 * torrents have a datagram each, as some programs read only the first info-hash; more of them share datagrams. There is one a
 * minute on average, however many torrents there are: of thousands a round takes hours, and others are heard meanwhile.
 */
export class AnnounceRounds {
  readonly #most: number
  /** Not announced yet. Bounded by the swarms of the session, as are those that were. */
  readonly #fresh = new Set<string>()
  #freshSince = 0
  /** When each was announced last, in that order. */
  readonly #told = new Map<string, number>()
  /** Datagrams that may be sent now. */
  #credit: number = LSD_LIMITS.datagramsAtOnce
  #creditAt = 0

  /** `most`: info-hashes that a datagram has room for. */
  constructor(options: { most: number }) {
    this.#most = options.most
  }

  get size(): number {
    return this.#fresh.size + this.#told.size
  }

  /** `name`: of the swarm, as the owner likes. */
  add(name: string, now: number): void {
    if (this.#fresh.has(name) || this.#told.has(name)) return
    if (this.#fresh.size === 0) this.#freshSince = now
    this.#fresh.add(name)
  }

  remove(name: string): void {
    this.#fresh.delete(name)
    this.#told.delete(name)
  }

  /** What one datagram is to announce, which counts as sent; null where it is not time. */
  next(now: number): string[] | null {
    this.#refill(now)
    if (this.deadline() > now) return null
    const most = this.size <= LSD_LIMITS.datagramsAtOnce ? 1 : this.#most
    const due = this.#due(now).slice(0, most)
    this.#credit--
    for (const name of due) {
      this.remove(name)
      this.#told.set(name, now)
    }
    return due
  }

  /** When `next` is worth asking. */
  deadline(): number {
    const wanted = Math.min(this.#freshAt, this.#againAt)
    if (wanted === Number.POSITIVE_INFINITY || this.#credit >= 1) return wanted
    return Math.max(wanted, this.#creditAt + (1 - this.#credit) * LSD_LIMITS.datagramInterval)
  }

  get #freshAt(): number {
    return this.#fresh.size > 0 ? this.#freshSince + LSD_LIMITS.gather : Number.POSITIVE_INFINITY
  }

  get #againAt(): number {
    for (const at of this.#told.values()) return at + LSD_LIMITS.announceInterval
    return Number.POSITIVE_INFINITY
  }

  #due(now: number): string[] {
    const due = [...this.#fresh]
    for (const [name, at] of this.#told) {
      if (due.length >= this.#most || at + LSD_LIMITS.announceInterval > now) break
      due.push(name)
    }
    return due
  }

  #refill(now: number): void {
    const earned = (now - this.#creditAt) / LSD_LIMITS.datagramInterval
    this.#credit = Math.min(LSD_LIMITS.datagramsAtOnce, this.#credit + Math.max(0, earned))
    this.#creditAt = now
  }
}
