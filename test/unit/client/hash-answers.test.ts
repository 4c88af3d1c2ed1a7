import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type HashAsker, HashAnswers } from '../../../src/client/hash-answers.ts'
import { CLIENT_LIMITS } from '../../../src/client/limits.ts'
import { Bitfield } from '../../../src/core/bitfield.ts'
import { StorageError } from '../../../src/core/errors.ts'
import { leafRange, pieceLayerRanges } from '../../../src/metainfo/hash-exchange.ts'
import type { HashRange } from '../../../src/metainfo/hash-tree.ts'
import { METAINFO_LIMITS } from '../../../src/metainfo/limits.ts'
import { PieceHashes } from '../../../src/metainfo/piece-hashes.ts'
import { MemoryDisk, MemoryStorage } from '../../../src/storage/memory-storage.ts'
import { storedTorrent } from '../../../src/storage/stored-torrent.ts'
import type { HashRequest } from '../../../src/wire/hash-request.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { manualTurns, Owner, settled } from '../../support/manual-turns.ts'
import { makeTorrent } from '../../support/torrents.ts'

const PIECE = 65_536

class Asker extends Owner implements HashAsker {
  readonly answers: { request: HashRequest; hashes: Uint8Array }[] = []
  readonly rejections: HashRequest[] = []

  answerHashes(request: HashRequest, hashes: Uint8Array): void {
    this.answers.push({ request, hashes })
  }

  rejectHashes(request: HashRequest): void {
    this.rejections.push(request)
  }
}

/** A seed of one file of five pieces, without the last one. */
function seed() {
  const { info, torrent, contentOf } = makeTorrent(
    { file: 5 * PIECE - 20_000 },
    { format: 'v2', pieceLength: PIECE, isSingleFile: true, name: 'file' },
  )
  const hashes = new PieceHashes(info, torrent.layers, testDigest)
  const disk = new MemoryDisk()
  disk.write('file', 0, contentOf('file'))
  const have = Bitfield.full(5)
  have.clear(4)
  const answers = new HashAnswers({
    info,
    hashes,
    have,
    storage: new MemoryStorage({ torrent: storedTorrent(info), disk }),
    digest: testDigest,
    turns: manualTurns().turns,
  })
  const tree = hashes.tree(0)!
  const ask = (asker: Asker, range: HashRange): HashRequest => {
    const request = { piecesRoot: tree.root, ...range }
    answers.asked(asker, request)
    return request
  }
  return { disk, tree, answers, ask }
}

describe('hash requests', () => {
  it('for pieces are answered at once', () => {
    const { tree, ask } = seed()
    const asker = new Asker()
    const [range] = pieceLayerRanges(tree) as [HashRange]
    ask(asker, range)
    assert.equal(asker.answers.length, 1)
    assert.equal(tree.isProven(range, asker.answers[0]!.hashes), true)
  })

  it('for leaves are answered from the piece on disk', async () => {
    const { tree, ask } = seed()
    const asker = new Asker()
    const range = leafRange(tree, 1)!
    ask(asker, range)
    assert.equal(asker.answers.length, 0)
    await settled()
    assert.equal(tree.isProven(range, asker.answers[0]!.hashes), true)
  })

  it('for what we do not have, and for what does not exist, are rejected', async () => {
    const { tree, answers, ask } = seed()
    const asker = new Asker()
    const first = leafRange(tree, 0)!
    ask(asker, leafRange(tree, 4)!)
    ask(asker, { ...first, index: 2 ** 20 })
    ask(asker, { ...first, baseLayer: 40 })
    ask(asker, { ...first, length: 3 })
    ask(asker, { ...first, length: 2 * METAINFO_LIMITS.hashesPerRequest })
    ask(asker, { ...first, length: 8 })
    answers.asked(asker, { ...first, piecesRoot: new Uint8Array(32) })
    await settled()
    assert.equal(asker.rejections.length, 7)
    assert.deepEqual(asker.answers, [])
  })

  it('wait for the disk a few at a time; those beyond are rejected', async () => {
    const { tree, ask } = seed()
    const [greedy, modest] = [new Asker(), new Asker()]
    for (let i = 0; i < CLIENT_LIMITS.hashRequests + 2; i++) ask(greedy, leafRange(tree, i % 4)!)
    ask(modest, leafRange(tree, 0)!)
    assert.deepEqual([greedy.rejections.length, modest.rejections.length], [2, 0])
    await settled()
    assert.equal(greedy.answers.length, CLIENT_LIMITS.hashRequests)
    ask(greedy, leafRange(tree, 0)!)
    assert.equal(greedy.rejections.length, 2, 'there is room again')
  })

  it('are rejected where the piece cannot be read, and free their place', async () => {
    const { disk, tree, ask } = seed()
    const asker = new Asker()
    disk.fault = new StorageError('disk-failed', 'the disk fails')
    for (let i = 0; i < 2 * CLIENT_LIMITS.hashRequests; i++) {
      ask(asker, leafRange(tree, 0)!)
      await settled()
    }
    assert.equal(asker.rejections.length, 2 * CLIENT_LIMITS.hashRequests)
    disk.fault = null
    ask(asker, leafRange(tree, 0)!)
    await settled()
    assert.equal(asker.answers.length, 1)
    assert.deepEqual(asker.errors, [])
  })
})
