import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { readDuration, readRatio } from '../../../src/cli/option-parsers.ts'
import { eventsOf, launch, until } from './launch.ts'
import { temporaryFolder } from './temporary-folder.ts'

const HERE = ['--bind', '127.0.0.1', '--port', '0', '--json']

test('a seed ends when it has given enough, and seeds again when it is started again', async t => {
  const folder = await temporaryFolder(t)
  const content = randomBytes(3_000_000)
  writeFileSync(join(folder, 'data'), content)
  for (const target of ['first', 'second']) {
    const seed = launch(
      t,
      ['seed', 'data', '--force', '--ratio', target === 'first' ? '1' : '2', ...HERE],
      folder,
    )
    await until(() => eventsOf(seed).some(({ type }) => type === 'ready'), seed)
    const ready = eventsOf(seed).find(({ type }) => type === 'ready')
    const [peer] = ready!['listening'] as string[]
    const get = launch(t, ['get', 'data.torrent', '--dir', target, '--peer', peer!, ...HERE], folder)
    assert.deepEqual(await get.ended, [0, null], get.output.stderr)
    assert.deepEqual(readFileSync(join(folder, target, 'data')), content)
    assert.deepEqual(await seed.ended, [0, null], seed.output.stderr)
    const reached = eventsOf(seed).filter(({ alert }) => alert === 'goal-reached')
    assert.deepEqual(
      reached.map(({ goal }) => goal),
      ['ratio'],
    )
  }
})

test('a download stays for others until nobody takes anything', async t => {
  const folder = await temporaryFolder(t)
  writeFileSync(join(folder, 'data'), randomBytes(100_000))
  const seed = launch(t, ['seed', 'data', ...HERE], folder)
  await until(() => eventsOf(seed).some(({ type }) => type === 'ready'), seed)
  const [peer] = eventsOf(seed).find(({ type }) => type === 'ready')!['listening'] as string[]
  const get = launch(
    t,
    ['get', 'data.torrent', '--dir', 'x', '--idle-time', '2', '--peer', peer!, ...HERE],
    folder,
  )
  await until(() => eventsOf(get).some(({ type }) => type === 'done'), get)
  assert.equal(get.child.exitCode, null)
  assert.deepEqual(await get.ended, [0, null], get.output.stderr)
  assert.ok(eventsOf(get).some(({ alert, goal }) => alert === 'goal-reached' && goal === 'idleTime'))
})

test('ratios and times are read as people write them', () => {
  assert.deepEqual(['1', '2.5', '0'].map(readRatio), [1, 2.5, 0])
  assert.deepEqual(['90', '90s', '1.5m', '12h', '7d'].map(readDuration), [90, 90, 90, 43_200, 604_800])
  for (const text of ['', '-1', 'x', '1e3', '1/2'])
    assert.throws(() => readRatio(text), { code: 'ratio-invalid' })
  for (const text of ['', 'h', '5w', '-5m', '1 h'])
    assert.throws(() => readDuration(text), { code: 'duration-invalid' })
})
