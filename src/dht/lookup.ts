import { type Address, formatAddress } from '../core/address.ts'
import { equalBytes } from '../core/bytes.ts'
import type { Contact } from './contact.ts'
import { DHT_LIMITS } from './limits.ts'
import { subnetOf } from './networks.ts'
import { compareDistance, isSecureId, type NodeId } from './node-id.ts'
import { DHT_DEFAULTS } from './options.ts'

/** A node that answered a lookup. */
export interface Found extends Contact {
  /** For what is to be kept there; null where it takes nothing. */
  readonly token: Uint8Array | null
  /** How many questions led to it, one after another. */
  readonly depth: number
}

export interface LookupResult {
  /** The nearest that answered, at most 8: those whose id is theirs by BEP 42 first. */
  readonly closest: readonly Found[]
  readonly questions: number
  /** Of the answers that counted: how many questions led there, one after another. */
  readonly depth: number
}

interface Candidate extends Contact {
  state: 'new' | 'asked' | 'slow' | 'answered' | 'silent'
  readonly isSecure: boolean
  readonly depth: number
  /** Who told of it first; null for those that we knew. */
  readonly source: Candidate | null
  /** Those that it told of and that did not answer. */
  liesTold: number
  token: Uint8Array | null
}

/** So many dead nodes from one source, and what else it told of is asked last. */
const LIES_FORGIVEN = 2
/** Questions under way at the same time to those whose id may be made up, while there are others to ask. */
const DOUBTFUL_AT_ONCE = 1

/**
 * Goes from node to node towards a target (BEP 5), until the nearest have answered. Bounded by questions and by time.
 *
 * Who answers may tell of nodes that are not there, or are his: so each host and subnet is asked once, those whose id is
 * theirs by BEP 42 come first, and what a source tells of that turned out to lie is believed last.
 */
export class Lookup {
  readonly target: NodeId
  readonly #ask: (to: Contact | { address: Address }, now: number) => boolean
  readonly #done: (result: LookupResult, now: number) => void
  readonly #endsAt: number
  /** The nearest first. Bounded by `lookupCandidates`. */
  readonly #candidates: Candidate[] = []
  /** By address: those that were ever taken in. Bounded by `lookupCandidates` and the questions. */
  readonly #known = new Map<string, Candidate>()
  readonly #hosts = new Set<string>()
  /** Addresses without an id: they are asked first. */
  readonly #routers: Address[]
  readonly #askedRouters = new Set<string>()
  #questions = 0
  #isOver = false

  /** `ask` sends the question and gives the outcome back to `answered`, `slow` or `silent`; false where it cannot now. */
  constructor(options: {
    target: NodeId
    contacts: readonly Contact[]
    routers?: readonly Address[]
    ask: (to: Contact | { address: Address }, now: number) => boolean
    done: (result: LookupResult, now: number) => void
    now: number
  }) {
    this.target = options.target
    this.#ask = options.ask
    this.#done = options.done
    this.#routers = [...(options.routers ?? [])]
    this.#endsAt = options.now + DHT_LIMITS.lookupTime
    for (const contact of options.contacts) this.#add(contact, null)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  start(now: number): void {
    this.#step(now)
  }

  deadline(): number {
    return this.#isOver ? Number.POSITIVE_INFINITY : this.#endsAt
  }

  tick(now: number): void {
    if (now >= this.#endsAt) this.#end(now)
    else this.#step(now)
  }

  /** A node answered: with these nodes, and a token where it would keep something. */
  answered(
    from: Address,
    answer: { id: NodeId; contacts: readonly Contact[]; token: Uint8Array | null },
    now: number,
  ): void {
    if (this.#isOver) return
    const key = formatAddress(from)
    const candidate = this.#known.get(key) ?? null
    this.#askedRouters.delete(key)
    if (candidate) {
      // Another than it was said to be: nothing near it is to be believed on its word.
      const isOther = !equalBytes(candidate.id, answer.id)
      candidate.state = isOther ? 'silent' : 'answered'
      candidate.token = isOther ? null : answer.token
      if (isOther) this.#lied(candidate)
    }
    if (candidate?.state !== 'silent') for (const contact of answer.contacts) this.#add(contact, candidate)
    this.#step(now)
  }

  slow(from: Address, now: number): void {
    const candidate = this.#known.get(formatAddress(from))
    this.#askedRouters.delete(formatAddress(from))
    if (candidate?.state === 'asked') candidate.state = 'slow'
    this.#step(now)
  }

  silent(from: Address, now: number): void {
    const candidate = this.#known.get(formatAddress(from))
    this.#askedRouters.delete(formatAddress(from))
    if (candidate) {
      candidate.state = 'silent'
      this.#lied(candidate)
    }
    this.#step(now)
  }

  #lied(candidate: Candidate): void {
    if (candidate.source) candidate.source.liesTold++
  }

  #add(contact: Contact, source: Candidate | null): void {
    const { id, address } = contact
    const key = formatAddress(address)
    const network = subnetOf(address.host)
    if (this.#known.has(key) || (network !== null && this.#hosts.has(network))) return
    const candidate: Candidate = {
      id,
      address,
      state: 'new',
      isSecure: isSecureId(id, address.host),
      depth: source ? source.depth + 1 : 0,
      source,
      liesTold: 0,
      token: null,
    }
    const at = this.#candidates.findIndex(other => compareDistance(this.target, id, other.id) < 0)
    if (at < 0 && this.#candidates.length >= DHT_LIMITS.lookupCandidates) return
    this.#candidates.splice(at < 0 ? this.#candidates.length : at, 0, candidate)
    this.#known.set(key, candidate)
    if (network !== null) this.#hosts.add(network)
    if (this.#candidates.length > DHT_LIMITS.lookupCandidates) this.#forgetLast()
  }

  #forgetLast(): void {
    const at = this.#candidates.findLastIndex(({ state }) => state === 'new')
    if (at < 0) return
    const [last] = this.#candidates.splice(at, 1)
    this.#known.delete(formatAddress(last!.address))
  }

  #step(now: number): void {
    if (this.#isOver) return
    for (let router = this.#routers.pop(); router; router = this.#routers.pop()) {
      if (this.#ask({ address: router }, now)) this.#askedRouters.add(formatAddress(router))
    }
    for (;;) {
      const next = this.#next()
      if (next === null || this.#questions >= DHT_LIMITS.lookupQuestions) break
      next.state = 'asked'
      this.#questions++
      if (!this.#ask(next, now)) next.state = 'silent'
    }
    if (this.#isWaiting) return
    this.#end(now)
  }

  /** Whom to ask next, while there is somebody nearer than those that answered, and not too much is under way. */
  #next(): Candidate | null {
    const trusted = this.#front(candidate => isTrusted(candidate))
    const doubtful = this.#front(candidate => !isTrusted(candidate))
    if (trusted.underWay + doubtful.underWay >= DHT_DEFAULTS.questionsAtOnce) return null
    if (doubtful.next && doubtful.underWay < DOUBTFUL_AT_ONCE && trusted.next) {
      // Of those in doubt one at a time, beside the others.
      return trusted.underWay > 0 ? doubtful.next : trusted.next
    }
    return trusted.next ?? doubtful.next
  }

  /** Of some: the nearest that is to be asked, if fewer than 8 nearer ones have answered; and how many are being asked. */
  #front(belongs: (candidate: Candidate) => boolean): { next: Candidate | null; underWay: number } {
    let answered = 0
    let underWay = 0
    let next: Candidate | null = null
    for (const candidate of this.#candidates) {
      if (!belongs(candidate)) continue
      if (candidate.state === 'asked') underWay++
      if (answered >= DHT_LIMITS.bucketNodes) continue
      if (candidate.state === 'answered') answered++
      else if (candidate.state === 'new') next ??= candidate
    }
    return { next, underWay }
  }

  get #isWaiting(): boolean {
    return this.#askedRouters.size > 0 || this.#candidates.some(({ state }) => state === 'asked')
  }

  #end(now: number): void {
    if (this.#isOver) return
    this.#isOver = true
    const answered = this.#candidates.filter(({ state }) => state === 'answered')
    const closest = [...answered.filter(isTrusted), ...answered.filter(each => !isTrusted(each))]
      .slice(0, DHT_LIMITS.bucketNodes)
      .map(({ id, address, token, depth }) => ({ id, address, token, depth: depth + 1 }))
    const depth = Math.max(0, ...closest.map(found => found.depth))
    this.#done({ closest, questions: this.#questions, depth }, now)
  }
}

function isTrusted({ isSecure, source }: Candidate): boolean {
  return isSecure && (source === null || source.liesTold <= LIES_FORGIVEN)
}
