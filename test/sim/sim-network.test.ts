import { after } from 'node:test'
import { address } from '../../src/core/address.ts'
import { streamNetworkContract } from '../contract/stream-network.ts'
import { SimNetwork } from './sim-network.ts'
import { World } from './world.ts'

const world = new World()
const network = new SimNetwork(world)
const host = network.newHost({ at: '10.9.9.9' })
let isOver = false

/** The suite waits on its own; here time follows it instead of leading. */
async function follow(): Promise<void> {
  while (!isOver) {
    await world.pass(1)
    await new Promise(resolve => setImmediate(resolve))
  }
}

void follow()
after(() => {
  isOver = true
})

streamNetworkContract('the simulated network', () => host, address('10.9.9.9', 0))
