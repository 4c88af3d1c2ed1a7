import { asBytes, type BencodeDict } from '../bencode/bencode.ts'
import type { Encodable } from '../bencode/encode.ts'
import type { Address } from '../core/address.ts'
import type { Contact } from './contact.ts'
import { DHT_LIMITS } from './limits.ts'
import { Lookup, type LookupResult } from './lookup.ts'
import type { NodeId } from './node-id.ts'
import type { Asker, Response } from './questions.ts'

type Fields = Readonly<Record<string, Encodable | undefined>>

/** Where a question goes, and who is said to be there, if anybody is. */
export type Asked = Contact | { readonly address: Address }

/** What a lookup asks each node, and who hears the answers. */
export interface Looking {
  readonly target: NodeId
  readonly method: string
  readonly args: Fields
  heard(values: BencodeDict, now: number): void
  done(result: LookupResult, now: number): void
}

/** The lookups of a node: some at once, the others in line. */
export class Lookups {
  readonly #contacts: (target: NodeId) => readonly Contact[]
  readonly #routers: () => readonly Address[]
  readonly #ask: (to: Asked, method: string, args: Fields, asker: Asker, now: number) => boolean
  readonly #contactsIn: (response: Response, now: number) => Contact[]
  /** Bounded by `lookupsAtOnce`. */
  readonly #running = new Set<Lookup>()
  /** Bounded by what the node's owner asks for. */
  readonly #waiting = new Set<Looking>()

  constructor(options: {
    /** Those to begin with. */
    contacts: (target: NodeId) => readonly Contact[]
    routers: () => readonly Address[]
    ask: (to: Asked, method: string, args: Fields, asker: Asker, now: number) => boolean
    contactsIn: (response: Response, now: number) => Contact[]
  }) {
    this.#contacts = options.contacts
    this.#routers = options.routers
    this.#ask = options.ask
    this.#contactsIn = options.contactsIn
  }

  /** What is returned ends it: nothing more is heard of it. */
  begin(looking: Looking, now: number): () => void {
    let isCancelled = false
    const heeded: Looking = {
      ...looking,
      heard: (values, at) => {
        if (!isCancelled) looking.heard(values, at)
      },
      done: (result, at) => {
        if (!isCancelled) looking.done(result, at)
      },
    }
    this.#waiting.add(heeded)
    this.#beginNext(now)
    return () => {
      isCancelled = true
      this.#waiting.delete(heeded)
    }
  }

  tick(now: number): void {
    for (const lookup of [...this.#running]) if (now >= lookup.deadline()) lookup.tick(now)
  }

  deadline(): number {
    let next = Number.POSITIVE_INFINITY
    for (const lookup of this.#running) next = Math.min(next, lookup.deadline())
    return next
  }

  #beginNext(now: number): void {
    while (this.#running.size < DHT_LIMITS.lookupsAtOnce) {
      const [looking] = this.#waiting
      if (!looking) return
      this.#waiting.delete(looking)
      this.#run(looking, now)
    }
  }

  #run(looking: Looking, now: number): void {
    const lookup: Lookup = new Lookup({
      target: looking.target,
      contacts: this.#contacts(looking.target),
      routers: this.#routers(),
      ask: (to, at) =>
        this.#ask(to, looking.method, looking.args, this.#askerFor(lookup, to.address, looking), at),
      done: (result, at) => {
        this.#running.delete(lookup)
        looking.done(result, at)
        this.#beginNext(at)
      },
      now,
    })
    this.#running.add(lookup)
    lookup.start(now)
  }

  #askerFor(lookup: Lookup, to: Address, looking: Looking): Asker {
    return {
      answered: (response, now) => {
        if (!lookup.isOver) looking.heard(response.values, now)
        const token = asBytes(response.values.get('token'))
        const answer = {
          id: response.id,
          contacts: this.#contactsIn(response, now),
          token: token && token.length <= DHT_LIMITS.tokenLength ? token.slice() : null,
        }
        lookup.answered(to, answer, now)
      },
      silent: now => lookup.silent(to, now),
      slow: now => lookup.slow(to, now),
    }
  }
}
