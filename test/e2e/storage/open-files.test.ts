import assert from 'node:assert/strict'
import { existsSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { StorageError } from '../../../src/core/errors.ts'
import { DiskOperations } from '../../../src/storage/disk-operations.ts'
import type { Root } from '../../../src/storage/jobs.ts'
import { STORAGE_LIMITS } from '../../../src/storage/limits.ts'
import { OpenFiles } from '../../../src/storage/open-files.ts'
import { sharedBytes } from '../../contract/storage/stored-torrents.ts'
import { TemporaryFolder } from './temporary-folder.ts'

/** What a worker does, in this thread and with a clock of its own. */
class Bench {
  now = 0
  readonly folder = new TemporaryFolder()
  readonly root: Root = { path: this.folder.path, identity: null }
  readonly files: OpenFiles
  readonly disk: DiskOperations

  constructor(limit?: number) {
    this.files = new OpenFiles({ now: () => this.now, ...(limit !== undefined && { limit }) })
    this.disk = new DiskOperations(this.files)
  }

  [Symbol.dispose](): void {
    this.files.closeAll()
    this.folder[Symbol.dispose]()
  }

  write(path: string, mayCreate: boolean): readonly string[] {
    const spans = [{ path, offset: 0, length: 4, mayCreate }]
    return this.disk.write({ kind: 'write', root: this.root, spans, parts: [sharedBytes(4)] }).made
  }

  read(path: string): Uint8Array {
    const bytes = sharedBytes(4, 9)
    this.disk.read({ kind: 'read', root: this.root, spans: [{ path, offset: 0, length: 4 }], parts: [bytes] })
    return bytes.slice()
  }

  /** The code of the fault, or null where it was hashed. */
  digest(path: string): string | null {
    const kinds = { sha1: true, merkle: null }
    const piece = { spans: [{ path, offset: 0, length: 4 }], contentLength: 4, kinds }
    const [digest] = this.disk.digest({ kind: 'digest', root: this.root, pieces: [piece] })
    return digest && 'code' in digest ? digest.code : null
  }

  pass(time: number): void {
    this.now += time
  }
}

/** Descriptors of this process that lead into the folder. */
function openBelow(folder: string): number {
  return readdirSync('/proc/self/fd').filter(name => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith(folder)
    } catch {
      return false // The one that lists the others.
    }
  }).length
}

function noProc(): string | false {
  return existsSync('/proc/self/fd') ? false : 'this system does not tell what is open'
}

function modeOf(path: string): number {
  return statSync(path).mode
}

function isStorageError(code: string): (error: unknown) => boolean {
  return error => error instanceof StorageError && error.code === code
}

describe('an open file', () => {
  it('that is deleted is missed after a while, and not silently begun again', () => {
    using bench = new Bench()
    bench.write('a', true)
    rmSync(bench.folder.at('a'))
    bench.pass(STORAGE_LIMITS.lookAgainAfter)
    assert.throws(() => bench.write('a', false), isStorageError('file-missing'))
    assert.throws(() => bench.write('a', false), isStorageError('file-missing'))
    assert.equal(existsSync(bench.folder.at('a')), false)
  })

  it('that is deleted is missed at once by who hashes what is there', () => {
    using bench = new Bench()
    bench.write('a', true)
    rmSync(bench.folder.at('a'))
    assert.equal(bench.read('a').length, 4)
    assert.equal(bench.digest('a'), 'file-missing')
    assert.equal(bench.digest('a'), 'file-missing')
  })

  it('that is replaced is missed once, then the new one is used', () => {
    using bench = new Bench()
    bench.write('a', true)
    writeFileSync(bench.folder.at('b'), 'else')
    renameSync(bench.folder.at('b'), bench.folder.at('a'))
    bench.pass(STORAGE_LIMITS.lookAgainAfter)
    assert.throws(() => bench.read('a'), isStorageError('file-replaced'))
    assert.equal(Buffer.from(bench.read('a')).toString(), 'else')
  })

  it('may be read first and written later', () => {
    using bench = new Bench()
    writeFileSync(bench.folder.at('a'), 'text')
    assert.equal(Buffer.from(bench.read('a')).toString(), 'text')
    bench.write('a', false)
    assert.deepEqual(bench.read('a'), sharedBytes(4).slice())
  })
})

describe('open files', () => {
  it('are never more than the limit, and none is left of a torrent that is forgotten, but others are', {
    skip: noProc(),
  }, () => {
    using bench = new Bench(3)
    for (let i = 0; i < 10; i++) {
      bench.write(`T/${i}`, true)
      assert.ok(openBelow(bench.folder.path) <= 3)
    }
    for (let i = 0; i < 10; i++) assert.deepEqual(bench.read(`T/${i}`), sharedBytes(4).slice())
    assert.equal(openBelow(bench.folder.path), 3)
    const forget = (root: string, ...paths: string[]) =>
      bench.disk.forget({ kind: 'forget', root: bench.folder.at(root), paths })
    forget('U', '7', '8', '9')
    forget('T', '0', '8')
    assert.equal(openBelow(bench.folder.path), 2)
    forget('T', '7', '9')
    assert.equal(openBelow(bench.folder.path), 0)
  })

  it('tell which folders have new entries, once', () => {
    using bench = new Bench()
    const { path } = bench.folder
    assert.deepEqual(new Set(bench.write('T/sub/a', true)), new Set([path, `${path}/T`, `${path}/T/sub`]))
    assert.deepEqual(bench.write('T/sub/a', true), [])
    assert.deepEqual(bench.write('T/sub/b', true), [`${path}/T/sub`])
  })

  it('get the right to be executed where the torrent says so', { skip: process.platform === 'win32' }, () => {
    using bench = new Bench()
    const spans = [{ path: 'run', offset: 0, length: 4, mayCreate: true, isExecutable: true }]
    bench.disk.write({ kind: 'write', root: bench.root, spans, parts: [sharedBytes(4)] })
    bench.write('data', true)
    assert.equal(modeOf(bench.folder.at('run')) & 0o100, 0o100)
    assert.equal(modeOf(bench.folder.at('data')) & 0o111, 0)
  })
})
