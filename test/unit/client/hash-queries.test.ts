import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HashQueries, type HashSource } from '../../../src/client/hash-queries.ts'
import { concatBytes } from '../../../src/core/bytes.ts'
import type { ProtocolError } from '../../../src/core/errors.ts'
import { answerFromLeaves, answerFromTree, pieceOfRange } from '../../../src/metainfo/hash-exchange.ts'
import { PieceHashes } from '../../../src/metainfo/piece-hashes.ts'
import { SWARM_LIMITS } from '../../../src/swarm/limits.ts'
import type { HashRequest } from '../../../src/wire/hash-request.ts'
import { testDigest } from '../../support/hash-plan.ts'
import { type MadeTorrent, makeTorrent } from '../../support/torrents.ts'

const LEAF = 16_384
const PIECE = 2 * LEAF

/** A torrent whose piece layers we do not know, and peers that do. */
class Bench {
  now = 0
  cameLayers = 0
  readonly made: MadeTorrent
  readonly queries: HashQueries
  readonly hashes: PieceHashes
  readonly known: PieceHashes

  constructor(lengths: Record<string, number> = { file: 5 * PIECE }, made?: MadeTorrent) {
    this.made = made ?? makeTorrent(lengths, { format: 'v2', pieceLength: PIECE })
    const { info, layers } = this.made.torrent
    this.known = new PieceHashes(info, layers, testDigest)
    this.hashes = new PieceHashes(info, new Map(), testDigest)
    this.queries = new HashQueries({
      info,
      hashes: this.hashes,
      layersCame: () => {
        this.cameLayers++
      },
    })
  }

  source(how: { isV2?: boolean } = {}): Source {
    const source = new Source(this, how.isV2 ?? true)
    this.queries.offered(source, this.now)
    return source
  }

  wantLayers(): void {
    this.queries.wantLayers(this.now)
  }

  wait(time: number): void {
    this.now += time
    this.queries.tick(this.now)
  }
}

class Source implements HashSource {
  closedFor: string | null = null
  readonly #bench: Bench
  readonly #isV2: boolean
  #asked: HashRequest[] = []

  constructor(bench: Bench, isV2: boolean) {
    this.#bench = bench
    this.#isV2 = isV2
  }

  requestHashes(request: HashRequest): boolean {
    if (this.#isV2) this.#asked.push(request)
    return this.#isV2
  }

  close(reason: ProtocolError): void {
    this.closedFor = `${reason.code}, ${reason.severity}`
    this.leaves()
  }

  /** What it was asked for since the last call. */
  asked(): HashRequest[] {
    const asked = this.#asked
    this.#asked = []
    return asked
  }

  answers(request: HashRequest, hashes = this.#rightAnswer(request)): void {
    this.#bench.queries.received(this, request, hashes, this.#bench.now)
  }

  rejects(request: HashRequest): void {
    this.#bench.queries.rejected(this, request, this.#bench.now)
  }

  leaves(): void {
    this.#bench.queries.left(this, this.#bench.now)
  }

  #rightAnswer(request: HashRequest): Uint8Array {
    const { known, made } = this.#bench
    const [file] = known.filesOf(request.piecesRoot) as [number]
    const tree = known.tree(file)!
    if (request.baseLayer >= tree.pieceLayer) return answerFromTree(tree, request)!
    const content = made.contentOf(made.info.files[file]!.path.join('/'))
    return answerFromLeaves(tree, request, leavesOf(content, pieceOfRange(tree, request)!), testDigest)!
  }
}

function leavesOf(content: Uint8Array, piece: number): Uint8Array {
  const bytes = content.subarray(piece * PIECE, (piece + 1) * PIECE)
  const leaves: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += LEAF)
    leaves.push(testDigest.sha256(bytes.subarray(at, at + LEAF)))
  return concatBytes(leaves)
}

describe('the piece layers of a magnet', () => {
  it('are asked for file by file, and told when all are there', () => {
    const bench = new Bench({ a: 5 * PIECE, b: 3 * PIECE, small: 100 })
    bench.wantLayers()
    const ann = bench.source()
    const asked = ann.asked()
    assert.deepEqual(
      asked.map(({ baseLayer, index, length }) => [baseLayer, index, length]),
      [
        [1, 0, 8],
        [1, 0, 4],
      ],
    )
    ann.answers(asked[0]!)
    assert.equal(bench.cameLayers, 0)
    ann.answers(asked[1]!)
    assert.equal(bench.cameLayers, 1)
    for (let piece = 0; piece < bench.made.info.geometry.pieceCount; piece++) {
      assert.deepEqual(bench.hashes.v2(piece), bench.known.v2(piece))
    }
    assert.equal(bench.queries.deadline(), Number.POSITIVE_INFINITY)
  })

  it('are asked for once where files are identical', () => {
    const made = makeTorrent({ a: 5 * PIECE, b: 5 * PIECE }, { format: 'v2', pieceLength: PIECE })
    // The same bytes twice: the second file has the first one's root.
    const files = made.info.files.map(file => ({ ...file, piecesRoot: made.info.files[0]!.piecesRoot }))
    const twins = { ...made, torrent: { ...made.torrent, info: { ...made.info, files } } }
    const bench = new Bench({}, twins)
    bench.wantLayers()
    const ann = bench.source()
    const asked = ann.asked()
    assert.equal(asked.length, 1)
    ann.answers(asked[0]!)
    assert.equal(bench.hashes.isComplete, true)
    assert.equal(bench.cameLayers, 1)
  })

  it('are asked of each peer a few at a time, and of all together', () => {
    const lengths = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`file${i}`, (i + 2) * PIECE]))
    const bench = new Bench(lengths)
    bench.wantLayers()
    const [ann, bob] = [bench.source(), bench.source()]
    const first = ann.asked()
    assert.deepEqual([first.length, bob.asked().length], [4, 2])
    ann.answers(first[0]!)
    assert.equal(ann.asked().length, 0, 'nothing is left to ask')
  })

  it('are not asked over a connection that is not v2', () => {
    const bench = new Bench()
    bench.wantLayers()
    bench.source({ isV2: false })
    assert.equal(bench.queries.deadline(), Number.POSITIVE_INFINITY)
    assert.equal(bench.source().asked().length, 1)
  })

  it('are asked of the same peer again a minute after it refused: it may have them by then', () => {
    const bench = new Bench()
    bench.wantLayers()
    const ann = bench.source()
    const [request] = ann.asked() as [HashRequest]
    ann.rejects(request)
    assert.equal(bench.queries.deadline(), 60_000)
    bench.wait(59_999)
    assert.equal(ann.asked().length, 0)
    bench.wait(1)
    assert.equal(ann.asked().length, 1)
  })

  it('are asked of another where one rejects, leaves or keeps us waiting', () => {
    const bench = new Bench()
    bench.wantLayers()
    const [ann, bob, cat, dan] = Array.from({ length: 4 }, () => bench.source()) as [
      Source,
      Source,
      Source,
      Source,
    ]
    const [request] = ann.asked() as [HashRequest]
    ann.rejects(request)
    assert.equal(bob.asked().length, 1)
    bob.leaves()
    assert.deepEqual([ann.asked().length, cat.asked().length], [0, 1], 'who rejected is not asked again')
    assert.equal(bench.queries.deadline(), 15_000)
    bench.wait(14_999)
    assert.equal(dan.asked().length, 0)
    bench.wait(1)
    assert.equal(dan.asked().length, 1)
    cat.answers(request)
    assert.equal(bench.cameLayers, 1, 'a late answer is as good')
    dan.answers(request)
    dan.rejects(request)
    assert.equal(bench.cameLayers, 1)
  })

  it('that lead to another root cost the liar its connection, and are asked for again', () => {
    const bench = new Bench()
    bench.wantLayers()
    const [liar, bob] = [bench.source(), bench.source()]
    const [request] = liar.asked() as [HashRequest]
    liar.answers(request, new Uint8Array(32 * 8).fill(1))
    assert.equal(liar.closedFor, 'hashes-unproven, ban')
    assert.equal(bench.cameLayers, 0)
    assert.equal(bob.asked().length, 1)
  })
})

describe('the leaves of a piece that failed', () => {
  it('are asked for with their proof, and handed on without it', () => {
    const bench = new Bench()
    const ann = bench.source()
    const came: Uint8Array[] = []
    bench.queries.wantLeaves(2, leaves => came.push(leaves), bench.now)
    const [request] = ann.asked() as [HashRequest]
    assert.deepEqual([request.baseLayer, request.index, request.length], [0, 4, 2])
    ann.answers(request)
    assert.deepEqual(came, [leavesOf(bench.made.contentOf('file'), 2)])
  })

  it('are asked for once at a time', () => {
    const bench = new Bench()
    const ann = bench.source()
    let told = 0
    for (let i = 0; i < 9; i++) bench.queries.wantLeaves(2, () => told++, bench.now)
    const asked = ann.asked()
    assert.equal(asked.length, 1)
    ann.answers(asked[0]!)
    assert.equal(told, SWARM_LIMITS.suspectAttempts, 'each attempt is judged by them, within a bound')
  })

  it('are not waited for once the piece is good', () => {
    const bench = new Bench()
    const ann = bench.source({ isV2: false })
    bench.queries.wantLeaves(2, () => assert.fail('nobody wants them'), bench.now)
    bench.queries.needNoLeaves(1)
    bench.queries.needNoLeaves(2)
    bench.queries.needNoLeaves(2)
    assert.deepEqual(ann.asked(), [])
    assert.deepEqual(bench.source().asked(), [])
  })

  it('are not asked for where a piece is one leaf, or the torrent is v1', () => {
    for (const bench of [
      new Bench({ file: 100 }),
      new Bench({}, makeTorrent({ file: 5 * PIECE }, { format: 'v1', pieceLength: PIECE })),
    ]) {
      const ann = bench.source()
      bench.queries.wantLeaves(0, () => undefined, bench.now)
      assert.deepEqual(ann.asked(), [])
    }
  })
})
