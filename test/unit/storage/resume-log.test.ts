import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '../../../src/core/bitfield.ts'
import { StorageError } from '../../../src/core/errors.ts'
import { decodeRecords, encodeRecords } from '../../../src/storage/journal.ts'
import { STORAGE_LIMITS } from '../../../src/storage/limits.ts'
import { MemoryStateFiles } from '../../../src/storage/memory-state-files.ts'
import { ResumeLog } from '../../../src/storage/resume-log.ts'
import type { FileState } from '../../../src/storage/torrent-storage.ts'
import { infoOf } from '../../contract/storage/made-torrents.ts'

const PATH = 'torrents/x/resume.log'
/** 10 pieces; a has 0 to 4, b 4 to 9. */
const INFO = infoOf({ a: 150_000, b: 170_000, empty: 0 })
const PIECES = INFO.geometry.pieceCount
const PIECE_LENGTH = INFO.geometry.pieceLength
const NONE = new Bitfield(PIECES)
const LOOK = { length: 1, mtimeNs: 2n, ino: 3n, dev: 4n }

class Bench {
  readonly files = new MemoryStateFiles()
  looks: FileState[] = INFO.files.map(() => LOOK)

  open(info = INFO): Promise<ResumeLog> {
    return ResumeLog.open({ files: this.files, path: PATH, info, inspect: async () => this.looks })
  }

  async restored() {
    const { restored } = await this.open()
    return (
      restored && {
        synced: [...restored.synced],
        unsure: [...restored.unsure],
        uploaded: restored.uploaded,
        downloaded: restored.downloaded,
      }
    )
  }

  get bytes(): Uint8Array {
    return this.files.files.get(PATH)?.bytes ?? new Uint8Array(0)
  }

  set bytes(bytes: Uint8Array) {
    this.files.files.set(PATH, { bytes, syncedLength: bytes.length })
  }
}

async function sync(): Promise<void> {}

function write(log: ResumeLog, ...pieces: number[]): void {
  for (const piece of pieces) log.pieceWritten(piece, PIECE_LENGTH)
}

/** Lets what was appended reach the file. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

describe('a resume log', () => {
  it('knows nothing of a new torrent', async () => {
    assert.equal((await new Bench().open()).restored, null)
  })

  it('believes what was committed and doubts what was only written', async () => {
    const bench = new Bench()
    const log = await bench.open()
    write(log, 1, 2)
    await log.commit(sync)
    write(log, 7)
    await settled()
    assert.deepEqual(await bench.restored(), { synced: [1, 2], unsure: [7], uploaded: 0, downloaded: 0 })
  })

  it('does not count as synced what was written while the sync was under way', async () => {
    const bench = new Bench()
    const log = await bench.open()
    write(log, 1)
    await log.commit(async () => write(log, 2))
    assert.deepEqual(await bench.restored(), { synced: [1], unsure: [2], uploaded: 0, downloaded: 0 })
  })

  it('forgets pieces that were lost, and doubts one that is written again', async () => {
    const bench = new Bench()
    const log = await bench.open()
    write(log, 1, 2, 3)
    await log.commit(sync)
    log.pieceLost(1)
    write(log, 2)
    await settled()
    assert.deepEqual(await bench.restored(), { synced: [3], unsure: [2], uploaded: 0, downloaded: 0 })
  })

  it('goes on where it was', async () => {
    const bench = new Bench()
    const first = await bench.open()
    write(first, 1)
    first.counters(10, 20)
    await first.commit(sync)
    await first.close()
    const second = await bench.open()
    write(second, 2)
    await second.commit(sync)
    assert.deepEqual(await bench.restored(), { synced: [1, 2], unsure: [], uploaded: 10, downloaded: 20 })
  })

  it('never believes a piece after a failed sync, whatever later syncs say, until it is written again', async () => {
    const bench = new Bench()
    const log = await bench.open()
    write(log, 1, 2)
    const fault = new StorageError('storage-io-failed', 'no')
    await assert.rejects(
      log.commit(async () => {
        throw fault
      }),
      error => error === fault,
    )
    assert.deepEqual(log.doubtful, [1, 2])
    write(log, 2, 3)
    await log.commit(sync)
    assert.deepEqual(log.doubtful, [1])
    assert.deepEqual(await bench.restored(), { synced: [2, 3], unsure: [1], uploaded: 0, downloaded: 0 })
  })

  it('remembers the blocks of pieces that spilled', async () => {
    const bench = new Bench()
    const log = await bench.open()
    const blocks = new Bitfield(2)
    blocks.set(1)
    log.blocksSpilled(3, blocks)
    log.blocksSpilled(4, blocks)
    write(log, 4)
    await settled()
    const { restored } = await bench.open()
    assert.deepEqual(
      [...(restored?.spilled ?? [])].map(([piece, bits]) => [piece, [...bits]]),
      [[3, [1]]],
    )
  })

  it('takes over what a check found', async () => {
    const bench = new Bench()
    const log = await bench.open()
    write(log, 1, 2)
    await log.commit(sync)
    write(log, 3)
    const good = new Bitfield(PIECES)
    for (const piece of [2, 3, 5]) good.set(piece)
    await log.checked(good)
    await settled()
    assert.deepEqual(await bench.restored(), { synced: [2], unsure: [3, 5], uploaded: 0, downloaded: 0 })
  })
})

describe('a file that somebody else changed, found good by a check', () => {
  it('is not believed before a sync, which is due', async () => {
    const bench = new Bench()
    const log = await bench.open()
    await log.checked(Bitfield.full(PIECES))
    await log.commit(sync)
    await log.close()
    bench.looks = INFO.files.map((_, index) => (index === 0 ? { ...LOOK, mtimeNs: 99n } : LOOK))
    const changed = await bench.open()
    await changed.checked(Bitfield.full(PIECES), bench.looks)
    await settled()
    // A power cut here may have taken what was copied, and left its length and time.
    const after = await bench.restored()
    const { first, end } = INFO.geometry.piecesOf(0)
    const inChanged = Array.from({ length: end - first }, (_, i) => first + i)
    assert.deepEqual(after?.unsure, inChanged)
    assert.deepEqual(after?.synced.length, PIECES - inChanged.length)
    assert.ok(changed.isCommitDue(0) || changed.commitDueAt() < Infinity)
    await changed.commit(sync)
    assert.deepEqual((await bench.restored())?.unsure, [])
  })
})

describe('a resume log that is closed', () => {
  it('is short, however it came to say what it says', async () => {
    const info = infoOf({ a: 1000 * PIECE_LENGTH })
    const all = Bitfield.full(info.geometry.pieceCount)
    const bench = new Bench()
    bench.looks = [LOOK]
    const log = await bench.open(info)
    await log.checked(all)
    await log.commit(sync)
    assert.ok(bench.bytes.length > 20_000, 'each piece was written down')
    await log.close()
    assert.ok(bench.bytes.length < 1000)
    const { restored } = await bench.open(info)
    assert.equal(restored?.synced.isFull, true)
    assert.equal(restored?.isUnchanged('a', LOOK), true)
  })
})

describe('the files in a resume log', () => {
  async function recorded(bench: Bench): Promise<Record<string, unknown>> {
    return Object.fromEntries((await bench.open()).restored?.files ?? [])
  }

  it('are recorded by path when nothing is written any more', async () => {
    const bench = new Bench()
    bench.looks = INFO.files.map((_, index) => (index === 1 ? null : LOOK))
    const log = await bench.open()
    await log.checked(NONE)
    await log.close()
    const missing = INFO.files[1]?.displayPath
    const paths = INFO.files.map(file => file.displayPath).filter(path => path !== missing)
    assert.deepEqual(
      await recorded(bench),
      Object.fromEntries(paths.map(path => [path, { state: LOOK, isOpen: false }])),
    )
  })

  it('are open from the first piece that is written to them until they are looked at again', async () => {
    const bench = new Bench()
    const log = await bench.open()
    await log.checked(NONE)
    write(log, 0)
    await settled()
    assert.deepEqual((await recorded(bench))['a'], { state: LOOK, isOpen: true })
    assert.deepEqual((await recorded(bench))['b'], { state: LOOK, isOpen: false })
    await log.close()
    assert.deepEqual((await recorded(bench))['a'], { state: LOOK, isOpen: false })
  })

  it('stay as they were recorded where somebody else changed them, so that they are looked into at the next start', async () => {
    const bench = new Bench()
    const log = await bench.open()
    await log.checked(NONE)
    write(log, 0, 9)
    await log.commit(sync)
    await log.settle()
    bench.looks = [{ ...LOOK, mtimeNs: 99n }, LOOK, LOOK]
    await log.settle()
    await log.close()
    const again = await bench.open()
    assert.equal(again.restored?.isUnchanged('a', bench.looks[0] ?? null), false)
    assert.equal(again.restored?.isUnchanged('b', bench.looks[1] ?? null), true)
    await again.checked(NONE)
    await again.close()
    assert.equal((await bench.open()).restored?.isUnchanged('a', bench.looks[0] ?? null), true)
  })

  it('are not recorded where somebody else put them there, so that they are looked into at the next start', async () => {
    const bench = new Bench()
    bench.looks = [LOOK, null, LOOK]
    const log = await bench.open()
    await log.checked(NONE)
    bench.looks = [LOOK, LOOK, LOOK]
    await log.close()
    assert.deepEqual(Object.keys(await recorded(bench)), ['a', 'empty'])
  })

  it('stay as they were recorded where another took the place of one that was being written', async () => {
    const bench = new Bench()
    const log = await bench.open()
    await log.checked(NONE)
    write(log, 0)
    await log.commit(sync)
    bench.looks = [{ ...LOOK, ino: 77n }, LOOK, LOOK]
    await log.close()
    assert.equal((await bench.open()).restored?.isUnchanged('a', bench.looks[0] ?? null), false)
  })

  it('stay as they were recorded when the disk is gone at the end', async () => {
    const bench = new Bench()
    const log = await bench.open()
    await log.checked(NONE)
    await settled()
    const broken = await ResumeLog.open({
      files: bench.files,
      path: PATH,
      info: INFO,
      inspect: () => Promise.reject(new StorageError('storage-unmounted', 'gone')),
    })
    await broken.close()
    assert.equal(Object.keys(await recorded(bench)).length, 3)
  })
})

describe('a commit', () => {
  it('is due five seconds after somebody first saw the change', async () => {
    const log = await new Bench().open()
    assert.equal(log.isCommitDue(1e9), false)
    assert.equal(log.commitDueAt(), Infinity)
    write(log, 1)
    assert.equal(log.isCommitDue(100), false)
    assert.equal(log.commitDueAt(), 100 + STORAGE_LIMITS.commitAfter)
    assert.equal(log.isCommitDue(99 + STORAGE_LIMITS.commitAfter), false)
    assert.equal(log.isCommitDue(100 + STORAGE_LIMITS.commitAfter), true)
    await log.commit(sync)
    assert.equal(log.isCommitDue(1e9), false)
  })

  it('is due at once when much was written', async () => {
    const log = await new Bench().open()
    log.pieceWritten(1, STORAGE_LIMITS.commitBytes - 1)
    assert.equal(log.isCommitDue(0), false)
    log.pieceWritten(2, 1)
    assert.equal(log.isCommitDue(0), true)
  })

  it('is due after a minute for counters alone', async () => {
    const log = await new Bench().open()
    log.counters(1, 1)
    assert.equal(log.isCommitDue(0), false)
    assert.equal(log.isCommitDue(STORAGE_LIMITS.countersAfter), true)
    await log.commit(sync)
    log.counters(1, 1)
    assert.equal(log.commitDueAt(), Infinity)
  })
})

describe('a damaged resume log', () => {
  async function committed(): Promise<Bench> {
    const bench = new Bench()
    const log = await bench.open()
    write(log, 1, 2)
    await log.commit(sync)
    write(log, 3)
    await settled()
    return bench
  }

  it('with a torn tail keeps what is before it, and is mended before it goes on', async () => {
    const bench = await committed()
    bench.bytes = bench.bytes.slice(0, -3)
    const log = await bench.open()
    assert.deepEqual([...(log.restored?.synced ?? [])], [1, 2])
    assert.deepEqual([...(log.restored?.unsure ?? [])], [])
    write(log, 5)
    await log.commit(sync)
    assert.deepEqual(await bench.restored(), { synced: [1, 2, 5], unsure: [], uploaded: 0, downloaded: 0 })
  })

  it('is not believed where its snapshot is damaged, and put aside', async () => {
    const bench = await committed()
    const damaged = bench.bytes.slice()
    damaged[60]! ^= 1
    bench.bytes = damaged
    assert.equal(await bench.restored(), null)
    assert.deepEqual(bench.files.files.get(`${PATH}.damaged`)?.bytes, damaged)
  })

  it('of no bytes, zeros or text is not believed', async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(5000), new TextEncoder().encode('hello, world')]) {
      const bench = new Bench()
      bench.bytes = bytes
      const log = await bench.open()
      assert.equal(log.restored, null)
      write(log, 4)
      await log.commit(sync)
      assert.deepEqual((await bench.restored())?.synced, [4])
    }
  })

  it('of another torrent, or of another number of pieces, is not believed', async () => {
    const bench = await committed()
    assert.equal((await bench.open(infoOf({ a: 10 }))).restored, null)
  })

  it('is not believed where a record in the middle is damaged, which may have said that a piece was lost', async () => {
    const bench = await committed()
    const log = await bench.open()
    await log.commit(sync)
    const before = bench.bytes.length
    log.pieceLost(1)
    await settled()
    log.blocksSpilled(1, new Bitfield(INFO.geometry.blockCount(1)))
    await settled()
    const damaged = bench.bytes.slice()
    damaged[before + 6]! ^= 4
    bench.bytes = damaged
    assert.equal(await bench.restored(), null)
    assert.deepEqual(bench.files.files.get(`${PATH}.damaged`)?.bytes, damaged)
  })

  it('with a sensible checksum around nonsense is not believed', async () => {
    const bench = await committed()
    const { records } = decodeRecords(bench.bytes)
    const huge = { kind: 3, payload: new Uint8Array(16).fill(255) }
    bench.bytes = encodeRecords([...records, huge, ...records.slice(-1)])
    assert.equal(await bench.restored(), null)
  })

  it('of a newer version is refused and not touched', async () => {
    const bench = await committed()
    const { records } = decodeRecords(bench.bytes)
    const head = records[0]!.payload.slice()
    head[17]! += 1 // the low byte of the version, behind 16 of magic
    bench.bytes = encodeRecords([{ kind: 1, payload: head }, ...records.slice(1)])
    const before = bench.bytes
    await assert.rejects(bench.open(), error => error instanceof StorageError && error.code === 'state-newer')
    assert.equal(bench.bytes, before)
    assert.equal(bench.files.files.size, 1)
  })
})

describe('a resume log on a disk with faults', () => {
  it('tells at the commit, keeps all it knows, and writes it when it can again', async () => {
    const bench = new Bench()
    const log = await bench.open()
    write(log, 1)
    await log.commit(sync)
    bench.files.fault = new StorageError('storage-full', 'full')
    write(log, 2)
    await settled()
    await assert.rejects(log.commit(sync), error => error === bench.files.fault)
    assert.equal(log.isCommitDue(0), false)
    assert.equal(log.isCommitDue(STORAGE_LIMITS.commitAfter), true)
    write(log, 3)
    bench.files.fault = null
    await log.commit(sync)
    assert.deepEqual(await bench.restored(), { synced: [1, 2, 3], unsure: [], uploaded: 0, downloaded: 0 })
  })

  it('is written anew when it has grown long', async () => {
    const bench = new Bench()
    const log = await bench.open()
    let longest = 0
    for (let written = 0; written < 1.2 * STORAGE_LIMITS.journal; written += 25 * PIECES) {
      for (let piece = 0; piece < PIECES; piece++) write(log, piece)
      await settled()
      longest = Math.max(longest, bench.bytes.length)
    }
    await log.commit(sync)
    assert.ok(longest < STORAGE_LIMITS.journal + 2000, `${longest} bytes`)
    assert.ok(bench.bytes.length < STORAGE_LIMITS.journal / 2, `${bench.bytes.length} bytes`)
    assert.equal((await bench.restored())?.synced.length, PIECES)
  })
})
