import assert from 'node:assert/strict'
import { chmod, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test from 'node:test'
import { openSession } from '../../../src/client/node.ts'
import { ProtocolError, TrackerError, UsageError } from '../../../src/core/errors.ts'
import type { PortMapping } from '../../../src/portmap/port-mapping.ts'
import { FakeSession } from './fake-session.ts'
import { type CliOptions, type CliRun, runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const MAPPED: PortMapping = {
  transport: 'tcp',
  localHost: '192.168.7.20',
  internalPort: 6881,
  externalPort: 6881,
  externalHost: '81.2.69.142',
  method: 'upnp',
  gateway: '192.168.7.1',
}
const BOTH: PortMapping[] = [MAPPED, { ...MAPPED, transport: 'udp' }]
const MAGNET = `magnet:?xt=urn:btih:${'ab'.repeat(20)}&tr=udp://one.example:80&tr=udp://two.example:80`

/** Runs `doctor` with a session that has been told what to say. */
function startDoctor(
  argv: readonly string[],
  prepare: (session: FakeSession) => void,
  options: CliOptions = {},
): CliRun {
  return runCli(['doctor', ...argv], {
    ...options,
    openSession: async sessionOptions => {
      assert.equal(sessionOptions.stateFolder, null)
      const session = new FakeSession(sessionOptions)
      prepare(session)
      return session
    },
  })
}

function verdictsOf(run: CliRun): Record<string, unknown> {
  const checks = run.events.filter(({ type }) => type === 'check')
  return Object.fromEntries(checks.map(({ check, verdict }) => [check, verdict]))
}

test('doctor says that all is well, and leaves nothing behind', async t => {
  const folder = await temporaryFolder(t)
  const flags = ['--dir', folder, '--state', join(folder, 'a/b/state')]
  const run = startDoctor([...flags, '--json'], session => {
    session.mappings = BOTH
  })
  assert.equal(await run.exitCode, 0)
  const { 'target folder': target, 'state folder': state, ...others } = verdictsOf(run)
  assert.ok(
    ['ok', 'warn'].includes(String(target)) && ['ok', 'warn'].includes(String(state)),
    'a full disk is one',
  )
  assert.deepEqual(others, {
    node: 'ok',
    files: 'ok',
    ports: 'ok',
    trackers: 'skipped',
    mapping: 'ok',
    clock: 'skipped',
  })
  assert.deepEqual(run.events.at(-1)?.['isGood'], true)
  assert.deepEqual(await readdir(folder), [])
})

test('doctor tells people in a line each, with what to do', async () => {
  const run = startDoctor(['--dir', '/nowhere/at/all'], session => {
    const error = new ProtocolError('port-map-unanswered', 'no router answers')
    session.emit({ type: 'port-mapping-failed', localHost: '192.168.7.20', error })
  })
  assert.equal(await run.exitCode, 1)
  assert.match(run.stderr, /^fail +target folder: \/nowhere\/at\/all: ENOENT.*\n +→ make it/m)
  assert.match(run.stderr, /^warn +mapping: no router answers\n +→ switch on UPnP/m)
  assert.match(run.stderr, /1 failed, \d to look at\.\n$/)
  assert.equal(run.stdout, '')
})

test('doctor asks the trackers of a torrent', async () => {
  const run = startDoctor([MAGNET, '--no-port-map', '--json'], session => {
    assert.equal(session.options.portMapping, false)
    session.scrapes.set('udp://one.example:80', new TrackerError('tracker-unreachable', 'nobody is there'))
    session.scrapes.set(
      'udp://two.example:80',
      new TrackerError('tracker-refused', 'the tracker refuses: no'),
    )
  })
  assert.equal(await run.exitCode, 0)
  const trackers = run.events.filter(({ check }) => check === 'trackers')
  assert.deepEqual(
    trackers.map(({ verdict }) => verdict),
    ['warn', 'ok'],
  )
  assert.equal(verdictsOf(run)['mapping'], 'skipped')
})

test('doctor fails where the port is in use', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  try {
    const flags = ['--bind', '127.0.0.1', '--port', String(port), '--json']
    const run = runCli(['doctor', ...flags], { openSession })
    assert.equal(await run.exitCode, 1)
    assert.equal(verdictsOf(run)['ports'], 'fail')
  } finally {
    server.close()
  }
})

test('doctor listens on this machine alone where it is told to, and asks no router then', async () => {
  const run = runCli(['doctor', '--bind', '127.0.0.1', '--no-port-map', '--json'], { openSession })
  assert.equal(await run.exitCode, 0)
  assert.equal(verdictsOf(run)['ports'], 'ok')
})

test('doctor fails where a folder cannot be written to or is a file', async t => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'file'), 'x')
  const prepare = (session: FakeSession): void => {
    session.mappings = BOTH
  }
  const file = startDoctor(['--dir', join(folder, 'file'), '--json'], prepare)
  assert.equal(await file.exitCode, 1)
  assert.equal(verdictsOf(file)['target folder'], 'fail')
  if (process.getuid?.() === 0) return t.diagnostic('root may write anywhere')
  await chmod(folder, 0o500)
  const closed = startDoctor(['--dir', folder, '--json'], prepare)
  await closed.exitCode
  assert.equal(verdictsOf(closed)['target folder'], 'fail')
})

test('doctor passes on what is no matter of ports', async () => {
  const run = runCli(['doctor', '--json'], {
    openSession: () => Promise.reject(new UsageError('address-unavailable', 'no such address here')),
  })
  assert.equal(await run.exitCode, 1)
  assert.equal(verdictsOf(run)['ports'], 'fail')
  const broken = runCli(['doctor', '--json'], { openSession: () => Promise.reject(new Error('a bug')) })
  assert.equal(await broken.exitCode, 1)
  assert.equal(broken.events.at(-1)?.['code'], 'internal')
})

test('Ctrl-C ends doctor while it waits for a router', async () => {
  const opened = Promise.withResolvers<FakeSession>()
  const run = startDoctor(['--json'], opened.resolve)
  const session = await opened.promise
  run.interrupt()
  assert.equal(await run.exitCode, 130)
  assert.ok(session.isClosed)
})
