import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { StorageError } from '../../../src/core/errors.ts'
import { torrentIdOf } from '../../../src/core/ids.ts'
import { DiskWorkers } from '../../../src/storage/disk-workers.ts'
import { defaultStateFolder, StateFolder } from '../../../src/storage/state-folder.ts'
import { infoOf } from '../../contract/storage/made-torrents.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const INFO = infoOf({ a: 100_000 })
const ID = torrentIdOf(INFO.hashes)
const workers = new DiskWorkers()
after(() => workers.close())

function open(path: string): Promise<StateFolder> {
  return StateFolder.open({ path, workers })
}

function isStorageError(code: string): (error: unknown) => boolean {
  return error => error instanceof StorageError && error.code === code
}

/** Everything in a folder, with its content. */
function contentOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    names
      .filter(name => statSync(join(folder, name)).isFile())
      .map(name => [name, readFileSync(join(folder, name), 'latin1')]),
  )
}

/** Another process that holds the folder until it is told to end. */
async function holdElsewhere(path: string): Promise<ChildProcess> {
  const module = (name: string) =>
    JSON.stringify(new URL(`../../../src/storage/${name}.ts`, import.meta.url).href)
  const program = `
    import { DiskWorkers } from ${module('disk-workers')}
    import { StateFolder } from ${module('state-folder')}
    await StateFolder.open({ path: ${JSON.stringify(path)}, workers: new DiskWorkers() })
    console.log('open')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout!, 'data')
  return child
}

describe('a state folder', () => {
  it('is made when it is missing, for its owner alone', async () => {
    using folder = new TemporaryFolder()
    const state = await open(folder.at('deep/state'))
    assert.equal(readFileSync(folder.at('deep/state/version'), 'utf8'), '1\n')
    assert.equal(statSync(folder.at('deep/state')).mode & 0o077, process.platform === 'win32' ? 0o66 : 0)
    await state.close()
    assert.equal(existsSync(folder.at('deep/state/lock')), false)
  })

  it('keeps records of torrents by their id', async () => {
    using folder = new TemporaryFolder()
    const state = await open(folder.path)
    assert.deepEqual(await state.torrents(), [])
    assert.equal(await state.read(ID, 'metainfo.torrent'), null)
    await state.replace(ID, 'metainfo.torrent', new Uint8Array([1, 2]))
    await state.replace(null, 'settings', new Uint8Array([3]))
    assert.deepEqual(await state.torrents(), [ID])
    assert.deepEqual(await state.read(ID, 'metainfo.torrent'), new Uint8Array([1, 2]))
    assert.deepEqual(await state.read(null, 'settings'), new Uint8Array([3]))
    await state.forget(ID)
    assert.deepEqual(await state.torrents(), [])
    await state.forget(ID)
    await state.close()
  })

  it('remembers torrents over a restart', async () => {
    using folder = new TemporaryFolder()
    const look = { length: 5, mtimeNs: 6n, ino: 7n, dev: 8n }
    for (let run = 0; run < 3; run++) {
      const state = await open(folder.path)
      const log = await state.openLog(INFO, async () => [look])
      assert.deepEqual(
        [...(log.restored?.synced ?? [])],
        Array.from({ length: run }, (_, i) => i),
      )
      if (run > 0) assert.deepEqual(log.restored?.files.get('a'), { state: look, isOpen: false })
      log.pieceWritten(run, 32_768)
      await log.commit(async () => undefined)
      await log.close()
      await state.close()
    }
  })

  it('has no names that lead elsewhere', async () => {
    using folder = new TemporaryFolder()
    const state = await open(folder.path)
    for (const name of ['../x', 'a/b', '', '.', '..', 'lock/..']) {
      await assert.rejects(async () => state.read(null, name), RangeError)
    }
    await state.close()
  })

  it('of a newer shoal is refused and not touched', async () => {
    using folder = new TemporaryFolder()
    writeFileSync(folder.at('version'), '99\n')
    mkdirSync(folder.at('torrents'))
    writeFileSync(folder.at('torrents/x'), 'something new')
    const before = contentOf(folder.path)
    await assert.rejects(open(folder.path), isStorageError('state-newer'))
    assert.deepEqual(contentOf(folder.path), before)
  })

  it('of an older shoal is brought up to date', async () => {
    using folder = new TemporaryFolder()
    writeFileSync(folder.at('version'), '1\n')
    writeFileSync(folder.at('list'), 'one')
    const migrations = new Map([
      [1, async (path: string) => writeFileSync(join(path, 'new'), readFileSync(join(path, 'list')))],
    ])
    const state = await StateFolder.open({ path: folder.path, workers, version: { current: 2, migrations } })
    assert.equal(readFileSync(folder.at('new'), 'utf8'), 'one')
    assert.equal(readFileSync(folder.at('version'), 'utf8'), '2\n')
    await state.close()
  })
})

describe('the lock of a state folder', () => {
  it('lets one in at a time, in one process too', async () => {
    using folder = new TemporaryFolder()
    const state = await open(folder.path)
    await assert.rejects(open(folder.path), isStorageError('state-locked'))
    await state.close()
    await (await open(folder.path)).close()
  })

  it('lets one of many in that come at once', async () => {
    using folder = new TemporaryFolder()
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => open(folder.path)))
    const held = attempts.filter(attempt => attempt.status === 'fulfilled')
    assert.equal(held.length, 1)
    for (const attempt of held) await attempt.value.close()
  })

  it('keeps out others while its process lives, and names it', async () => {
    using folder = new TemporaryFolder()
    const child = await holdElsewhere(folder.path)
    await assert.rejects(open(folder.path), error => {
      assert.ok(error instanceof StorageError && error.code === 'state-locked')
      assert.match(error.message, new RegExp(`process ${child.pid}`))
      return true
    })
    child.kill('SIGKILL')
    await once(child, 'exit')
    await (await open(folder.path)).close()
  })

  it('is taken over from another boot, and from a process whose number went to another', {
    skip: noProc(),
  }, async () => {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    for (const [holder, isHeld] of [
      [{ pid: process.pid, bootId, startedAt }, true],
      [{ pid: process.pid, bootId: 'another', startedAt }, false],
      [{ pid: process.pid, bootId, startedAt: '1' }, false],
      [{ pid: 2 ** 30, bootId, startedAt }, false],
    ] as const) {
      using folder = new TemporaryFolder()
      writeFileSync(folder.at('lock'), JSON.stringify(holder))
      if (isHeld) await assert.rejects(open(folder.path), isStorageError('state-locked'))
      else await (await open(folder.path)).close()
    }
  })

  it('is taken over where it makes no sense', async () => {
    for (const content of ['', 'x', '{}', 'null', '{"pid":"1"}', '{"pid":-1}']) {
      using folder = new TemporaryFolder()
      writeFileSync(folder.at('lock'), content)
      await (await open(folder.path)).close()
      assert.deepEqual(readdirSync(folder.path), ['version'])
    }
  })
})

describe('the default state folder', () => {
  it('follows the XDG base directories', { skip: process.platform === 'win32' }, () => {
    assert.equal(defaultStateFolder({ XDG_STATE_HOME: '/somewhere' }), '/somewhere/shoal')
    assert.match(defaultStateFolder({}), /\/\.local\/state\/shoal$/)
    assert.match(defaultStateFolder({ XDG_STATE_HOME: 'relative' }), /\/\.local\/state\/shoal$/)
  })
})

function noProc(): string | false {
  return existsSync('/proc/self/stat') ? false : 'this system does not tell when a process started'
}
