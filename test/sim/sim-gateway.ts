import { address } from '../../src/core/address.ts'
import type { GatewayAccess } from '../../src/client/session-ports.ts'
import { GATEWAY_PORT } from '../../src/portmap/nat-pmp-codec.ts'
import { FakeGateway } from '../support/fake-gateway.ts'
import type { LineOptions } from './line.ts'
import type { SimHost } from './sim-network.ts'
import type { World } from './world.ts'

/** A router on a host of its own, which speaks PCP and NAT-PMP. It forwards nothing. */
export class SimGateway extends FakeGateway {
  readonly host: SimHost

  private constructor(host: SimHost) {
    super()
    this.host = host
  }

  static async open(
    world: World & { network: { newHost(line?: LineOptions): SimHost } },
    line: LineOptions = {},
  ): Promise<SimGateway> {
    const gateway = new SimGateway(world.network.newHost(line))
    const socket = await gateway.host.bind(address(gateway.host.at, GATEWAY_PORT), (datagram, from) => {
      const answer = gateway.answer(datagram.slice(), from.host, world.now)
      if (answer) socket.send(answer, from)
    })
    return gateway
  }

  /** The way to it from a host. */
  accessFrom(local: () => string): GatewayAccess {
    return {
      routes: async () => [{ gateway: this.host.at, local: local() }],
      ask: () => Promise.reject(new Error('it does not speak UPnP')),
    }
  }
}
