/** One network namespace of its own with many addresses, so that every program of a swarm can have its own. */

import { spawnSync } from 'node:child_process'
import { run } from '../programs.ts'

const PREFIX = 'shoal-interop-'
const ADDRESSES = 120

/** Why there can be no namespace here; null where there can. */
export function whyNotSwarmNet(): string | null {
  if (process.platform !== 'linux') return 'network namespaces need Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  if (spawnSync('ip', ['-V']).error) return 'ip is not installed (apt-get install iproute2)'
  const name = `${PREFIX}${process.pid}-probe`
  const { status, stderr } = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' })
  if (status !== 0) return `no network namespace can be made here: ${stderr.trim()}`
  run('ip', ['netns', 'delete', name])
  return null
}

export class SwarmNet implements Disposable {
  readonly name = `${PREFIX}${process.pid}`
  #lastAddress = 0
  #lastIPv6 = 0
  #lastOnCable = 0

  constructor() {
    deleteAbandoned()
    run('ip', ['netns', 'add', this.name])
    run('ip', ['-n', this.name, 'link', 'set', 'lo', 'up'])
    const commands = Array.from({ length: ADDRESSES }, (_, i) => `address add ${addressOf(i + 1)}/16 dev lo`)
    commands.push(
      ...Array.from({ length: ADDRESSES }, (_, i) => `address add ${ipv6Of(i + 1)}/64 dev lo nodad`),
    )
    run('ip', ['-n', this.name, '-batch', '-'], commands.join('\n'))
  }

  /** An address that nobody here has used so far. */
  address(): string {
    if (this.#lastAddress === ADDRESSES)
      throw new Error(`all ${ADDRESSES} addresses are taken: allow for more`)
    return addressOf(++this.#lastAddress)
  }

  /** As `address`, of IPv6. */
  ipv6(): string {
    const address = ipv6Of(++this.#lastIPv6)
    if (this.#lastIPv6 > ADDRESSES)
      throw new Error(`all ${ADDRESSES} IPv6 addresses are taken: allow for more`)
    return address
  }

  /** As `ipv6`, on a cable: the system carries no IPv6 multicast over loopback. */
  ipv6OnCable(): string {
    if (this.#lastOnCable === 0) {
      const commands = [
        'link add cable type veth peer name socket',
        'link set cable up',
        'link set socket up',
      ]
      run('ip', ['-n', this.name, '-batch', '-'], commands.join('\n'))
    }
    const address = `fd78::${(++this.#lastOnCable).toString(16)}`
    run('ip', ['-n', this.name, 'address', 'add', `${address}/64`, 'dev', 'cable', 'nodad'])
    return address
  }

  /** Where multicast goes of programs that do not say it themselves, and the address that it then comes from. */
  routeMulticast(from: string): void {
    run('ip', ['-n', this.name, 'route', 'replace', '224.0.0.0/4', 'dev', 'lo', 'src', from])
  }

  /** The command line that runs `command` in here, in the process that is started for it. */
  inside(command: readonly string[]): [program: string, ...args: string[]] {
    return ['ip', 'netns', 'exec', this.name, ...command]
  }

  [Symbol.dispose](): void {
    run('ip', ['netns', 'delete', this.name])
  }
}

function addressOf(index: number): string {
  return `10.77.${index >> 6}.${(index & 63) + 1}`
}

function ipv6Of(index: number): string {
  return `fd77::${index.toString(16)}`
}

/** What test processes left behind that were killed. */
function deleteAbandoned(): void {
  const names = run('ip', ['netns', 'list']).matchAll(new RegExp(`^${PREFIX}(\\d+)\\S*`, 'gm'))
  for (const [name, pid] of names) {
    if (!isRunning(Number(pid))) spawnSync('ip', ['netns', 'delete', name])
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
