/** A port of this machine that the world reaches at a router. */

export type Transport = 'tcp' | 'udp'

/** How the router was asked: PCP (RFC 6887), NAT-PMP (RFC 6886) or UPnP (WANIPConnection). */
export type MapMethod = 'pcp' | 'nat-pmp' | 'upnp'

export interface PortMapping {
  readonly transport: Transport
  /** The address of this machine that the router passes on to. */
  readonly localHost: string
  readonly internalPort: number
  readonly externalPort: number
  /**
   * The router's address on its other side; null where it did not say. A private one is behind yet another router, and
   * nobody comes in.
   */
  readonly externalHost: string | null
  readonly method: MapMethod
  /** The router's address on our side. */
  readonly gateway: string
}

/** Why there is no mapping. */
export interface MapRefusal {
  readonly method: MapMethod
  readonly gateway: string
  /** For people. */
  readonly reason: string
}
