/** One test's stage: a folder, programs in the namespace, and their last words where it fails. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Program } from './program.ts'
import type { SwarmNet } from './swarm-net.ts'

/** `SHOAL_INTEROP_TRACE=1` makes every program say all that it can where a test fails. */
export const isTraced = process.env['SHOAL_INTEROP_TRACE'] === '1'

export class Scene {
  readonly net: SwarmNet
  /** Every program gets an IPv6 address then, and no other. */
  isIPv6 = false
  /** IPv6, and multicast with it. */
  isOnCable = false
  readonly #folder = mkdtempSync(join(tmpdir(), 'shoal-interop-'))
  readonly #programs: Program[] = []

  constructor(net: SwarmNet) {
    this.net = net
  }

  /** A new empty folder. */
  folder(name: string): string {
    const folder = join(this.#folder, name)
    mkdirSync(folder)
    return folder
  }

  /** An address for one more program. */
  address(): string {
    if (this.isOnCable) return this.net.ipv6OnCable()
    return this.isIPv6 ? this.net.ipv6() : this.net.address()
  }

  start(name: string, command: readonly string[], variables: Record<string, string> = {}): Program {
    const home = this.folder(`home of ${name}`)
    const program = new Program({
      name,
      command: this.net.inside(command),
      folder: home,
      variables: { HOME: home, XDG_STATE_HOME: home, XDG_CONFIG_HOME: home, ...variables },
    })
    this.#programs.push(program)
    return program
  }

  /** In the order of their beginning. */
  lastWords(): string {
    return this.#programs.map(program => program.lastWords).join('\n')
  }

  /** The last comes first: clients say goodbye to trackers that are still there. */
  async end(): Promise<void> {
    for (const program of this.#programs.toReversed()) await program.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Plays a scene to its end; where it fails, what the programs said stands below the reason. */
export async function play(net: SwarmNet, story: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = new Scene(net)
  try {
    await story(scene)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${reason}\n${scene.lastWords()}`, { cause: error })
  } finally {
    await scene.end()
  }
}
