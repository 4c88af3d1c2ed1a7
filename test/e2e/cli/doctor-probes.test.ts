import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test from 'node:test'
import { openFilesLimit, probeClock, probeFolder, probeMapping } from '../../../src/cli/doctor-probes.ts'
import { HttpFetcher } from '../../../src/net/fetch.ts'
import { run } from '../../support/programs.ts'
import { FakeSession } from './fake-session.ts'
import { temporaryFolder } from './temporary-folder.ts'

const never = new AbortController().signal

test('the limit of open files is that of the system', { skip: process.platform === 'win32' }, () => {
  const said = run('sh', ['-c', 'ulimit -n']).trim()
  const limit = openFilesLimit()
  assert.equal(limit, said === 'unlimited' ? Number.POSITIVE_INFINITY : Number(said))
})

test('a folder is looked at where it would be made, and nothing stays there', async t => {
  const folder = await temporaryFolder(t)
  const probe = await probeFolder('state', join(folder, 'a/b'), { mayBeMade: true })
  assert.equal(probe.error, null)
  assert.ok(probe.free !== null && probe.free >= 0 && probe.syncTime !== null && probe.syncTime >= 0)
  assert.deepEqual(await readdir(folder), [])
  const missing = await probeFolder('target', join(folder, 'a/b'), { mayBeMade: false })
  assert.match(missing.error ?? '', /ENOENT/)
})

test('the time is that of the first web server out in the world that tells it', async () => {
  const date = new Date(Date.now() - 3_600_000).toUTCString()
  const server = createServer((request, response) => {
    response.sendDate = false
    if (request.url === '/told') response.setHeader('date', date)
    response.end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const at = (path: string): string => `http://127.0.0.1:${port}${path}`
  try {
    assert.equal(
      await probeClock([at('/told')], never),
      null,
      'a stranger may have written it: it is not asked here',
    )
    const fetcher = (): HttpFetcher => new HttpFetcher({ scopeOf: () => 'global' })
    const seconds = await probeClock(['http://127.0.0.1:1/', at('/silent'), at('/told')], never, fetcher())
    assert.ok(seconds !== null && Math.abs(seconds - 3600) < 60, `${seconds}`)
    assert.equal(await probeClock([at('/silent')], never, fetcher()), null)
    assert.equal(await probeClock([], never, fetcher()), null)
  } finally {
    server.close()
  }
})

test('nobody waits for a router that is known already', async () => {
  const session = new FakeSession({})
  const mapping = { localHost: '192.168.7.20', internalPort: 1, externalPort: 1, externalHost: null } as const
  session.mappings = (['tcp', 'udp'] as const).map(transport => ({
    ...mapping,
    transport,
    method: 'upnp',
    gateway: '192.168.7.1',
  }))
  assert.deepEqual(await probeMapping(session, never), { mappings: session.mappings, failure: null })
})
