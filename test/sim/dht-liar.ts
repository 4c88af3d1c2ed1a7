import { asBytes } from '../../src/bencode/bencode.ts'
import { type Address, address, encodeCompact } from '../../src/core/address.ts'
import { type Contact, encodeContacts } from '../../src/dht/contact.ts'
import { decodeKrpc, encodeResponse } from '../../src/dht/krpc.ts'
import { compareDistance, type NodeId, secureIdFor } from '../../src/dht/node-id.ts'
import type { DhtNet, Resident } from './dht-net.ts'

/**
 * A gang that wants to be asked about everything: each member answers everybody at once, and names as the nearest
 * nodes its fellows under made-up ids, and addresses where nobody is, with ids that BEP 42 would allow there.
 */
export class DhtGang {
  readonly members: DhtLiar[] = []
  readonly #net: DhtNet
  /** Addresses where nobody is, with ids for them. */
  readonly #ghosts: Contact[]

  constructor(net: DhtNet, options: { members: number; ghosts: number }) {
    this.#net = net
    this.#ghosts = Array.from({ length: options.ghosts }, () => {
      const at = net.newAddress()
      return { id: secureIdFor(at.host, net.secrets), address: at }
    })
    for (let i = 0; i < options.members; i++) this.members.push(new DhtLiar(net, this))
  }

  /** Eight lies about who is near the target. */
  contacts(target: NodeId): Contact[] {
    const nearest = this.#ghosts.toSorted((a, b) => compareDistance(target, a.id, b.id)).slice(0, 4)
    const fellows = Array.from({ length: 4 }, () => {
      const fellow = this.members[this.#net.dice.below(this.members.length)]!
      const id = target.slice()
      id.set(this.#net.secrets.bytes(4), 16)
      return { id, address: fellow.at }
    })
    return [...nearest, ...fellows]
  }
}

/** A member: its own id is right for its address, so that it gets into routing tables. */
export class DhtLiar implements Resident {
  readonly at: Address
  readonly #net: DhtNet
  readonly #gang: DhtGang
  readonly #id: NodeId

  constructor(net: DhtNet, gang: DhtGang) {
    this.at = net.newAddress()
    this.#net = net
    this.#gang = gang
    this.#id = secureIdFor(this.at.host, net.secrets)
    net.place(this.at, this)
  }

  received(datagram: Uint8Array, from: Address): void {
    const message = decodeKrpc(datagram)
    if (message?.type !== 'query') return
    const { transaction, args } = message
    const target = asBytes(args.get('info_hash')) ?? asBytes(args.get('target')) ?? this.#id
    const nobody = address('203.0.113.1', 1 + this.#net.dice.below(60_000))
    const values = {
      id: this.#id,
      nodes: encodeContacts(this.#gang.contacts(target)),
      token: this.#net.secrets.bytes(8),
      values: [encodeCompact(nobody)],
    }
    this.#net.send(encodeResponse({ transaction, values, to: from }), this.at, from)
  }
}
