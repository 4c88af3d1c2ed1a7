import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concatBytes } from '../../../src/core/bytes.ts'
import { fileHashesOf } from '../../../src/metainfo/file-hashes.ts'
import { hashPlan, naiveRoot, testDigest } from '../../support/hash-plan.ts'
import { makeTorrent } from '../../support/torrents.ts'

for (const format of ['v2', 'hybrid'] as const) {
  test(`the hashes of the files follow from those of their pieces (${format})`, () => {
    const { plan, contentOf } = makeTorrent({ a: 10, b: 0, c: 32_768, d: 40_000, e: 200_000 }, { format })
    const { geometry } = plan
    const roots = Array.from({ length: geometry.pieceCount }, (_, piece) => {
      const [span] = geometry.spans(piece, 0, geometry.pieceLengthOf(piece))
      const content = contentOf(plan.files[span!.file]!.path.join('/')).subarray(
        span!.offset,
        span!.offset + span!.length,
      )
      const leaves = Array.from({ length: Math.ceil(content.length / 16_384) }, (_, i) =>
        testDigest.sha256(content.subarray(i * 16_384, (i + 1) * 16_384)),
      )
      return naiveRoot(leaves, geometry.leavesOf(piece).paddedLeaves)
    })
    assert.deepEqual(
      fileHashesOf(geometry, concatBytes(roots), testDigest),
      hashPlan(plan, file => contentOf(file.path.join('/'))).v2,
    )
  })
}
