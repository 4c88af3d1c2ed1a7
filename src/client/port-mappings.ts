import { type Address, address, isEverywhere, scopeOf } from '../core/address.ts'
import { ProtocolError } from '../core/errors.ts'
import type { DatagramSocket, GroupSocket } from '../core/ports.ts'
import { ANNOUNCEMENTS } from '../portmap/nat-pmp-codec.ts'
import { PORTMAP_DEFAULTS } from '../portmap/options.ts'
import { PortMapper } from '../portmap/port-mapper.ts'
import type { PortMapping } from '../portmap/port-mapping.ts'
import type { AskDevice } from '../portmap/upnp-mapper.ts'
import type { AlertStream } from './alert-stream.ts'
import type { GatewayAccess, SessionPorts } from './session-ports.ts'
import type { Timed, Turns } from './turns.ts'

/** One address of this machine, the router behind it, and the ports that it shall forward to us. */
interface Plan {
  readonly local: string
  readonly gateway: string | null
  readonly ports: readonly number[]
}

interface Attachment {
  readonly plan: Plan
  readonly mapper: PortMapper
  readonly socket: DatagramSocket
  /** What routers tell everybody; null where that cannot be heard. */
  readonly announcements: GroupSocket | null
  /** What was told of it at last. */
  told: readonly PortMapping[]
  toldFailure: string | null
}

/** Has routers forward the ports that a session listens on. Places that need none are left alone: this machine, the world. */
export class PortMappings implements Timed {
  readonly #ports: Pick<SessionPorts, 'datagrams' | 'dice' | 'groups' | 'secrets'>
  readonly #gateways: GatewayAccess | null
  readonly #turns: Turns
  readonly #alerts: AlertStream
  readonly #fail: (error: unknown) => void
  readonly #seenAt: (gateway: string, host: string) => void
  /** Bounded by the places to listen at. */
  #attachments: Attachment[] = []
  #places: readonly Address[] = []
  /** By the port that is listened on. They stay when the session ends: trackers know us by them. */
  readonly #externalPorts = new Map<number, number>()
  #lookAt = Number.POSITIVE_INFINITY
  #looking: Promise<void> = Promise.resolve()
  #isClosed = false
  readonly #abort = new AbortController()
  readonly #released = Promise.withResolvers<void>()

  constructor(options: {
    ports: SessionPorts
    turns: Turns
    alerts: AlertStream
    fail: (error: unknown) => void
    /** Hears where routers say that the world sees us. */
    seenAt: (gateway: string, host: string) => void
  }) {
    this.#ports = options.ports
    this.#gateways = options.ports.gateways
    this.#turns = options.turns
    this.#alerts = options.alerts
    this.#fail = options.fail
    this.#seenAt = options.seenAt
  }

  get all(): readonly PortMapping[] {
    return this.#attachments.flatMap(({ mapper }) => mapper.mappings)
  }

  /** What the world is told of a port that is listened on. */
  externalPort(internalPort: number): number {
    return this.#externalPorts.get(internalPort) ?? internalPort
  }

  /** These are all places that are listened at now. */
  listening(places: readonly Address[]): void {
    if (this.#gateways === null || this.#isClosed) return
    const before = this.#places.length
    this.#places = places.filter(needsRouter)
    if (before + this.#places.length === 0) return
    this.#turns.enter(this, now => {
      // Places are opened one after the other, and whoever opens them is to hear what becomes of it.
      this.#lookAt = Math.min(this.#lookAt, now + PORTMAP_DEFAULTS.gather)
      this.#turns.heed(this)
    })
  }

  /** Gives back what routers gave; within `removePatience`, whether they answer or not. */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true
      this.#lookAt = Number.POSITIVE_INFINITY
      await this.#looking
      this.#turns.enter(this, now => {
        for (const { mapper } of this.#attachments) mapper.end(now)
        this.#settle()
      })
    }
    await this.#released.promise
  }

  tick(now: number): void {
    if (now >= this.#lookAt && this.#gateways) this.#look(this.#gateways)
    for (const { mapper } of this.#attachments) mapper.tick(now)
    this.#settle()
  }

  deadline(): number {
    return Math.min(this.#lookAt, ...this.#attachments.map(({ mapper }) => mapper.deadline()))
  }

  fail(error: unknown): void {
    this.#fail(error)
  }

  /** Finds out how this machine is connected: now, and again and again, as it may be carried elsewhere. */
  #look(gateways: GatewayAccess): void {
    this.#lookAt =
      this.#places.length > 0 ? this.#turns.now() + PORTMAP_DEFAULTS.watch : Number.POSITIVE_INFINITY
    this.#looking = this.#looking.then(() => this.#lookOnce(gateways)).catch(error => this.#fail(error))
    this.#turns.enter(this, () => this.#turns.heed(this))
  }

  async #lookOnce(gateways: GatewayAccess): Promise<void> {
    if (this.#isClosed) return
    const plans = this.#places.length > 0 ? plansOf(this.#places, await gateways.routes()) : []
    const old = this.#attachments.filter(({ plan }) => !plans.some(wanted => isSamePlan(plan, wanted)))
    const added = plans.filter(plan => !this.#attachments.some(known => isSamePlan(known.plan, plan)))
    this.#turns.enter(this, now => {
      this.#attachments = this.#attachments.filter(known => !old.includes(known))
      // What is left to be given back goes to a router that may be out of reach: one word is enough.
      for (const { mapper } of old) mapper.end(now)
    })
    await Promise.all(old.map(closeSockets))
    for (const plan of added) await this.#attach(plan, gateways)
  }

  async #attach(plan: Plan, gateways: GatewayAccess): Promise<void> {
    let attachment: Attachment | null = null
    const receive = (datagram: Uint8Array, from: Address): void =>
      this.#turns.enter(this, now => {
        attachment?.mapper.received(datagram, from, now)
        this.#settle()
      })
    // An address that went away meanwhile is gone at the next look.
    const socket = await this.#ports.datagrams.bind(address(plan.local, 0), receive).catch(() => null)
    if (socket === null) return
    // Without them it takes until the next look at the router to notice.
    const announcements = await this.#ports.groups
      .join(ANNOUNCEMENTS, () => [address(plan.local, 0)], receive)
      .catch(() => null)
    const { dice, secrets } = this.#ports
    const send = (datagram: Uint8Array, to: Address): void => socket.send(datagram, to)
    const mapper = new PortMapper({ ...plan, dice, secrets, send, ask: this.#asker(plan.local, gateways) })
    attachment = { plan, mapper, socket, announcements, told: [], toldFailure: null }
    this.#attachments.push(attachment)
    this.#turns.enter(this, now => {
      mapper.begin(now)
      this.#settle()
    })
  }

  #asker(local: string, gateways: GatewayAccess): AskDevice {
    return (request, told) => {
      const { signal } = this.#abort
      const tell = (answer: Parameters<typeof told>[0]): void =>
        this.#turns.enter(this, now => {
          told(answer, now)
          this.#settle()
        })
      gateways.ask(request, { local, signal }).then(tell, () => tell(null))
    }
  }

  /** At the end of whatever may have changed something. */
  #settle(): void {
    for (const attachment of this.#attachments) if (!this.#isClosed) this.#tell(attachment)
    this.#turns.heed(this)
    if (this.#isClosed && !this.#attachments.some(({ mapper }) => mapper.isReleasing)) this.#end()
  }

  #end(): void {
    this.#turns.forget(this)
    this.#abort.abort()
    const closed = Promise.all(this.#attachments.splice(0).map(closeSockets))
    closed.then(() => this.#released.resolve(), this.#released.reject)
  }

  #tell(attachment: Attachment): void {
    const { mapper, told } = attachment
    const { mappings, refusal, state } = mapper
    for (const mapping of mappings) {
      if (told.some(old => isSameMapping(old, mapping))) continue
      if (mapping.transport === 'tcp') this.#externalPorts.set(mapping.internalPort, mapping.externalPort)
      this.#alerts.emit({ type: 'port-mapped', ...mapping })
      if (mapping.externalHost !== null) this.#seenAt(mapping.gateway, mapping.externalHost)
    }
    for (const { internalPort } of told)
      if (!mappings.some(mapping => mapping.internalPort === internalPort))
        this.#externalPorts.delete(internalPort)
    attachment.told = mappings
    if (state === 'searching') return
    const failure = state === 'mapped' ? null : (refusal?.reason ?? '')
    if (failure === attachment.toldFailure) return
    attachment.toldFailure = failure
    if (failure === null) return
    const error = refusal ? refusedError(refusal) : unansweredError()
    this.#alerts.emit({ type: 'port-mapping-failed', localHost: attachment.plan.local, error })
  }
}

async function closeSockets({ socket, announcements }: Attachment): Promise<void> {
  await Promise.all([socket.close(), announcements?.close()])
}

/** Only IPv4 has routers that give away ports. */
function needsRouter(place: Address): boolean {
  if (place.family !== 4) return false
  return isEverywhere(place) || scopeOf(place.host) === 'private'
}

/** One for each address of this machine, and of those that are meant by all addresses, that of the way out. */
function plansOf(
  places: readonly Address[],
  routes: readonly { gateway: string | null; local: string }[],
): Plan[] {
  const ports = new Map<string, number[]>()
  for (const place of places) {
    const local = isEverywhere(place) ? routes[0]?.local : place.host
    if (local === undefined || scopeOf(local) !== 'private') continue
    const known = ports.get(local) ?? []
    if (!known.includes(place.port)) ports.set(local, [...known, place.port])
  }
  return [...ports].map(([local, wanted]) => ({
    local,
    gateway: routes.find(route => route.local === local)?.gateway ?? null,
    ports: wanted,
  }))
}

function isSamePlan(one: Plan, other: Plan): boolean {
  return one.local === other.local && one.gateway === other.gateway && one.ports.join() === other.ports.join()
}

function isSameMapping(one: PortMapping, other: PortMapping): boolean {
  return (Object.keys(one) as (keyof PortMapping)[]).every(name => one[name] === other[name])
}

function refusedError({
  gateway,
  method,
  reason,
}: {
  gateway: string
  method: string
  reason: string
}): ProtocolError {
  return new ProtocolError(
    'port-map-refused',
    `the router ${gateway} forwards no port (${method}): ${reason}`,
  )
}

function unansweredError(): ProtocolError {
  return new ProtocolError(
    'port-map-unanswered',
    'no router answers that forwards ports (PCP, NAT-PMP, UPnP)',
  )
}
