import assert from 'node:assert/strict'
import test from 'node:test'
import { runCli } from './run-cli.ts'

test('the tracker says where it is, answers, and ends with 130', async () => {
  const run = runCli(['tracker', '--bind', '127.0.0.1', '--http-port', '0', '--json'])
  while (run.events.length === 0) await new Promise(setImmediate)
  const [ready] = run.events
  assert.equal(ready!['type'], 'ready')
  const announce = String(ready!['announce'])
  assert.match(announce, /^http:\/\/127\.0\.0\.1:\d+\/announce$/)
  assert.deepEqual(ready!['listening'], [new URL(announce).host])
  assert.match(await (await fetch(announce)).text(), /^d14:failure reason/)
  run.interrupt()
  assert.equal(await run.exitCode, 130)
})
