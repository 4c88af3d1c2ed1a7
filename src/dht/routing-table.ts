import { type Address, formatAddress } from '../core/address.ts'
import type { Dice } from '../core/ports.ts'
import { scopeOf } from '../core/scope.ts'
import { equalBytes } from '../core/bytes.ts'
import type { Contact } from './contact.ts'
import { DHT_LIMITS } from './limits.ts'
import { subnetOf } from './networks.ts'
import { commonBits, compareDistance, idInBucket, isSecureId, type NodeId } from './node-id.ts'
import { DHT_DEFAULTS } from './options.ts'

interface Entry extends Contact {
  /** When it answered last. */
  seenAt: number
  /** When it was asked last without an answer so far. */
  askedAt: number
  /** Questions in a row that it did not answer. */
  failures: number
  readonly isSecure: boolean
}

interface Bucket {
  /** Bounded by `bucketNodes`. */
  readonly nodes: Entry[]
  /** They answered when there was no place. Bounded by `replacements`, the latest last. */
  readonly waiting: Entry[]
}

/** So often in a row a node may fail to answer before somebody else gets its place; without anybody else, it stays longer. */
const FAILURES = 2
const MOST_FAILURES = 5

/**
 * The nodes that we know, more of those that are near to us (BEP 5): a bucket for each number of leading bits that an id has in
 * common with ours. Only who answered us comes in, and only who fails goes. One node a global host, and one a subnet in
 * each bucket, so that nobody fills it alone.
 */
export class RoutingTable {
  readonly id: NodeId
  readonly #buckets: Bucket[] = Array.from({ length: 160 }, () => ({ nodes: [], waiting: [] }))
  /** By address, those in buckets. */
  readonly #byAddress = new Map<string, Entry>()
  /** How many each global host has. */
  readonly #hosts = new Set<string>()

  constructor(id: NodeId) {
    this.id = id
  }

  get size(): number {
    return this.#byAddress.size
  }

  /** Whether it has answered us, and is in here. */
  has(address: Address): boolean {
    return this.#byAddress.has(formatAddress(address))
  }

  /** All of them, the latest heard first. */
  contacts(): Contact[] {
    return [...this.#byAddress.values()]
      .toSorted((a, b) => b.seenAt - a.seenAt)
      .map(({ id, address }) => ({ id, address }))
  }

  /** Whether somebody who was not asked yet would find a place, could he answer. */
  wants({ id, address }: Contact): boolean {
    if (equalBytes(id, this.id) || this.has(address) || this.#isCrowded(address, this.#bucketOf(id)))
      return false
    const { nodes } = this.#bucketOf(id)
    return nodes.length < DHT_LIMITS.bucketNodes || nodes.some(node => node.failures > 0)
  }

  /** It answered. */
  answered(contact: Contact, now: number): void {
    if (equalBytes(contact.id, this.id)) return
    const known = this.#byAddress.get(formatAddress(contact.address))
    if (known && equalBytes(known.id, contact.id)) {
      known.seenAt = now
      known.askedAt = now
      known.failures = 0
      return
    }
    if (known) this.#remove(known) // started anew, by another name
    const bucket = this.#bucketOf(contact.id)
    const isSecure = isSecureId(contact.id, contact.address.host)
    const { id, address } = contact
    const entry: Entry = { id, address, seenAt: now, askedAt: now, failures: 0, isSecure }
    if (bucket.nodes.some(node => equalBytes(node.id, id)) || this.#isCrowded(address, bucket)) return
    if (bucket.nodes.length < DHT_LIMITS.bucketNodes) {
      this.#add(bucket, entry)
      return
    }
    const failing = bucket.nodes
      .filter(node => node.failures > 0)
      .toSorted((a, b) => b.failures - a.failures)[0]
    if (failing) {
      this.#remove(failing)
      this.#add(bucket, entry)
    } else {
      this.#wait(bucket, entry)
    }
  }

  /** It did not answer. */
  failed(address: Address): void {
    const entry = this.#byAddress.get(formatAddress(address))
    if (!entry) return
    entry.failures++
    const bucket = this.#bucketOf(entry.id)
    if (entry.failures < (bucket.waiting.length > 0 ? FAILURES : MOST_FAILURES)) return
    this.#remove(entry)
    const next = this.#takeWaiting(bucket)
    if (next) this.#add(bucket, next)
  }

  /** The nearest to the target, those that fail left out. */
  closest(target: NodeId, count: number): Contact[] {
    return [...this.#byAddress.values()]
      .filter(({ failures }) => failures < FAILURES)
      .toSorted((a, b) => compareDistance(target, a.id, b.id))
      .slice(0, count)
      .map(({ id, address }) => ({ id, address }))
  }

  /** Who was silent longest, if for too long; it is to be asked now. */
  questionable(now: number): Contact | null {
    let oldest: Entry | null = null
    for (const entry of this.#byAddress.values())
      if (oldest === null || entry.askedAt < oldest.askedAt) oldest = entry
    if (oldest === null) return null
    const patience = oldest.failures > 0 ? DHT_DEFAULTS.answerTimeout : DHT_DEFAULTS.questionableAfter
    if (now < oldest.askedAt + patience) return null
    oldest.askedAt = now
    return oldest
  }

  /** An id to look for, by which the table gets fuller: in one of the buckets down to the deepest that has anybody. */
  refreshTarget(dice: Dice): NodeId {
    const deepest = this.#buckets.findLastIndex(({ nodes }) => nodes.length > 0)
    const lacking = this.#buckets
      .slice(0, deepest + 2)
      .flatMap(({ nodes }, bits) => (nodes.length < DHT_LIMITS.bucketNodes ? [bits] : []))
    const bits = lacking.length > 0 ? lacking[dice.below(lacking.length)]! : dice.below(deepest + 2)
    return idInBucket(this.id, Math.min(bits, 159), dice)
  }

  #bucketOf(id: NodeId): Bucket {
    return this.#buckets[Math.min(159, commonBits(this.id, id))]!
  }

  /** Its host, or somebody of its subnet in the same bucket, is there already. */
  #isCrowded({ host }: Address, { nodes }: Bucket): boolean {
    if (this.#hosts.has(host)) return true
    const subnet = subnetOf(host)
    return subnet !== null && nodes.some(({ address }) => subnetOf(address.host) === subnet)
  }

  #add(bucket: Bucket, entry: Entry): void {
    bucket.nodes.push(entry)
    this.#byAddress.set(formatAddress(entry.address), entry)
    if (scopeOf(entry.address.host) === 'global') this.#hosts.add(entry.address.host)
  }

  #remove(entry: Entry): void {
    const { nodes } = this.#bucketOf(entry.id)
    const at = nodes.indexOf(entry)
    if (at >= 0) nodes.splice(at, 1)
    this.#byAddress.delete(formatAddress(entry.address))
    this.#hosts.delete(entry.address.host)
  }

  #wait({ waiting }: Bucket, entry: Entry): void {
    const at = waiting.findIndex(
      ({ address }) => address.host === entry.address.host && address.port === entry.address.port,
    )
    if (at >= 0) waiting.splice(at, 1)
    waiting.push(entry)
    if (waiting.length <= DHT_LIMITS.replacements) return
    const worst = waiting.findIndex(({ isSecure }) => !isSecure)
    waiting.splice(Math.max(0, worst), 1)
  }

  /** The latest of those whose id is theirs by BEP 42, or of all. */
  #takeWaiting(bucket: Bucket): Entry | null {
    const { waiting } = bucket
    for (const isSecure of [true, false]) {
      const at = waiting.findLastIndex(
        entry => entry.isSecure === isSecure && !this.#isCrowded(entry.address, bucket),
      )
      if (at >= 0) return waiting.splice(at, 1)[0]!
    }
    return null
  }
}
