import { after, before, describe, test } from 'node:test'
import { play, type Scene } from './scene.ts'
import { SwarmNet, whyNotSwarmNet } from './swarm-net.ts'

/** Well above what the slowest story takes on a busy machine. */
const STORY_BOUND = 200_000

type Tell = (scene: Scene) => Promise<void>

export interface Stories {
  /** Programs that must be there, beside the network: why one is not. */
  readonly needs: readonly (string | null)[]
  /** How many are told at once: more than one where programs mostly wait. */
  readonly atOnce: number
}

/** The stories of one file: all in one network of their own, skipped together where something is missing. */
export function tellStories(
  about: string,
  { needs, atOnce }: Stories,
  tellAll: (story: (name: string, tell: Tell) => void) => void,
): void {
  const skip = whyNotSwarmNet() ?? needs.find(reason => reason !== null) ?? false
  describe(about, { skip, concurrency: atOnce }, () => {
    let net: SwarmNet
    before(() => {
      net = new SwarmNet()
    })
    after(() => net[Symbol.dispose]())
    tellAll((name, tell) => {
      test(name, { timeout: STORY_BOUND }, () => play(net, tell))
    })
  })
}
