import { type Address, address, formatAddress } from '../../src/core/address.ts'
import type { Dice, Secrets, Signatures } from '../../src/core/ports.ts'
import { DhtNode } from '../../src/dht/dht-node.ts'
import { secureIdFor } from '../../src/dht/node-id.ts'
import { testDigest } from '../support/hash-plan.ts'
import { seededDice } from '../support/seeded-dice.ts'
import { EventQueue } from './event-queue.ts'

/** Whoever stands at an address of the net. */
export interface Resident {
  received(datagram: Uint8Array, from: Address, now: number): void
  tick?(now: number): void
  deadline?(): number
}

const NO_SIGNATURES: Signatures = {
  verify: () => false,
  sign: () => new Uint8Array(64),
  publicKeyOf: () => new Uint8Array(32),
}

/** Nodes of the DHT and nothing else, on a net with latency and loss, in virtual time. */
export class DhtNet {
  now = 0
  readonly dice: Dice
  readonly secrets: Secrets
  datagrams = 0
  readonly #loss: number
  readonly #events: EventQueue
  readonly #residents = new Map<string, Resident>()
  /** When each is to be ticked, as it is in the queue. */
  readonly #ticks = new Map<Resident, number>()
  readonly #subnets = new Set<number>()

  constructor(options: { seed: number; loss?: number }) {
    this.dice = seededDice(options.seed)
    this.secrets = { bytes: length => Uint8Array.from({ length }, () => this.dice.below(256)) }
    this.#loss = options.loss ?? 0
    this.#events = new EventQueue()
  }

  /** A global address in a subnet of its own. */
  newAddress(): Address {
    for (;;) {
      const host = [20 + this.dice.below(80), this.dice.below(256), this.dice.below(256)]
      const subnet = (host[0]! << 16) | (host[1]! << 8) | host[2]!
      if (this.#subnets.has(subnet)) continue
      this.#subnets.add(subnet)
      return address(`${host.join('.')}.${1 + this.dice.below(254)}`, 1024 + this.dice.below(60_000))
    }
  }

  /** A node of ours, with an id that is right for its address. */
  newNode(options: { at?: Address; signatures?: Signatures; isReadOnly?: boolean } = {}): SimDhtNode {
    const at = options.at ?? this.newAddress()
    const node = new SimDhtNode(at, {
      net: this,
      signatures: options.signatures ?? NO_SIGNATURES,
      isReadOnly: options.isReadOnly ?? false,
    })
    this.place(at, node)
    return node
  }

  place(at: Address, resident: Resident): void {
    this.#residents.set(formatAddress(at), resident)
    this.heed(resident)
  }

  /** It is gone without a word. */
  remove(at: Address): void {
    const resident = this.#residents.get(formatAddress(at))
    this.#residents.delete(formatAddress(at))
    if (resident) this.#ticks.delete(resident)
  }

  send(datagram: Uint8Array, from: Address, to: Address): void {
    this.datagrams++
    if (this.dice.fraction() < this.#loss) return
    const copy = datagram.slice()
    const latency = 20 + this.dice.below(80)
    this.#events.add(this.now + latency, () => {
      const resident = this.#residents.get(formatAddress(to))
      if (!resident) return
      resident.received(copy, from, this.now)
      this.heed(resident)
    })
  }

  /** Its deadline may have come nearer. */
  heed(resident: Resident): void {
    const at = resident.deadline?.() ?? Number.POSITIVE_INFINITY
    const known = this.#ticks.get(resident) ?? Number.POSITIVE_INFINITY
    if (at === Number.POSITIVE_INFINITY || (known <= at && known > this.now)) return
    const due = Math.max(at, this.now)
    this.#ticks.set(resident, due)
    this.#events.add(due, () => {
      if (this.#ticks.get(resident) !== due) return
      this.#ticks.set(resident, Number.POSITIVE_INFINITY)
      resident.tick?.(this.now)
      this.heed(resident)
    })
  }

  pass(time: number): void {
    const end = this.now + time
    this.#run(end, () => false)
    this.now = end
  }

  /** Until the condition holds. Throws where it does not within `bound` ms. */
  until(condition: () => boolean, bound = 120_000): void {
    this.#run(this.now + bound, condition)
    if (!condition()) throw new Error(`it did not come about within ${bound} ms of virtual time`)
  }

  #run(end: number, isEnough: () => boolean): void {
    while (!isEnough()) {
      const { next } = this.#events
      if (next > end) return
      this.now = Math.max(this.now, next)
      this.#events.take()?.run?.()
    }
  }
}

/** A node of ours and where it lives. */
export class SimDhtNode implements Resident {
  readonly at: Address
  readonly node: DhtNode
  readonly #net: DhtNet

  constructor(at: Address, options: { net: DhtNet; signatures: Signatures; isReadOnly: boolean }) {
    const { net, signatures, isReadOnly } = options
    this.at = at
    this.#net = net
    this.node = new DhtNode({
      family: at.family,
      dice: net.dice,
      secrets: net.secrets,
      digest: testDigest,
      signatures,
      send: (datagram, to) => net.send(datagram, at, to),
      id: secureIdFor(at.host, net.secrets),
      isReadOnly,
      now: net.now,
    })
  }

  /** Begins with what these know. */
  join(...routers: readonly Address[]): void {
    this.node.setRouters(routers, this.#net.now)
    this.#net.heed(this)
  }

  /** Somebody makes himself known. */
  hearOf(at: Address): void {
    this.node.heardOf(at, this.#net.now)
    this.#net.heed(this)
  }

  /** All that a search for peers finds, and what came of it. */
  search(infoHash: Uint8Array, announcePort: number | null = null) {
    const outcome: { peers: string[]; depth: number; questions: number; announced: number; isDone: boolean } =
      {
        peers: [],
        depth: 0,
        questions: 0,
        announced: 0,
        isDone: false,
      }
    this.node.findPeers(
      {
        infoHash,
        announce: announcePort === null ? null : { port: announcePort, isPortImplied: false, isSeed: false },
        found: peers => outcome.peers.push(...peers.map(formatAddress)),
        done: ({ depth, questions, announced }) =>
          Object.assign(outcome, { depth, questions, announced, isDone: true }),
      },
      this.#net.now,
    )
    this.#net.heed(this)
    return outcome
  }

  received(datagram: Uint8Array, from: Address, now: number): void {
    this.node.received(datagram, from, now)
  }

  tick(now: number): void {
    this.node.tick(now)
  }

  deadline(): number {
    return this.node.deadline()
  }
}
