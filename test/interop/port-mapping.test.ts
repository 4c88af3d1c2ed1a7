/** Debian's miniupnpd does the NAT between a home network and the world, a network namespace each. */

import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Program } from '../support/interop/program.ts'
import { HOSTS, ROUTER, RouterNet, whyNotRouterNet } from '../support/interop/router-net.ts'
import { assertArrived, SINGLE, writeSample } from '../support/interop/samples.ts'
import { whyNotSwarmNet } from '../support/interop/swarm-net.ts'
import { until } from '../support/until.ts'

const LAUNCHER = fileURLToPath(new URL('../../bin/shoal.js', import.meta.url))
const SHOAL = [process.execPath, '-C', 'shoal-source', LAUNCHER]

const skip = whyNotSwarmNet() ?? whyNotRouterNet() ?? false

let serial = 0

/** What the programs said stands below the reason of a failure. */
async function behindRouter(tell: (net: RouterNet) => Promise<void>): Promise<void> {
  await using net = new RouterNet(++serial)
  try {
    await tell(net)
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${net.lastWords}`, {
      cause: error,
    })
  }
}

async function startSeed(
  net: RouterNet,
  flags: readonly string[] = [],
): Promise<{ program: Program; torrent: string }> {
  const folder = join(net.folder, `seed ${++serial}`)
  mkdirSync(folder)
  const torrent = join(folder, 'sample.torrent')
  const content = writeSample(SINGLE, folder)
  const command = ['seed', content, '-o', torrent, '--state', join(folder, 'state'), '--json', ...flags]
  const program = net.start('home', 'shoal seed', [...SHOAL, ...command])
  await program.event({ type: 'ready' })
  return { program, torrent }
}

/** Fetches it through the router, from outside. */
async function fetchFromOutside(net: RouterNet, torrent: string, port: number): Promise<void> {
  const folder = join(net.folder, `leech ${++serial}`)
  mkdirSync(folder)
  const from = ['--peer', `${ROUTER.outside}:${port}`, '--bind', HOSTS.world, '--no-port-map']
  const command = ['get', torrent, '--dir', folder, ...from, '--state', `${folder} state`, '--json']
  await net.start('world', 'shoal get', [...SHOAL, ...command]).succeeded()
  assertArrived(SINGLE, folder)
}

describe('miniupnpd', { skip, concurrency: 2 }, () => {
  for (const [method, hasNatPmp] of [
    ['pcp', true],
    ['upnp', false],
  ] as const) {
    test(`lets somebody outside fetch from a seed at home (${method}), until it ends`, async () => {
      await behindRouter(async net => {
        await net.startRouter({ hasNatPmp })
        const seed = await startSeed(net)
        for (const transport of ['tcp', 'udp']) {
          const mapped = await seed.program.event({ type: 'alert', alert: 'port-mapped', transport })
          assert.deepEqual(mapped, {
            type: 'alert',
            alert: 'port-mapped',
            transport,
            localHost: HOSTS.home,
            internalPort: 6881,
            externalPort: 6881,
            externalHost: ROUTER.outside,
            method,
            gateway: ROUTER.inside,
          })
        }
        assert.deepEqual(net.forwarded, [`tcp 6881 ${HOSTS.home}:6881`, `udp 6881 ${HOSTS.home}:6881`])
        await fetchFromOutside(net, seed.torrent, 6881)
        await seed.program.stop()
        assert.deepEqual(net.forwarded, [])
      })
    })

    test(`gives another port where a neighbour has the same (${method})`, async () => {
      await behindRouter(async net => {
        await net.startRouter({ hasNatPmp })
        const seeds = []
        for (const host of [HOSTS.neighbour, HOSTS.home]) {
          const seed = await startSeed(net, ['--bind', host, '--port', '6881'])
          const mapped = await seed.program.event({ type: 'alert', alert: 'port-mapped', transport: 'tcp' })
          seeds.push({ ...seed, port: Number(mapped['externalPort']) })
        }
        assert.equal(seeds[0]?.port, 6881)
        assert.notEqual(seeds[1]?.port, 6881)
        await fetchFromOutside(net, seeds[1]!.torrent, seeds[1]!.port)
      })
    })
  }

  test('that was started anew, and says so, forwards again at once', async () => {
    await behindRouter(async net => {
      const router = await net.startRouter({ hasNatPmp: true })
      const seed = await startSeed(net)
      await seed.program.event({ type: 'alert', alert: 'port-mapped', transport: 'udp' })
      // It tells how many seconds it has been there, and clocks may be two off.
      const began = performance.now()
      await until(() => performance.now() - began > 4000)
      await router.stop()
      net.forgetForwarded()
      assert.deepEqual(net.forwarded, [])
      await net.startRouter({ hasNatPmp: true })
      // Without its word it would be asked within five minutes: longer than this waits.
      await until(() => net.forwarded.length === 2)
      await fetchFromOutside(net, seed.torrent, 6881)
    })
  })

  test('is found well by shoal doctor, which leaves nothing at it', async () => {
    await behindRouter(async net => {
      await net.startRouter({ hasNatPmp: false })
      const doctor = net.start('home', 'shoal doctor', [...SHOAL, 'doctor', '--state', net.folder, '--json'])
      const { verdict, message } = await doctor.event({ type: 'check', check: 'mapping' })
      assert.equal(verdict, 'ok', String(message))
      assert.match(String(message), /192\.168\.7\.1 forwards 81\.2\.69\.142 port 6881 \(TCP and UDP, upnp\)/)
      await doctor.succeeded()
      assert.deepEqual(net.forwarded, [])
    })
  })

  test('hears nothing of a seed that was told --no-port-map', async () => {
    await behindRouter(async net => {
      await net.startRouter({ hasNatPmp: true })
      const tap = net.start('router', 'tcpdump', ['tcpdump', '-i', 'lan', '-U', '-n', '-l', 'udp or tcp'])
      await tap.find('ear', line => (/listening on lan/.test(line) ? true : null))
      const silent = await startSeed(net, ['--no-port-map', '--no-dht', '--port', '7000'])
      await silent.program.stop()
      // The first that is heard from home is what comes after it.
      const speak = `echo > /dev/udp/${ROUTER.inside}/9`
      await net.start('home', 'bash', ['bash', '-c', speak]).succeeded()
      const fromHome = (line: string): string | null => (/ IP 192\.168\.7\.2\d\./.test(line) ? line : null)
      assert.match(await tap.find('datagram from home', fromHome), /> 192\.168\.7\.1\.9: UDP/)
    })
  })
})
