import assert from 'node:assert/strict'
import test from 'node:test'
import { UsageError } from '../../../src/core/errors.ts'
import { runCli } from './run-cli.ts'

const MAGNET = `magnet:?xt=urn:btih:${'ab'.repeat(20)}`

test('help and version go to stdout and are no failure', async () => {
  for (const argv of [['--help'], ['get', '--help'], ['help', 'seed'], ['--version']]) {
    const run = runCli(argv)
    assert.equal(await run.exitCode, 0, argv.join(' '))
    assert.notEqual(run.stdout, '')
    assert.equal(run.stderr, '')
  }
})

test('the help names every command', async () => {
  const run = runCli(['--help'])
  await run.exitCode
  for (const name of ['create', 'show', 'verify', 'get', 'seed', 'tracker', 'up']) {
    assert.match(run.stdout, new RegExp(`^  ${name} `, 'm'))
  }
})

test('no command at all is wrong usage and prints the help', async () => {
  const run = runCli([])
  assert.equal(await run.exitCode, 2)
  assert.equal(run.stdout, '')
  assert.match(run.stderr, /Usage: shoal/)
})

test('wrong usage is 2 and one line that says what', async () => {
  const cases: [string[], RegExp][] = [
    [['got'], /unknown command 'got' \(did you mean get\?\)/],
    [['get'], /missing required argument 'TORRENT'/],
    [['get', MAGNET, '--prot', '1'], /unknown option '--prot' \(did you mean --port\?\)/],
    [['get', MAGNET, 'another'], /too many arguments/],
    [['get', MAGNET, '--port', '70000'], /--port: "70000" is not a port/],
    [['get', MAGNET, '--max-down', 'fast'], /--max-down: "fast" is not a rate/],
    [['get', MAGNET, '--max-up', '0'], /--max-up: "0" is not a rate/],
    [['get', MAGNET, '--peer', 'nowhere'], /--peer: "nowhere" is not a peer: HOST:PORT/],
    [['get', MAGNET, '--bind', 'eth0'], /--bind: "eth0" is not an IP address/],
    [
      ['create', '.', '--piece-length', '20000'],
      /--piece-length: "20000" is not a piece length: a power of two/,
    ],
    [['create', '.', '--piece-length', '8K'], /a power of two from 16K/],
    [['create', '.', '--tracker', 'file:///etc/passwd'], /--tracker: "file:\/\/\/etc\/passwd" is not a URL/],
    [['create', '.', '--format', 'v3'], /Allowed choices are hybrid, v1, v2/],
    [['verify', 'a.torrent'], /--dir/],
  ]
  for (const [argv, message] of cases) {
    const run = runCli(argv)
    assert.equal(await run.exitCode, 2, argv.join(' '))
    assert.match(run.stderr, message)
    assert.equal(run.stderr.trimEnd().split('\n').length, 1, run.stderr)
    assert.equal(run.stdout, '')
  }
})

test('with --json an error is an object on stdout as well as a line on stderr', async () => {
  const run = runCli(['get', MAGNET, '--port', 'x', '--json'])
  assert.equal(await run.exitCode, 2)
  assert.equal(run.events.length, 1)
  assert.equal(run.events[0]!['type'], 'error')
  assert.equal(run.events[0]!['code'], 'port-invalid')
  assert.match(run.stderr, /^error: --port: /)
})

test('an unknown command is told as JSON, too', async () => {
  const run = runCli(['got', '--json'])
  assert.equal(await run.exitCode, 2)
  assert.deepEqual(
    run.events.map(event => [event['type'], event['code']]),
    [['error', 'usage']],
  )
})

test('a fault of the machine is 1, not wrong usage', async () => {
  for (const code of ['port-in-use', 'address-unavailable', 'internal-fault']) {
    const run = runCli(['get', MAGNET], {
      openSession: () => Promise.reject(new UsageError(code, 'port 1 is in use')),
    })
    assert.equal(await run.exitCode, 1)
    assert.equal(run.stderr, 'error: port 1 is in use\n')
  }
})

test('what is no BitTorrentError is called a bug, its stack only shown where SHOAL_DEBUG asks for it', async () => {
  const openSession = () => Promise.reject(new TypeError('x is not a function'))
  const quiet = runCli(['get', MAGNET], { openSession })
  assert.equal(await quiet.exitCode, 1)
  assert.match(quiet.stderr, /^error: this is a bug in shoal: x is not a function \(.*SHOAL_DEBUG=1.*\)\n$/)
  const loud = runCli(['get', MAGNET], { openSession, variables: { SHOAL_DEBUG: '1' } })
  await loud.exitCode
  assert.match(loud.stderr, /TypeError: x is not a function\n +at /)
})
