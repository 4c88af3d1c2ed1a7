import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Job } from '../../../src/storage/jobs.ts'
import { STORAGE_LIMITS } from '../../../src/storage/limits.ts'
import { PartsPacker, PartsUnpacker } from '../../../src/storage/parts-post.ts'

function hashJob(parts: readonly Uint8Array[]): Job {
  return { kind: 'hash', parts, contentLength: 1, kinds: { sha1: true, merkle: null } }
}

function partsOf(job: Job | undefined): readonly Uint8Array[] {
  return job && 'parts' in job ? job.parts : []
}

function memory(length = STORAGE_LIMITS.sharedMemory): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length))
}

describe('parts in the post', () => {
  it('arrive as views on the same memory', () => {
    const [a, b] = [memory(), memory()]
    const jobs = [
      hashJob([a.subarray(3, 10), b]),
      hashJob([b.subarray(5)]),
      { kind: 'forget', root: '/', paths: ['a'] } as const,
    ]
    const arrived = new PartsUnpacker().unpack(structuredClone(new PartsPacker().pack(jobs)))
    partsOf(arrived[0])[0]![0] = 7
    partsOf(arrived[1])[0]![1] = 8
    assert.deepEqual([a[3], b[6]], [7, 8])
    assert.equal(partsOf(arrived[0])[1]?.length, b.length)
    assert.deepEqual(arrived[2], jobs[2])
  })

  it('have their memory introduced once', () => {
    const packer = new PartsPacker()
    const unpacker = new PartsUnpacker()
    const [a, b] = [memory(), memory()]
    assert.equal(packer.pack([hashJob([a]), hashJob([a])]).memories.length, 1)
    const second = new PartsPacker()
    unpacker.unpack(second.pack([hashJob([a])]))
    const batch = second.pack([hashJob([a, b])])
    assert.equal(batch.memories.length, 1)
    assert.deepEqual(
      partsOf(unpacker.unpack(batch)[0]).map(part => part.buffer),
      [a.buffer, b.buffer],
    )
  })

  it('travel as they are where their memory is small, or too many are known', () => {
    const packer = new PartsPacker()
    const small = memory(STORAGE_LIMITS.sharedMemory - 1)
    assert.deepEqual(packer.pack([hashJob([small])]), {
      memories: [],
      jobs: [{ job: hashJob([small]), packed: null }],
    })
    for (let i = 0; i < STORAGE_LIMITS.sharedMemories; i++) packer.pack([hashJob([memory()])])
    const one = memory()
    assert.equal(packer.pack([hashJob([one])]).jobs[0]?.packed, null)
  })
})
