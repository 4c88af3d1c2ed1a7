import { hostFromBytes, type Scope } from '../../src/core/address.ts'
import { concatBytes, formatHex } from '../../src/core/bytes.ts'
import type { SwarmAnnounce, SwarmAnswer, SwarmCounts, SwarmStore } from '../../src/tracker/swarm-store.ts'

interface NaivePeer {
  readonly announce: SwarmAnnounce
  readonly seenAt: number
}

interface NaiveSwarm {
  downloaded: number
  readonly peers: Map<string, NaivePeer>
}

/** A swarm store that is too simple to be wrong: the model of the real one. */
export class NaiveSwarmStore implements SwarmStore {
  readonly #swarms = new Map<string, NaiveSwarm>()
  readonly #lifetime: number
  readonly #tick: number
  readonly #peersPerHost: number

  constructor(options: { lifetimeSeconds: number; tick: number; peersPerHost: number }) {
    this.#lifetime = Math.ceil((options.lifetimeSeconds * 1000) / options.tick)
    this.#tick = options.tick
    this.#peersPerHost = options.peersPerHost
  }

  announce(announce: SwarmAnnounce, now: number): SwarmAnswer {
    const key = formatHex(announce.infoHash)
    const swarm = this.#swarms.get(key) ?? { downloaded: 0, peers: new Map() }
    const place = placeOf(announce)
    const before = swarm.peers.get(place)
    swarm.peers.delete(place)
    if (
      before &&
      !before.announce.isSeed &&
      announce.isSeed &&
      announce.hasCompleted &&
      !announce.hasStopped
    ) {
      swarm.downloaded++
    }
    const wasSame = before !== undefined && before.announce.isSeed === announce.isSeed
    const hasRoom = wasSame || this.#neighbours(swarm, announce) < this.#peersPerHost
    const isRemembered = announce.hasStopped ? before !== undefined : hasRoom
    const isPartialSeed = announce.isPartialSeed && !announce.isSeed
    if (hasRoom && !announce.hasStopped) {
      swarm.peers.set(place, { announce: { ...announce, isPartialSeed }, seenAt: now })
    }
    if (!announce.hasStopped) this.#swarms.set(key, swarm)
    const told = announce.hasStopped ? [] : this.#told(swarm, announce, now)
    return { ...countsOf(swarm), isRemembered, ipv4: packed(told, 4), ipv6: packed(told, 16) }
  }

  scrape(infoHash: Uint8Array): SwarmCounts | null {
    const swarm = this.#swarms.get(formatHex(infoHash))
    return swarm ? countsOf(swarm) : null
  }

  /** All of it, whatever the part. */
  sweep(now: number): void {
    for (const [key, swarm] of this.#swarms) {
      for (const [place, peer] of swarm.peers) if (this.#isOver(peer, now)) swarm.peers.delete(place)
      if (swarm.peers.size === 0 && swarm.downloaded === 0) this.#swarms.delete(key)
    }
  }

  stats(): ReturnType<SwarmStore['stats']> {
    const peers = [...this.#swarms.values()].flatMap(swarm => [...swarm.peers.values()])
    const seeds = peers.filter(peer => peer.announce.isSeed).length
    return { swarms: this.#swarms.size, seeds, leeches: peers.length - seeds, memoryUsed: 0, memoryLimit: 0 }
  }

  #told(swarm: NaiveSwarm, asker: SwarmAnnounce, now: number): SwarmAnnounce[] {
    return [...swarm.peers.values()]
      .filter(peer => !this.#isOver(peer, now))
      .map(peer => peer.announce)
      .filter(peer => placeOf(peer) !== placeOf(asker) && formatHex(peer.peerId) !== formatHex(asker.peerId))
      .filter(peer => canReach(asker.askedFrom, peer.scope))
      .filter(peer => isOfUse(peer, asker))
      .sort((a, b) => (Number(b.isSeed) - Number(a.isSeed)) * (asker.isSeed ? -1 : 1))
      .slice(0, asker.numWant)
  }

  #neighbours(swarm: NaiveSwarm, announce: SwarmAnnounce): number {
    if (announce.scope !== 'global') return 0
    return [...swarm.peers.values()].filter(
      peer =>
        peer.announce.isSeed === announce.isSeed && householdOf(peer.announce) === householdOf(announce),
    ).length
  }

  #isOver(peer: NaivePeer, now: number): boolean {
    return Math.floor(now / this.#tick) - Math.floor(peer.seenAt / this.#tick) > this.#lifetime
  }
}

function isOfUse(peer: SwarmAnnounce, asker: SwarmAnnounce): boolean {
  if (peer.isSeed) return asker.isSeed ? asker.hasStarted : !asker.isPartialSeed
  return !peer.isPartialSeed || !(asker.isSeed || asker.isPartialSeed)
}

function placeOf({ host, port }: Pick<SwarmAnnounce, 'host' | 'port'>): string {
  return `${hostFromBytes(host)} ${port}`
}

function householdOf({ host }: SwarmAnnounce): string {
  return formatHex(host.length === 4 ? host : host.subarray(0, 8))
}

function canReach(from: Scope, to: Scope): boolean {
  if (to === 'global' || from === to) return true
  return to === 'private' && from !== 'global'
}

function countsOf(swarm: NaiveSwarm): SwarmCounts {
  const peers = [...swarm.peers.values()].map(peer => peer.announce)
  const leeches = peers.filter(peer => !peer.isSeed)
  return {
    complete: peers.length - leeches.length,
    incomplete: leeches.length,
    downloaded: swarm.downloaded,
    downloaders: leeches.filter(peer => !peer.isPartialSeed).length,
  }
}

function packed(peers: SwarmAnnounce[], hostLength: number): SwarmAnswer['ipv4'] {
  const mine = peers.filter(peer => peer.host.length === hostLength)
  const port = (peer: SwarmAnnounce) => Uint8Array.of(peer.port >>> 8, peer.port)
  return {
    count: mine.length,
    addresses: concatBytes(mine.flatMap(peer => [peer.host, port(peer)])),
    peerIds: concatBytes(mine.map(peer => peer.peerId)),
  }
}
