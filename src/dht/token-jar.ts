import { hostBytes } from '../core/address.ts'
import { concatBytes, equalBytes } from '../core/bytes.ts'
import type { Digest, Secrets } from '../core/ports.ts'
import type { NodeId } from './node-id.ts'
import { DHT_DEFAULTS } from './options.ts'

const LENGTH = 8

/**
 * What somebody has to show who wants us to keep something: that he was told it at the address that he writes from
 * (BEP 5). Nothing is remembered for it; a token holds for one to two lifetimes of a secret.
 */
export class TokenJar {
  readonly #secrets: Secrets
  readonly #digest: Digest
  #secret: Uint8Array
  #before: Uint8Array
  #changesAt: number

  constructor(options: { secrets: Secrets; digest: Digest; now: number }) {
    this.#secrets = options.secrets
    this.#digest = options.digest
    this.#secret = options.secrets.bytes(32)
    this.#before = this.#secret
    this.#changesAt = options.now + DHT_DEFAULTS.tokenLifetime
  }

  /** 8 bytes. */
  tokenFor(host: string, target: NodeId, now: number): Uint8Array {
    this.#turn(now)
    return this.#make(this.#secret, host, target)
  }

  isGood(token: Uint8Array, host: string, target: NodeId, now: number): boolean {
    this.#turn(now)
    return [this.#secret, this.#before].some(secret => equalBytes(token, this.#make(secret, host, target)))
  }

  /** The length of what is hashed is fixed but for the host's, and the result is cut: nobody can lengthen it. */
  #make(secret: Uint8Array, host: string, target: NodeId): Uint8Array {
    return this.#digest.sha256(concatBytes([secret, target, hostBytes(host)])).subarray(0, LENGTH)
  }

  #turn(now: number): void {
    if (now < this.#changesAt) return
    const isStale = now >= this.#changesAt + DHT_DEFAULTS.tokenLifetime
    this.#before = isStale ? this.#secrets.bytes(32) : this.#secret
    this.#secret = this.#secrets.bytes(32)
    this.#changesAt = now + DHT_DEFAULTS.tokenLifetime
  }
}
