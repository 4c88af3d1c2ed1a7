import assert from 'node:assert/strict'
import type { SimClient } from './sim-client.ts'
import { SimGateway } from './sim-gateway.ts'
import { type Stage, story } from './story.ts'

const MINUTE = 60_000

async function behind(gateway: SimGateway, stage: Stage, line = {}): Promise<SimClient> {
  const host = stage.network.newHost(line)
  return await stage.newClient({ host, ports: { gateways: gateway.accessFrom(() => host.at) } })
}

story('a session has its port forwarded while it is open', async stage => {
  const gateway = await SimGateway.open(stage)
  const client = await behind(gateway, stage)
  await stage.until(() => client.heard('port-mapped').length === 2)
  assert.deepEqual(
    client.session.mappings.map(({ transport, externalHost, externalPort }) => [
      transport,
      externalHost,
      externalPort,
    ]),
    [
      ['tcp', '81.2.69.142', 6881],
      ['udp', '81.2.69.142', 6881],
    ],
  )
  await stage.pass(24 * 60 * MINUTE)
  assert.equal(gateway.mappings.size, 2)
  assert.equal(client.heard('port-mapped').length, 2, 'what stays as it is is no news')
  await stage.settled(client.session.close(), { within: 5000 })
  assert.equal(gateway.mappings.size, 0)
})

story(
  'a session is forwarded by a router that loses a third of what it hears and says',
  async stage => {
    const gateway = await SimGateway.open(stage, { loss: 0.3 })
    gateway.speaksPcp = stage.dice.below(2) === 0
    const client = await behind(gateway, stage)
    await stage.until(() => client.session.mappings.length === 2, { within: 10 * MINUTE })
    await stage.pass(24 * 60 * MINUTE)
    assert.equal(client.session.mappings.length, 2)
  },
  { runs: 10 },
)

story(
  'a router that began anew forwards again within five minutes, and what changed is told',
  async stage => {
    const gateway = await SimGateway.open(stage)
    const client = await behind(gateway, stage)
    await stage.pass(30 * MINUTE)
    gateway.reboot(stage.now)
    gateway.externalHost = '81.2.69.200'
    await stage.until(() => gateway.mappings.size === 2, { within: 5 * MINUTE + 1000 })
    await stage.until(() => client.heard('port-mapped').length === 4, { within: 1000 })
    assert.equal(client.heard('port-mapped').at(-1)?.externalHost, '81.2.69.200')
  },
)

story('trackers are told the port at the router', async stage => {
  const gateway = await SimGateway.open(stage)
  gateway.portFor = () => 50_001
  const tracker = stage.newTracker()
  const client = await behind(gateway, stage)
  await stage.until(() => client.heard('port-mapped').length === 2)
  await client.add(stage.newContent())
  await stage.until(() => client.heard('tracker-answered').length > 0)
  assert.deepEqual(
    tracker.announces.map(({ port }) => port),
    [50_001],
  )
  await stage.settled(client.session.close())
  assert.deepEqual(
    tracker.announces.map(({ port }) => port),
    [50_001, 50_001],
  )
})

story('trackers that were told before are told of another port as soon as they may be', async stage => {
  const gateway = await SimGateway.open(stage)
  gateway.portFor = () => 50_001
  gateway.refusal = 2
  const tracker = stage.newTracker({ minIntervalSeconds: 120 })
  const client = await behind(gateway, stage)
  await client.add(stage.newContent())
  await stage.until(() => client.heard('tracker-answered').length > 0)
  gateway.refusal = 0
  await stage.until(() => client.heard('port-mapped').length === 2, { within: 31 * MINUTE })
  const from = stage.now
  await stage.until(() => client.heard('tracker-answered').length > 1, { within: 121_000 })
  assert.ok(stage.now - from > 50_000, 'the mapping came a minute after the announce')
  assert.deepEqual(
    tracker.announces.map(({ port }) => port),
    [6881, 50_001],
  )
})

story('a session at an address of the world, or of this machine alone, asks no router', async stage => {
  for (const at of ['81.2.70.1', '127.0.0.7']) {
    const gateway = await SimGateway.open(stage)
    const host = stage.network.newHost({ at })
    let looked = 0
    const access = gateway.accessFrom(() => host.at)
    const routes = () => {
      looked++
      return access.routes()
    }
    const client = await stage.newClient({ host, ports: { gateways: { ...access, routes } } })
    await stage.pass(MINUTE)
    assert.deepEqual([gateway.asked, looked, client.heard('port-mapping-failed')], [[], 0, []], at)
  }
})

story('a session whose router forwards nothing says so once, and closes at once', async stage => {
  const gateway = await SimGateway.open(stage)
  gateway.refusal = 2
  const client = await behind(gateway, stage)
  await stage.pass(60 * MINUTE)
  const told = client.heard('port-mapping-failed')
  assert.deepEqual(
    told.map(({ error }) => error.code),
    ['port-map-refused'],
  )
  assert.ok(told[0]!.error.message.includes('it does not allow it'))
  gateway.refusal = 0
  await stage.until(() => client.session.mappings.length === 2, { within: 30 * MINUTE })
  const from = stage.now
  await stage.settled(client.session.close())
  assert.ok(stage.now - from < 1000)
})

story('a session without a router says so, and goes on', async stage => {
  const gateway = await SimGateway.open(stage)
  gateway.speaksPcp = false
  gateway.speaksNatPmp = false
  const client = await behind(gateway, stage)
  await stage.until(() => client.heard('port-mapping-failed').length > 0, { within: 11_000 })
  assert.equal(client.heard('port-mapping-failed')[0]?.error.code, 'port-map-unanswered')
  await stage.settled(client.session.close(), { within: 1000 })
})

story('a session that is carried into another network is forwarded there', async stage => {
  const [old, next] = [await SimGateway.open(stage), await SimGateway.open(stage)]
  const host = stage.network.newHost()
  let gateway = old
  const access = old.accessFrom(() => host.at)
  const routes = async () => [{ gateway: gateway.host.at, local: host.at }]
  const client = await stage.newClient({ host, ports: { gateways: { ...access, routes } } })
  await stage.until(() => client.session.mappings.length === 2)
  gateway = next
  await stage.until(() => next.mappings.size === 2, { within: 5 * MINUTE + 1000 })
  await stage.until(() => client.session.mappings[0]?.gateway === next.host.at, { within: 1000 })
  await stage.pass(1000)
  assert.equal(old.mappings.size, 0)
})

story('a place that is closed is forwarded no more', async stage => {
  const gateway = await SimGateway.open(stage)
  const host = stage.network.newHost()
  const client = await stage.newClient({
    host,
    isListening: false,
    ports: { gateways: gateway.accessFrom(() => host.at) },
  })
  await stage.pass(1000)
  assert.deepEqual(gateway.asked, [])
  const listener = await client.session.listen({ ...client.address, port: 7000 })
  await stage.until(() => gateway.mappings.size === 2)
  await listener.close()
  await stage.until(() => gateway.mappings.size === 0)
})

story('a session learns where the world sees it: from its router, or from three trackers', async stage => {
  const gateway = await SimGateway.open(stage)
  const home = await behind(gateway, stage)
  await stage.until(() => home.heard('external-address').length > 0)
  assert.deepEqual(home.session.externalHosts, ['81.2.69.142'])

  const urls = ['a', 'b', 'c'].map(name => `http://${name}.example/announce`)
  for (const url of urls) stage.newTracker({ externalHost: '81.2.69.7' }, url)
  const client = await stage.newClient()
  await client.add(stage.newContent({ trackers: [] }), { trackers: urls, announceTo: 'every-tracker' })
  await stage.until(() => client.heard('external-address').length > 0)
  assert.equal(client.heard('tracker-answered').length, 3)
  assert.deepEqual(client.session.externalHosts, ['81.2.69.7'])
  assert.deepEqual(
    client.heard('external-address').map(({ host }) => host),
    ['81.2.69.7'],
  )
})
