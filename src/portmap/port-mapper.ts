import { type Address, sameAddress } from '../core/address.ts'
import type { Dice, Secrets } from '../core/ports.ts'
import { GatewayMapper } from './gateway-mapper.ts'
import { PORTMAP_LIMITS } from './limits.ts'
import { PORTMAP_DEFAULTS } from './options.ts'
import type { MapRefusal, PortMapping } from './port-mapping.ts'
import { type AskDevice, UpnpMapper } from './upnp-mapper.ts'

/** Whoever does PCP on the way out listens here (RFC 7723), for machines that do not know their router. */
const PCP_ANYCAST = '192.0.0.9'

/** `none`: nobody has answered who could. */
export type PortMapperState = 'searching' | 'mapped' | 'refused' | 'none'

/**
 * Has the ports of one address of this machine forwarded, in whatever way its router knows: PCP, NAT-PMP and the search for
 * UPnP begin at once, and the first that maps does it from then on. What it loses is asked for again, of all. It has neither
 * sockets nor a clock, as `GatewayMapper`.
 */
export class PortMapper {
  readonly #options: {
    readonly local: string
    readonly gateway: string | null
    readonly ports: readonly number[]
    readonly secrets: Secrets
    readonly dice: Dice
    readonly send: (datagram: Uint8Array, to: Address) => void
    readonly ask: AskDevice
  }
  /** The router, or those that may be it. Bounded by `devices`. */
  readonly #gateways: GatewayMapper[] = []
  readonly #upnp: UpnpMapper
  #winner: GatewayMapper | UpnpMapper | null = null
  #begunAt = 0
  #now = 0
  #isOver = false

  /**
   * `local`: the address that datagrams are sent from. `gateway`: the router, where the system knows it. `send` and `ask`
   * may be called by any method here.
   */
  constructor(options: {
    local: string
    gateway: string | null
    ports: readonly number[]
    secrets: Secrets
    dice: Dice
    send: (datagram: Uint8Array, to: Address) => void
    ask: AskDevice
  }) {
    this.#options = options
    this.#upnp = new UpnpMapper({ ...options, changed: now => this.#settle(now) })
    this.#addGateway(options.gateway ?? PCP_ANYCAST)
  }

  get mappings(): PortMapping[] {
    return this.#winner?.mappings ?? []
  }

  get state(): PortMapperState {
    if (this.#winner) return 'mapped'
    if (this.#now < this.#begunAt + PORTMAP_DEFAULTS.silence) return 'searching'
    return this.refusal ? 'refused' : 'none'
  }

  /** Why nothing is mapped, of one who could. */
  get refusal(): MapRefusal | null {
    if (this.#winner) return null
    return this.#upnp.refusal ?? this.#gateways.find(gateway => gateway.refusal)?.refusal ?? null
  }

  /** False when everything is given back that was had, or waiting for that is over. */
  get isReleasing(): boolean {
    return this.#upnp.isReleasing || this.#gateways.some(gateway => gateway.isReleasing)
  }

  begin(now: number): void {
    this.#winner = null
    this.#begunAt = now
    for (const gateway of this.#gateways) gateway.begin(now)
    this.#upnp.begin(now)
    this.#settle(now)
  }

  end(now: number): void {
    this.#isOver = true
    this.#winner = null
    for (const gateway of this.#gateways) gateway.release(now)
    this.#upnp.release(now)
  }

  received(datagram: Uint8Array, from: Address, now: number): void {
    const gateway = this.#gateways.find(({ at }) => sameAddress(at, from))
    if (gateway) gateway.received(datagram, now)
    else if (this.#upnp.received(datagram, from)) this.#mayBeGateway(from.host, now)
    this.#settle(now)
  }

  tick(now: number): void {
    if (!this.#isOver && this.#winner === null && now >= this.#begunAt + PORTMAP_DEFAULTS.lookAgain)
      return this.begin(now)
    for (const gateway of this.#gateways) gateway.tick(now)
    this.#upnp.tick(now)
    this.#settle(now)
  }

  deadline(): number {
    const deadlines = [this.#upnp.deadline(), ...this.#gateways.map(gateway => gateway.deadline())]
    if (!this.#isOver && this.#winner === null) {
      const { silence, lookAgain } = PORTMAP_DEFAULTS
      const isQuiet = this.#now >= this.#begunAt + silence
      deadlines.push(this.#begunAt + (isQuiet ? lookAgain : silence))
    }
    return Math.min(...deadlines)
  }

  #addGateway(host: string): GatewayMapper {
    const gateway = new GatewayMapper({ ...this.#options, gateway: host })
    this.#gateways.push(gateway)
    return gateway
  }

  /** Where the system does not say what the router is, whoever answers as one is asked in the other ways too. */
  #mayBeGateway(host: string, now: number): void {
    if (this.#options.gateway !== null || this.#isOver || this.#winner !== null) return
    if (this.#gateways.length >= PORTMAP_LIMITS.devices || this.#gateways.some(({ at }) => at.host === host))
      return
    this.#addGateway(host).begin(now)
  }

  /** One does it, the others rest; where none does any more, all begin anew. */
  #settle(now: number): void {
    this.#now = now
    if (this.#isOver) return
    if (this.#winner && this.#winner.mappings.length === 0) return this.begin(now)
    if (this.#winner) return
    const all = [...this.#gateways, this.#upnp]
    this.#winner = all.find(mapper => mapper.isMapped) ?? null
    if (this.#winner === null) return
    for (const mapper of all) if (mapper !== this.#winner) mapper.release(now)
  }
}
