import type { Address } from '../core/address.ts'
import { isHost, scopeOf } from '../core/address.ts'
import type { Dice } from '../core/ports.ts'
import { parseDeviceDescription, type WanService } from './device-description.ts'
import { type DeviceUrl, formatDeviceUrl } from './device-url.ts'
import { PORTMAP_LIMITS } from './limits.ts'
import { PORTMAP_DEFAULTS } from './options.ts'
import type { MapRefusal, PortMapping, Transport } from './port-mapping.ts'
import { decodeSoap, encodeSoap, type SoapAnswer } from './soap.ts'
import { decodeSearchAnswer, encodeSearch, SEARCH_TARGETS, SSDP_PLACE } from './ssdp.ts'

export interface DeviceRequest {
  readonly url: DeviceUrl
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
}

export interface DeviceAnswer {
  readonly status: number
  readonly bytes: Uint8Array
}

/** Asks a device of this network, and nobody else. `told` is called once; with null where no answer came. */
export type AskDevice = (
  request: DeviceRequest,
  told: (answer: DeviceAnswer | null, now: number) => void,
) => void

/** Errors of WANIPConnection, section 2.4. */
const ERROR = {
  invalidParameters: 402,
  noSuchEntry: 714,
  conflict: 718,
  samePortNeeded: 724,
  onlyForEver: 725,
} as const

/** RFC 6335: what nobody is registered for. */
const FIRST_FREE_PORT = 49_152
const DESCRIPTION = 'shoal'

interface Wish {
  readonly transport: Transport
  readonly internalPort: number
  /** Wished for, then had. */
  externalPort: number
  conflicts: number
  isMapped: boolean
  reason: string | null
}

/**
 * Has a router forward ports by UPnP: searches for it, reads what it says of itself, and gives it orders, one at a time. It
 * has neither sockets nor a clock, as `GatewayMapper`.
 */
export class UpnpMapper {
  readonly #local: string
  readonly #gateway: string | null
  readonly #dice: Dice
  readonly #send: (datagram: Uint8Array, to: Address) => void
  readonly #askDevice: AskDevice
  readonly #changed: (now: number) => void
  /** Two for each port of the session. */
  readonly #wishes: Wish[]
  #state: 'idle' | 'searching' | 'mapping' | 'mapped' | 'releasing' = 'idle'
  /** Answers to what was asked before it was counted up are nobody's any more. */
  #run = 0
  #rounds = 0
  #nextAt = Number.POSITIVE_INFINITY
  /** URLs of descriptions. Bounded by `devices`. */
  readonly #devices = new Set<string>()
  /** Not tried yet. Bounded by `devices` and `documentElements`. */
  #candidates: WanService[] = []
  #service: WanService | null = null
  #externalHost: string | null = null
  #leaseSeconds: number = PORTMAP_DEFAULTS.lifetimeSeconds
  #renewAt = 0
  #reason: string | null = null
  /** To be mapped, or mapped again. */
  #waiting: Wish[] = []
  /** The router may have mapped it, and has not said so yet. */
  #asked: Wish | null = null
  #removals = 0

  constructor(options: {
    local: string
    /** Known by itself; see `decodeSearchAnswer`. */
    gateway: string | null
    ports: readonly number[]
    dice: Dice
    send: (datagram: Uint8Array, to: Address) => void
    ask: AskDevice
    /** Something happened at the device's answer. */
    changed: (now: number) => void
  }) {
    this.#local = options.local
    this.#gateway = options.gateway
    this.#dice = options.dice
    this.#send = options.send
    this.#askDevice = options.ask
    this.#changed = options.changed
    this.#wishes = options.ports.flatMap(internalPort =>
      (['tcp', 'udp'] as const).map(transport => ({
        transport,
        internalPort,
        externalPort: internalPort,
        conflicts: 0,
        isMapped: false,
        reason: null,
      })),
    )
  }

  /** Something is mapped, and nothing waits for its first answer any more. */
  get isMapped(): boolean {
    return this.#state === 'mapped'
  }

  get isReleasing(): boolean {
    return this.#state === 'releasing'
  }

  get mappings(): PortMapping[] {
    if (!this.#service) return []
    const gateway = this.#service.control.host
    return this.#wishes
      .filter(wish => wish.isMapped)
      .map(({ transport, internalPort, externalPort }) => ({
        transport,
        localHost: this.#local,
        internalPort,
        externalPort,
        externalHost: this.#externalHost,
        method: 'upnp',
        gateway,
      }))
  }

  get refusal(): MapRefusal | null {
    const reason = this.#reason ?? this.#wishes.find(wish => wish.reason !== null)?.reason ?? null
    const gateway = this.#service?.control.host ?? this.#gateway ?? ''
    return reason === null ? null : { method: 'upnp', gateway, reason }
  }

  begin(now: number): void {
    this.#run++
    this.#state = 'searching'
    this.#rounds = 0
    this.#nextAt = now
    this.#devices.clear()
    this.#candidates = []
    this.#service = null
    this.#externalHost = null
    this.#reason = null
    this.#waiting = []
    this.#asked = null
    for (const wish of this.#wishes) forget(wish)
    this.tick(now)
  }

  /** The router has back what it gave, within `removePatience`. */
  release(now: number): void {
    const run = ++this.#run
    const service = this.#service
    const mapped = this.#wishes.filter(wish => wish.isMapped || wish === this.#asked)
    for (const wish of this.#wishes) forget(wish)
    this.#state = service && mapped.length > 0 ? 'releasing' : 'idle'
    if (!service || this.#state === 'idle') return
    this.#nextAt = now + PORTMAP_DEFAULTS.removePatience
    this.#removals = mapped.length
    for (const wish of mapped) {
      this.#order(service, 'DeletePortMapping', entryOf(wish), run, () => {
        if (--this.#removals === 0) this.#state = 'idle'
      })
    }
  }

  /** True where it was an answer to a search. */
  received(datagram: Uint8Array, from: Address): boolean {
    const url = decodeSearchAnswer(datagram, from, this.#gateway)
    if (url === null) return false
    const name = formatDeviceUrl(url)
    if (this.#state !== 'searching' || this.#devices.has(name)) return true
    if (this.#devices.size >= PORTMAP_LIMITS.devices) return true
    this.#devices.add(name)
    this.#ask({ url, method: 'GET', headers: {}, body: null }, this.#run, answer => {
      const description = answer?.status === 200 ? parseDeviceDescription(answer.bytes, url) : null
      this.#candidates.push(...(description?.services ?? []))
      if (this.#service === null) this.#tryNext()
    })
    return true
  }

  tick(now: number): void {
    if (now < this.#nextAt) return
    if (this.#state === 'releasing') this.#state = 'idle'
    else if (this.#state === 'mapped') this.#watch(now)
    else if (this.#state === 'searching') this.#search(now)
    if (this.#state === 'idle') this.#nextAt = Number.POSITIVE_INFINITY
  }

  deadline(): number {
    return this.#state === 'idle' || this.#state === 'mapping' ? Number.POSITIVE_INFINITY : this.#nextAt
  }

  #search(now: number): void {
    this.#nextAt =
      ++this.#rounds < PORTMAP_DEFAULTS.searchRounds
        ? now + PORTMAP_DEFAULTS.searchInterval
        : Number.POSITIVE_INFINITY
    for (const target of SEARCH_TARGETS) this.#send(encodeSearch(target), SSDP_PLACE)
  }

  /** The next way out that a router has told of: one that has an address. */
  #tryNext(): void {
    const service = this.#candidates.shift() ?? null
    this.#service = service
    if (service === null) return
    this.#order(service, 'GetExternalIPAddress', [], this.#run, (answer, at) => {
      const host = externalHostOf(answer)
      // One that says nothing of its address may forward all the same.
      if (answer === null || (answer.kind === 'done' && host === null)) {
        this.#reason = answer === null ? 'it does not answer' : 'it has no way out at the moment'
        return this.#tryNext()
      }
      this.#externalHost = host
      this.#reason = null
      this.#mapAll(at)
    })
  }

  #mapAll(now: number): void {
    for (const wish of this.#wishes) wish.conflicts = 0
    this.#waiting = [...this.#wishes]
    this.#state = 'mapping'
    this.#mapNext(now)
  }

  #mapNext(now: number): void {
    const wish = this.#waiting.shift()
    if (wish) return this.#map(wish)
    if (this.#wishes.some(({ isMapped }) => isMapped)) return this.#hold(now)
    this.#reason = this.#wishes[0]?.reason ?? null
    this.#state = 'searching'
    this.#nextAt = Number.POSITIVE_INFINITY
    this.#tryNext()
    this.#changed(now)
  }

  /** Mapped: looked after from now on. */
  #hold(now: number): void {
    this.#state = 'mapped'
    this.#nextAt = now + PORTMAP_DEFAULTS.watch
    // What holds for ever is said again as well: a router that was restarted may have forgotten.
    this.#renewAt = now + (PORTMAP_DEFAULTS.lifetimeSeconds * 1000) / 2
    this.#changed(now)
  }

  #map(wish: Wish, action = 'AddPortMapping'): void {
    const service = this.#service
    if (!service) return
    this.#asked = wish
    const parameters = [
      ...entryOf(wish),
      ['NewInternalPort', wish.internalPort],
      ['NewInternalClient', this.#local],
      ['NewEnabled', 1],
      ['NewPortMappingDescription', DESCRIPTION],
      ['NewLeaseDuration', this.#leaseSeconds],
    ] as const
    this.#order(service, action, parameters, this.#run, (answer, now) => {
      this.#asked = null
      if (answer?.kind === 'refused') return this.#refused(wish, answer, action, now)
      wish.isMapped = answer !== null
      wish.reason = answer === null ? 'it does not answer' : null
      if (answer !== null) {
        const given = Number(answer.values.get('NewReservedPort') ?? wish.externalPort)
        if (Number.isInteger(given) && given > 0 && given < 65_536) wish.externalPort = given
        this.#wishSame(wish)
      }
      this.#mapNext(now)
    })
  }

  /** TCP and UDP on one number, as far as the router lets them. */
  #wishSame({ internalPort, externalPort }: Wish): void {
    for (const wish of this.#wishes)
      if (wish.internalPort === internalPort && !wish.isMapped) wish.externalPort = externalPort
  }

  #refused(wish: Wish, answer: Extract<SoapAnswer, { kind: 'refused' }>, action: string, now: number): void {
    const { code } = answer
    const isLease = code === ERROR.onlyForEver || code === ERROR.invalidParameters
    if (isLease && this.#leaseSeconds > 0) {
      this.#leaseSeconds = 0
      return this.#map(wish, action)
    }
    if (code === ERROR.samePortNeeded && wish.externalPort !== wish.internalPort && wish.conflicts === 0) {
      wish.externalPort = wish.internalPort
      return this.#map(wish)
    }
    if (code === ERROR.conflict && wish.conflicts < PORTMAP_LIMITS.conflicts) {
      wish.conflicts++
      if ((this.#service?.version ?? 1) >= 2 && wish.conflicts === 1)
        return this.#map(wish, 'AddAnyPortMapping')
      wish.externalPort = FIRST_FREE_PORT + this.#dice.below(65_536 - FIRST_FREE_PORT)
      return this.#map(wish)
    }
    wish.isMapped = false
    wish.reason = `it refuses (${code}${answer.reason === '' ? '' : `: ${answer.reason}`})`
    this.#mapNext(now)
  }

  #watch(now: number): void {
    const service = this.#service
    const first = this.#wishes.find(({ isMapped }) => isMapped)
    this.#nextAt = now + PORTMAP_DEFAULTS.watch
    if (!service || !first) return this.begin(now)
    if (now >= this.#renewAt) return this.#mapAll(now)
    this.#order(service, 'GetSpecificPortMappingEntry', entryOf(first), this.#run, (answer, at) => {
      if (answer === null) return this.#lost(at)
      const isGone = answer.kind === 'refused' && answer.code === ERROR.noSuchEntry
      const client = answer.kind === 'done' ? answer.values.get('NewInternalClient') : undefined
      if (isGone || (client !== undefined && client !== this.#local)) return this.#mapAll(at)
      this.#askAddress(service)
    })
  }

  #askAddress(service: WanService): void {
    this.#order(service, 'GetExternalIPAddress', [], this.#run, (answer, at) => {
      const host = externalHostOf(answer)
      if (host === null || host === this.#externalHost) return
      this.#externalHost = host
      this.#changed(at)
    })
  }

  /** The router is silent: it may have gone, or have come back elsewhere. */
  #lost(now: number): void {
    this.begin(now)
    this.#changed(now)
  }

  #order(
    service: WanService,
    action: string,
    parameters: readonly (readonly [name: string, value: string | number])[],
    run: number,
    told: (answer: SoapAnswer | null, now: number) => void,
  ): void {
    const order = { action, serviceType: service.type, parameters }
    this.#ask({ url: service.control, method: 'POST', ...encodeSoap(order) }, run, (answer, now) =>
      told(answer && decodeSoap(answer.bytes, answer.status, action), now),
    )
  }

  #ask(request: DeviceRequest, run: number, told: (answer: DeviceAnswer | null, now: number) => void): void {
    this.#askDevice(request, (answer, now) => {
      if (run === this.#run) told(answer, now)
    })
  }
}

function forget(wish: Wish): void {
  wish.isMapped = false
  wish.conflicts = 0
  wish.reason = null
}

function entryOf(wish: Wish): (readonly [name: string, value: string | number])[] {
  return [
    ['NewRemoteHost', ''],
    ['NewExternalPort', wish.externalPort],
    ['NewProtocol', wish.transport.toUpperCase()],
  ]
}

/** Null where it says none that could be one. */
function externalHostOf(answer: SoapAnswer | null): string | null {
  const host = answer?.kind === 'done' ? answer.values.get('NewExternalIPAddress') : undefined
  if (host === undefined || !isHost(host) || host.includes(':')) return null
  const scope = scopeOf(host)
  return scope === 'unusable' || scope === 'loopback' ? null : host
}
