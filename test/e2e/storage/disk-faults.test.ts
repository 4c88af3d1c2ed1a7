import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { TemporaryFolder } from './temporary-folder.ts'

const run = promisify(execFile)
const ACTOR = fileURLToPath(new URL('fault-actor.ts', import.meta.url))

/** Runs the actor in a shell that has prepared its disk or its limits; returns what it met, line by line. */
async function act(shell: string, folder: string, steps: readonly string[]): Promise<string[]> {
  const script = `${shell} exec "$0" "$@"`
  const { stdout } = await run('sh', ['-c', script, process.execPath, ACTOR, folder, ...steps], {
    timeout: 60_000,
  })
  return stdout.trim().split('\n')
}

/** The same on a disk of its own of 2 MiB, which only a privileged user (or a user namespace) may mount. */
async function actOnSmallDisk(folder: string, steps: readonly string[]): Promise<string[]> {
  const script = 'mount -t tmpfs -o size=2m none "$2" && exec "$0" "$@"'
  const args = [...UNSHARE, 'sh', '-c', script, process.execPath, ACTOR, folder, ...steps]
  const { stdout } = await run('unshare', args, { timeout: 60_000 })
  return stdout.trim().split('\n')
}

const UNSHARE = ['--user', '--map-root-user', '--mount', '--']
const noSmallDisk =
  spawnSync('unshare', [...UNSHARE, 'sh', '-c', 'mount -t tmpfs -o size=1m none /mnt']).status === 0
    ? false
    : 'no disk can be mounted here'

describe('a disk', { skip: process.platform === 'win32' ? 'needs sh' : false }, () => {
  it('that is full says so, keeps what it has, and takes more when there is room', {
    skip: noSmallDisk,
  }, async () => {
    using folder = new TemporaryFolder()
    const met = await actOnSmallDisk(folder.path, [
      'write 0 1048576',
      'write 1 1048576',
      'read 0 1048576',
      'free',
      'write 1 1048576',
      'read 1 1048576',
      'sync',
    ])
    assert.deepEqual(met, ['ok', 'storage-full ENOSPC', 'ok', 'ok', 'ok', 'ok', 'ok'])
  })

  it('that is full has no state torn: the old content or the new', { skip: noSmallDisk }, async () => {
    using folder = new TemporaryFolder()
    const met = await actOnSmallDisk(folder.path, [
      'replace state 1000',
      'write 0 1048576',
      'replace state 900000',
      'length state',
      'append state 900000',
      'free',
      'replace state 900000',
      'length state',
    ])
    assert.deepEqual(met.slice(0, 4), ['ok', 'ok', 'storage-full ENOSPC', '1000'])
    assert.deepEqual(met.slice(4), ['storage-full ENOSPC', 'ok', 'ok', '900000'])
  })

  it('that is mounted read-only says so, and is read all the same', { skip: noSmallDisk }, async () => {
    using folder = new TemporaryFolder()
    const met = await actOnSmallDisk(folder.path, [
      'write 0 1000',
      'sync',
      'remount-read-only',
      'read 0 1000',
      'write 0 1000',
      'sync',
    ])
    assert.deepEqual(met, ['ok', 'ok', 'ok', 'ok', 'storage-read-only EROFS', 'ok'])
  })

  it('that is unmounted while in use is waited for, and nothing goes where it was', {
    skip: noSmallDisk,
  }, async () => {
    using folder = new TemporaryFolder()
    mkdirSync(folder.at('disk'))
    const met = await actOnSmallDisk(folder.at('disk'), [
      'prepare',
      'write 0 1000',
      'sync',
      'write 0 1000',
      'unmount',
      'write 1 1000',
      'read 1 1000',
      'sync',
      'prepare',
      'names',
      'mount',
      'write 1 1000',
      'read 0 1000',
      'sync',
      'names',
    ])
    const away = 'storage-unmounted '
    assert.deepEqual(met, [
      ...['ok', 'ok', 'ok', 'ok', 'ok', away, away, away, away, '', 'ok'],
      ...['ok', 'ok', 'ok', 'big-0 big-1 filler'],
    ])
  })

  it('with a file size limit says so', async () => {
    using folder = new TemporaryFolder()
    // A limit in units of 512 bytes; the signal that comes with it is for programs that do not look at errors.
    const met = await act("trap '' XFSZ; ulimit -f 2000;", folder.path, ['write 0 1000', 'write 1 1048576'])
    assert.deepEqual(met, ['ok', 'file-too-large EFBIG'])
  })

  it('that gives no permission any more says so', async () => {
    using folder = new TemporaryFolder()
    const met = await act('', folder.path, ['write 0 1000', 'lose-permission', 'write 1 1000'])
    assert.deepEqual(met, ['ok', 'ok', 'storage-denied EACCES'])
  })

  it('of which too many files are open is used with fewer', async () => {
    using folder = new TemporaryFolder()
    const met = await act('ulimit -n 48;', folder.path, ['many 200'])
    assert.deepEqual(met, ['ok'])
  })
})
