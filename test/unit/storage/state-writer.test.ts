import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8Bytes, utf8Text } from '../../../src/core/bytes.ts'
import { StorageError } from '../../../src/core/errors.ts'
import { MemoryStateFiles } from '../../../src/storage/memory-state-files.ts'
import { StateWriter } from '../../../src/storage/state-writer.ts'

/** A log of letters; its snapshot is all of them in brackets. */
class Letters {
  readonly files = new MemoryStateFiles()
  readonly writer: StateWriter
  text = ''
  /** What a snapshot says where it needs fewer letters. */
  short: string | null = null

  constructor(length: number) {
    const snapshot = () => utf8Bytes(`[${this.short ?? this.text}]`)
    this.writer = new StateWriter({ files: this.files, path: 'log', snapshot, length })
  }

  add(letter: string): void {
    this.text += letter
    this.writer.append(utf8Bytes(letter))
  }

  get found(): string {
    return utf8Text(this.files.files.get('log')?.bytes ?? new Uint8Array(0))
  }
}

describe('StateWriter', () => {
  it('says when all is written, also where it was refused, and syncs nothing for that', async () => {
    const letters = new Letters(0)
    letters.add('a')
    await letters.writer.flush()
    letters.add('b')
    await letters.writer.written()
    assert.equal(letters.found, '[a]b')
    letters.files.append = () => Promise.reject(new StorageError('storage-full', 'no room'))
    letters.add('c')
    await letters.writer.written()
    assert.equal(letters.found, '[a]b')
    await letters.writer.flush()
    assert.equal(letters.found, '[abc]')
  })

  it('begins a new file with a snapshot and appends behind it', async () => {
    const letters = new Letters(0)
    letters.add('a')
    letters.add('b')
    await letters.writer.flush()
    assert.equal(letters.found, '[ab]')
    letters.add('c')
    await letters.writer.flush()
    assert.equal(letters.found, '[ab]c')
  })

  it('appends to a file that is there', async () => {
    const letters = new Letters(5)
    await letters.files.append('log', utf8Bytes('[old]'))
    letters.add('a')
    await letters.writer.flush()
    assert.equal(letters.found, '[old]a')
  })

  it('writes without anybody waiting', async () => {
    const letters = new Letters(0)
    letters.add('a')
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    assert.equal(letters.found, '[a]')
  })

  it('loses nothing that is appended while a write is under way', async () => {
    const letters = new Letters(0)
    for (const letter of 'abcdefgh') {
      letters.add(letter)
      await Promise.resolve()
    }
    await letters.writer.flush()
    assert.equal(letters.found.replaceAll(/[[\]]/g, ''), 'abcdefgh')
  })

  it('syncs when flushed, also what was appended before', async () => {
    const letters = new Letters(1)
    letters.add('a')
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    await letters.writer.flush()
    letters.files.cutPower(() => 0)
    assert.equal(letters.found, 'a')
  })

  it('writes a log that could be much shorter anew when it finishes, and only then', async () => {
    const letters = new Letters(0)
    letters.add('a')
    await letters.writer.flush()
    letters.add('b'.repeat(8000))
    await letters.writer.finish()
    assert.match(letters.found, /^\[a\]b+$/, 'it would be as long')
    letters.short = 'ab'
    await letters.writer.flush()
    assert.match(letters.found, /^\[a\]b+$/)
    await letters.writer.finish()
    assert.equal(letters.found, '[ab]')
  })

  it('writes all anew after a write that failed, for it may have left half a record', async () => {
    const letters = new Letters(1)
    letters.files.fault = new StorageError('storage-full', 'full')
    letters.add('ab')
    await assert.rejects(letters.writer.flush(), error => error === letters.files.fault)
    letters.add('c')
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    letters.files.fault = null
    await letters.writer.flush()
    assert.equal(letters.found, '[abc]')
  })
})
