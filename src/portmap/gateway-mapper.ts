import type { Address } from '../core/address.ts'
import { address } from '../core/address.ts'
import type { Dice, Secrets } from '../core/ports.ts'
import { GatewayEpoch } from './gateway-epoch.ts'
import { PORTMAP_LIMITS } from './limits.ts'
import {
  decodeNatPmpAnswer,
  encodeAddressRequest,
  encodeNatPmpMap,
  GATEWAY_PORT,
  NAT_PMP_UNSUPPORTED_VERSION,
  type NatPmpAnswer,
  natPmpReason,
} from './nat-pmp-codec.ts'
import { PORTMAP_DEFAULTS } from './options.ts'
import {
  decodePcpAnswer,
  encodePcpAnnounce,
  encodePcpMap,
  isSamePcpMap,
  PCP_NONCE_LENGTH,
  PCP_UNSUPPORTED_VERSION,
  type PcpAnswer,
  pcpReason,
} from './pcp-codec.ts'
import type { MapRefusal, PortMapping, Transport } from './port-mapping.ts'

/** RFC 6887, section 8.1.1. */
const LONGEST_PCP_WAIT = 1_024_000

/** One port that shall be reached from outside. */
interface Wish {
  readonly transport: Transport
  readonly internalPort: number
  readonly nonce: Uint8Array
  /** What it had at last, or 0. */
  externalPort: number
  externalHost: string | null
  /** Monotonic ms; null while it is not mapped. */
  expiresAt: number | null
  /** Asked for again then. */
  nextAt: number
  /** Unanswered so far. */
  tries: number
  reason: string | null
}

/**
 * Has one router forward ports, by PCP (RFC 6887) or, where it does not speak that, by NAT-PMP (RFC 6886). Both are tried
 * at once. It has neither sockets nor a clock: the owner sends what it hands out, hands in what the router sent, and calls
 * `tick` at its `deadline`.
 */
export class GatewayMapper {
  readonly at: Address
  readonly #local: string
  readonly #dice: Dice
  readonly #send: (datagram: Uint8Array, to: Address) => void
  readonly #epoch = new GatewayEpoch()
  /** Two for each port of the session. */
  readonly #wishes: Wish[]
  #state: 'idle' | 'asking' | 'releasing' = 'idle'
  #language: 'pcp' | 'nat-pmp' | null = null
  #natPmpHeardAt: number | null = null
  #natPmpHost: string | null = null
  #greetings = 0
  #greetAt = 0
  #watchAt = 0
  #endsAt = 0

  /** `ports`: each is mapped for TCP and for UDP. */
  constructor(options: {
    gateway: string
    local: string
    ports: readonly number[]
    secrets: Secrets
    dice: Dice
    send: (datagram: Uint8Array, to: Address) => void
  }) {
    this.at = address(options.gateway, GATEWAY_PORT)
    this.#local = options.local
    this.#dice = options.dice
    this.#send = options.send
    this.#wishes = options.ports.flatMap(internalPort =>
      (['tcp', 'udp'] as const).map(transport => ({
        transport,
        internalPort,
        nonce: options.secrets.bytes(PCP_NONCE_LENGTH),
        externalPort: internalPort,
        externalHost: null,
        expiresAt: null,
        nextAt: 0,
        tries: 0,
        reason: null,
      })),
    )
  }

  /** Something is mapped, and nothing waits for its first answer any more. */
  get isMapped(): boolean {
    const isDecided = this.#wishes.every(({ expiresAt, reason }) => expiresAt !== null || reason !== null)
    return isDecided && this.#wishes.some(({ expiresAt }) => expiresAt !== null)
  }

  get isReleasing(): boolean {
    return this.#state === 'releasing'
  }

  get mappings(): PortMapping[] {
    if (this.#state !== 'asking') return []
    return this.#wishes
      .filter(({ expiresAt }) => expiresAt !== null)
      .map(({ transport, internalPort, externalPort, externalHost }) => ({
        transport,
        localHost: this.#local,
        internalPort,
        externalPort,
        externalHost: this.#language === 'nat-pmp' ? this.#natPmpHost : externalHost,
        method: this.#language ?? 'pcp',
        gateway: this.at.host,
      }))
  }

  get refusal(): MapRefusal | null {
    const reason = this.#wishes.find(wish => wish.reason !== null)?.reason ?? null
    return reason === null ? null : { method: this.#language ?? 'pcp', gateway: this.at.host, reason }
  }

  /** From the beginning; what the router gave before is wished for again. */
  begin(now: number): void {
    this.#state = 'asking'
    this.#speak(null, now)
    this.#natPmpHeardAt = null
    this.#greetings = 0
    this.#greetAt = now
    this.#epoch.forget()
    this.tick(now)
  }

  /** What the router gave it has back, within `removePatience`. */
  release(now: number): void {
    if (this.#state !== 'asking') return
    const isAny = this.#wishes.some(({ expiresAt }) => expiresAt !== null)
    for (const wish of this.#wishes) {
      // What was asked for and not answered may be there all the same. It is not worth waiting for.
      if (wish.expiresAt === null && wish.tries > 0) this.#send(this.#order(wish, 0), this.at)
      wish.tries = 0
    }
    this.#state = isAny ? 'releasing' : 'idle'
    this.#endsAt = now + PORTMAP_DEFAULTS.removePatience
    for (const wish of this.#wishes) wish.nextAt = now
    this.tick(now)
  }

  /** `datagram` came from `at`. */
  received(datagram: Uint8Array, now: number): void {
    if (this.#state === 'idle') return
    const pcp = decodePcpAnswer(datagram)
    const natPmp = decodeNatPmpAnswer(datagram)
    if (pcp !== null) this.#receivedPcp(pcp, now)
    else if (natPmp !== null) this.#receivedNatPmp(natPmp, now)
    this.tick(now)
  }

  tick(now: number): void {
    if (this.#state === 'releasing') return this.#tickRelease(now)
    if (this.#state === 'idle') return
    if (this.#language === null) this.#tickGreeting(now)
    else if (now >= this.#watchAt) this.#watch(now)
    for (const wish of this.#wishes) if (now >= wish.nextAt) this.#ask(wish, now)
  }

  deadline(): number {
    if (this.#state === 'idle') return Number.POSITIVE_INFINITY
    const nexts = this.#wishes.map(({ nextAt }) => nextAt)
    if (this.#state === 'releasing') return Math.min(this.#endsAt, ...nexts)
    const other = this.#language === null ? this.#greetingDeadline() : this.#watchAt
    return Math.min(other, ...nexts)
  }

  #speak(language: 'pcp' | 'nat-pmp' | null, now: number): void {
    this.#language = language
    this.#watchAt = now + PORTMAP_DEFAULTS.watch
    for (const wish of this.#wishes) {
      wish.nextAt = now
      wish.tries = 0
      wish.reason = null
      wish.expiresAt = null
    }
  }

  #greetingDeadline(): number {
    const greetAt = this.#greetings < PORTMAP_DEFAULTS.natPmpTries ? this.#greetAt : Number.POSITIVE_INFINITY
    if (this.#natPmpHeardAt === null) return greetAt
    return this.#natPmpHeardAt + PORTMAP_DEFAULTS.pcpPatience
  }

  /** PCP has the first word, and NAT-PMP the second. */
  #tickGreeting(now: number): void {
    if (this.#natPmpHeardAt !== null) {
      if (now >= this.#natPmpHeardAt + PORTMAP_DEFAULTS.pcpPatience) this.#speak('nat-pmp', now)
    } else if (now >= this.#greetAt && this.#greetings < PORTMAP_DEFAULTS.natPmpTries) {
      this.#greetAt = now + natPmpWait(this.#greetings++)
      this.#send(encodeAddressRequest(), this.at)
    }
  }

  /** Its answer tells of an address that changed, and of a router that has begun anew. */
  #watch(now: number): void {
    this.#watchAt = now + PORTMAP_DEFAULTS.watch
    const isPcp = this.#language === 'pcp'
    this.#send(isPcp ? encodePcpAnnounce(this.#local) : encodeAddressRequest(), this.at)
  }

  #ask(wish: Wish, now: number): void {
    if (wish.expiresAt !== null && now >= wish.expiresAt) return this.begin(now)
    if (
      this.#language === 'nat-pmp' &&
      wish.expiresAt === null &&
      wish.tries >= PORTMAP_DEFAULTS.natPmpTries
    ) {
      wish.nextAt = now + PORTMAP_DEFAULTS.lookAgain
      wish.tries = 0
      return
    }
    const isRenewed = wish.expiresAt !== null
    wish.nextAt = now + (isRenewed ? renewWait(wish.expiresAt! - now) : this.#wait(wish.tries))
    wish.tries++
    this.#send(this.#order(wish, PORTMAP_DEFAULTS.lifetimeSeconds), this.at)
  }

  #wait(tries: number): number {
    if (this.#language === 'nat-pmp') return natPmpWait(tries)
    const wait = Math.min(LONGEST_PCP_WAIT, PORTMAP_DEFAULTS.pcpRetry * 2 ** Math.min(tries, 9))
    return wait * (0.9 + this.#dice.fraction() / 5)
  }

  #order(wish: Wish, lifetimeSeconds: number): Uint8Array {
    const isRemoval = lifetimeSeconds === 0
    const { transport, internalPort, nonce } = wish
    const externalPort = isRemoval ? 0 : wish.externalPort
    if (this.#language === 'nat-pmp')
      return encodeNatPmpMap({ transport, internalPort, externalPort, lifetimeSeconds })
    const externalHost = isRemoval ? null : wish.externalHost
    const client = this.#local
    return encodePcpMap({
      client,
      nonce,
      transport,
      internalPort,
      externalPort,
      externalHost,
      lifetimeSeconds,
    })
  }

  #tickRelease(now: number): void {
    const left = this.#wishes.filter(({ expiresAt }) => expiresAt !== null)
    if (left.length === 0 || now >= this.#endsAt) {
      this.#state = 'idle'
      return
    }
    for (const wish of this.#wishes) {
      if (wish.expiresAt === null) wish.nextAt = Number.POSITIVE_INFINITY
      else if (now >= wish.nextAt) {
        wish.nextAt = now + natPmpWait(wish.tries++)
        this.#send(this.#order(wish, 0), this.at)
      }
    }
  }

  #receivedPcp(answer: PcpAnswer, now: number): void {
    const { result, map } = answer
    if (result === PCP_UNSUPPORTED_VERSION) {
      if (this.#language === null) this.#speak('nat-pmp', now)
      return
    }
    const wish = map && this.#wishes.find(known => isSamePcpMap(map, known))
    if (map === null ? this.#language !== 'pcp' : !wish) return
    if (this.#state === 'releasing') return this.#released(wish, now)
    if (this.#language === null) this.#heardFirst('pcp', now)
    if (this.#language !== 'pcp') return
    this.#heardEpoch(answer.epoch, now)
    if (!wish || !map) return
    if (result !== 0) this.#refused(wish, pcpReason(result), answer.lifetimeSeconds * 1000, now)
    else if (map.externalPort !== 0)
      this.#mapped(wish, { ...map, lifetimeSeconds: answer.lifetimeSeconds }, now)
  }

  /** What the others wait for goes on as it is. */
  #heardFirst(language: 'pcp', now: number): void {
    this.#language = language
    this.#watchAt = now + PORTMAP_DEFAULTS.watch
  }

  #receivedNatPmp(answer: NatPmpAnswer, now: number): void {
    if (this.#state === 'releasing') return this.#releasedNatPmp(answer, now)
    if (answer.kind === 'refused' && answer.result === NAT_PMP_UNSUPPORTED_VERSION && this.#language === null)
      return this.#speak('nat-pmp', now)
    if (this.#language === null) {
      // It is there: what it did not answer over PCP may have got lost.
      if (this.#natPmpHeardAt === null) for (const wish of this.#wishes) wish.nextAt = now
      this.#natPmpHeardAt ??= now
      if (answer.kind === 'address') this.#natPmpHost = knownHost(answer.externalHost)
    }
    if (this.#language !== 'nat-pmp') return
    if (answer.kind === 'address') {
      this.#heardEpoch(answer.epoch, now)
      this.#natPmpHost = knownHost(answer.externalHost)
      return
    }
    const wish = this.#natPmpWish(answer)
    if (!wish) return
    this.#heardEpoch(answer.epoch, now)
    if (answer.kind === 'refused')
      this.#refused(wish, natPmpReason(answer.result), PORTMAP_LIMITS.longestRetry, now)
    else if (answer.externalPort !== 0 && answer.lifetimeSeconds > 0) {
      if (this.#natPmpHost === null) this.#send(encodeAddressRequest(), this.at)
      this.#mapped(wish, answer, now)
    }
  }

  #natPmpWish(answer: Exclude<NatPmpAnswer, { kind: 'address' }>): Wish | undefined {
    const transport = answer.kind === 'mapped' ? answer.transport : answer.what
    return this.#wishes.find(
      wish => wish.transport === transport && wish.internalPort === answer.internalPort,
    )
  }

  #releasedNatPmp(answer: NatPmpAnswer, now: number): void {
    if (answer.kind === 'address' || this.#language !== 'nat-pmp') return
    if (answer.kind === 'refused' || answer.lifetimeSeconds === 0)
      this.#released(this.#natPmpWish(answer), now)
  }

  #released(wish: Wish | null | undefined, now: number): void {
    if (!wish) return
    wish.expiresAt = null
    this.#tickRelease(now)
  }

  #heardEpoch(epoch: number, now: number): void {
    if (this.#epoch.heard(epoch, now)) return
    for (const wish of this.#wishes) {
      wish.nextAt = now
      wish.tries = 0
    }
  }

  #mapped(
    wish: Wish,
    given: { externalPort: number; externalHost?: string | null; lifetimeSeconds: number },
    now: number,
  ): void {
    const { shortestLifetimeSeconds: shortest, longestLifetimeSeconds: longest } = PORTMAP_LIMITS
    const lifetime = 1000 * Math.min(longest, Math.max(shortest, given.lifetimeSeconds))
    wish.externalPort = given.externalPort
    wish.externalHost = given.externalHost ?? null
    wish.expiresAt = now + lifetime
    wish.nextAt = now + renewWait(lifetime)
    wish.tries = 0
    wish.reason = null
  }

  #refused(wish: Wish, reason: string, retry: number, now: number): void {
    const { shortestRetry, longestRetry } = PORTMAP_LIMITS
    wish.expiresAt = null
    wish.reason = reason
    wish.tries = 0
    wish.nextAt = now + Math.min(longestRetry, Math.max(shortestRetry, retry))
  }
}

/** Halfway to the end, and again halfway to the end from there (RFC 6887, section 11.2.1). */
function renewWait(left: number): number {
  return Math.max(PORTMAP_DEFAULTS.renewRetry, left / 2)
}

function natPmpWait(tries: number): number {
  return PORTMAP_DEFAULTS.natPmpRetry * 2 ** tries
}

/** A router without a way out says that its address is 0.0.0.0. */
function knownHost(host: string): string | null {
  return host === '0.0.0.0' ? null : host
}
