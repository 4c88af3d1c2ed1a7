/** A home network behind a router that does NAT, and the world outside of it: a network namespace each. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../programs.ts'
import { Program } from './program.ts'

/** What namespaces of tests are called; see `SwarmNet`, which deletes those that were left behind. */
const PREFIX = 'shoal-interop-'

/** Of the router, on its two sides. */
export const ROUTER = { inside: '192.168.7.1', outside: '81.2.69.142' } as const
/** Two at home and one in the world. */
export const HOSTS = { home: '192.168.7.20', neighbour: '192.168.7.21', world: '81.2.69.200' } as const

/** What a router's firewall is set up with; miniupnpd fills the chains that bear its name. */
const FIREWALL = `
table inet filter {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "lan" accept
    jump miniupnpd
  }
  chain miniupnpd { }
  chain prerouting { type nat hook prerouting priority -100; policy accept; jump prerouting_miniupnpd; }
  chain prerouting_miniupnpd { }
  chain postrouting { type nat hook postrouting priority 100; policy accept; oifname "wan" masquerade; }
  chain postrouting_miniupnpd { }
}
`

/** Why there can be no such router here; null where there can. */
export function whyNotRouterNet(): string | null {
  for (const [program, from] of [
    ['miniupnpd', 'miniupnpd'],
    ['nft', 'nftables'],
    ['tcpdump', 'tcpdump'],
  ] as const) {
    if (spawnSync(program, ['--version']).error)
      return `${program} is not installed (apt-get install ${from})`
  }
  const name = `${PREFIX}${process.pid}-nat`
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return 'no network namespace can be made here'
  const { status, stderr } = spawnSync('ip', ['netns', 'exec', name, 'nft', '-f', '-'], {
    input: FIREWALL,
    encoding: 'utf8',
  })
  run('ip', ['netns', 'delete', name])
  return status === 0 ? null : `the kernel here has no NAT: ${stderr.trim()}`
}

type Side = 'home' | 'router' | 'world'

export class RouterNet implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'shoal-router-'))
  readonly #names: Readonly<Record<Side, string>>
  readonly #programs: Program[] = []

  /** `serial`: of several at a time. */
  constructor(serial: number) {
    const name = (side: Side): string => `${PREFIX}${process.pid}-${serial}${side}`
    this.#names = { home: name('home'), router: name('router'), world: name('world') }
    const { home, router, world } = this.#names
    const ip = (text: string): string => run('ip', text.split(' '))
    for (const side of [home, router, world]) {
      ip(`netns add ${side}`)
      ip(`-n ${side} link set lo up`)
    }
    ip(`-n ${router} link add lan type veth peer name eth0 netns ${home}`)
    ip(`-n ${router} link add wan type veth peer name eth0 netns ${world}`)
    for (const [side, device, host] of [
      [router, 'lan', ROUTER.inside],
      [router, 'wan', ROUTER.outside],
      [home, 'eth0', HOSTS.home],
      [home, 'eth0', HOSTS.neighbour],
      [world, 'eth0', HOSTS.world],
    ] as const) {
      ip(`-n ${side} address add ${host}/24 dev ${device}`)
      ip(`-n ${side} link set ${device} up`)
    }
    ip(`-n ${home} route add default via ${ROUTER.inside}`)
    run('ip', ['netns', 'exec', router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1'])
    run('ip', ['netns', 'exec', router, 'nft', '-f', '-'], FIREWALL)
  }

  start(side: Side, name: string, command: readonly string[]): Program {
    const home = mkdtempSync(join(this.folder, 'home-'))
    const program = new Program({
      name,
      command: ['ip', 'netns', 'exec', this.#names[side], ...command],
      folder: home,
      variables: { HOME: home, XDG_STATE_HOME: home },
    })
    this.#programs.push(program)
    return program
  }

  /** Debian's miniupnpd on the router; without `hasNatPmp` it speaks UPnP alone. */
  async startRouter({ hasNatPmp }: { hasNatPmp: boolean }): Promise<Program> {
    const settings = join(this.folder, 'miniupnpd.conf')
    const lines = [
      ...['ext_ifname=wan', 'listening_ip=lan', 'enable_upnp=yes', 'secure_mode=yes', 'system_uptime=no'],
      ...[`enable_natpmp=${hasNatPmp ? 'yes' : 'no'}`, 'uuid=00000000-0000-4000-8000-000000000000'],
      ...['min_lifetime=120', 'max_lifetime=86400'],
      ...['allow 1024-65535 192.168.7.0/24 1024-65535', 'deny 0-65535 0.0.0.0/0 0-65535'],
    ]
    writeFileSync(settings, `${lines.join('\n')}\n`)
    const command = ['miniupnpd', '-d', '-f', settings, '-P', join(this.folder, 'miniupnpd.pid')]
    const router = this.start('router', 'miniupnpd', command)
    await router.find('is there', line => (/HTTP listening on port/.test(line) ? true : null))
    return router
  }

  /** What the router forwards now: `tcp 6881 192.168.7.20:6881`. */
  get forwarded(): string[] {
    const chain = ['list', 'chain', 'inet', 'filter', 'prerouting_miniupnpd']
    const text = run('ip', ['netns', 'exec', this.#names.router, 'nft', ...chain])
    const rules = text.matchAll(/@nh,72,8 0x(6|11) th dport (\d+) dnat ip to (\S+)/g)
    return [...rules]
      .map(([, protocol, port, to]) => `${protocol === '6' ? 'tcp' : 'udp'} ${port} ${to}`)
      .sort()
  }

  /** As when its plug was pulled. */
  forgetForwarded(): void {
    for (const chain of ['miniupnpd', 'prerouting_miniupnpd'])
      run('ip', ['netns', 'exec', this.#names.router, 'nft', 'flush', 'chain', 'inet', 'filter', chain])
  }

  /** In the order of their beginning. */
  get lastWords(): string {
    return this.#programs.map(program => program.lastWords).join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs.toReversed()) await program.stop()
    for (const name of Object.values(this.#names)) run('ip', ['netns', 'delete', name])
    rmSync(this.folder, { recursive: true, force: true })
  }
}
