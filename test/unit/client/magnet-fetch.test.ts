import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CLIENT_LIMITS } from '../../../src/client/limits.ts'
import { MagnetFetch, type MetadataSource } from '../../../src/client/magnet-fetch.ts'
import { formatHex } from '../../../src/core/bytes.ts'
import type { ProtocolError } from '../../../src/core/errors.ts'
import type { InfoHashes } from '../../../src/core/ids.ts'
import { METADATA_PIECE_LENGTH } from '../../../src/wire/ut-metadata.ts'
import { testDigest } from '../../support/hash-plan.ts'

/** Seven pieces, the last one short. */
const INFO = Uint8Array.from({ length: 6 * METADATA_PIECE_LENGTH + 100 }, (_, i) => i % 251)
const HASHES = { v1: testDigest.sha1(INFO), v2: testDigest.sha256(INFO) }

class Bench {
  now = 0
  readonly results: string[] = []
  readonly fetch: MagnetFetch

  constructor(hashes: InfoHashes = HASHES) {
    this.fetch = new MagnetFetch({
      hashes,
      digest: testDigest,
      done: info => this.results.push(formatHex(testDigest.sha1(info))),
    })
  }

  source(length: number | null = INFO.length): Source {
    const source = new Source(this)
    this.fetch.offered(source, length, this.now)
    return source
  }

  get isDone(): boolean {
    assert.ok(this.results.length <= 1)
    return this.results[0] === formatHex(HASHES.v1)
  }

  wait(time: number): void {
    this.now += time
    this.fetch.tick(this.now)
  }
}

/** A connection that has metadata. */
class Source implements MetadataSource {
  closedFor: string | null = null
  readonly #bench: Bench
  #asked: number[] = []

  constructor(bench: Bench) {
    this.#bench = bench
  }

  requestMetadata(piece: number): void {
    this.#asked.push(piece)
  }

  close(reason: ProtocolError): void {
    this.closedFor = `${reason.code}, ${reason.severity}`
    this.#bench.fetch.left(this, this.#bench.now)
  }

  /** What it was asked for since the last call. */
  asked(): number[] {
    const asked = this.#asked
    this.#asked = []
    return asked
  }

  sends(piece: number, bytes?: Uint8Array): void {
    const from = piece * METADATA_PIECE_LENGTH
    const right = INFO.subarray(from, from + METADATA_PIECE_LENGTH)
    this.#bench.fetch.received(this, piece, bytes ?? right, this.#bench.now)
  }

  sendsAll(): void {
    for (let asked = this.asked(); asked.length > 0; asked = this.asked())
      asked.forEach(piece => this.sends(piece))
  }
}

describe('metadata of a magnet', () => {
  it('is asked for piece by piece, a few at a time, and taken when its hashes are right', () => {
    const bench = new Bench()
    const ann = bench.source()
    assert.deepEqual(ann.asked(), [0, 1, 2, 3])
    ann.sends(2)
    assert.deepEqual(ann.asked(), [4])
    for (const piece of [0, 1, 3, 4, 5]) ann.sends(piece)
    assert.equal(bench.isDone, false)
    ann.sends(6)
    assert.equal(bench.isDone, true)
    assert.deepEqual(ann.asked(), [5, 6])
  })

  it('is taken where the only hash that the magnet names is right', () => {
    for (const hashes of [{ v1: HASHES.v1 }, { v2: HASHES.v2 }]) {
      const bench = new Bench(hashes)
      bench.source().sendsAll()
      assert.equal(bench.isDone, true)
    }
  })

  it('is refused, and its sender shut out, where one of its hashes is wrong', () => {
    for (const hashes of [
      { v1: HASHES.v1, v2: new Uint8Array(32) },
      { v1: new Uint8Array(20), v2: HASHES.v2 },
    ]) {
      const bench = new Bench(hashes)
      const ann = bench.source()
      ann.sendsAll()
      assert.equal(ann.closedFor, 'metadata-corrupt, ban')
      assert.deepEqual(bench.results, [])
    }
  })

  it('comes in whole copies from three peers at most, so that a wrong one has one sender', () => {
    const bench = new Bench()
    const [liar, bob, cat, dan] = Array.from({ length: 4 }, () => bench.source())
    assert.deepEqual([bob!.asked().length, cat!.asked().length, dan!.asked().length], [4, 4, 0])
    liar!.sends(0, new Uint8Array(METADATA_PIECE_LENGTH))
    liar!.sendsAll()
    assert.equal(liar!.closedFor, 'metadata-corrupt, ban')
    assert.equal(dan!.asked().length, 4, 'its place is free for the next one')
    for (const piece of [0, 1, 2, 3]) bob!.sends(piece)
    bob!.sendsAll()
    assert.equal(bench.isDone, true)
    assert.deepEqual([bob!.closedFor, cat!.closedFor], [null, null])
  })

  it('is taken once, whoever else is sending', () => {
    const bench = new Bench()
    const [ann, bob] = [bench.source(), bench.source()]
    ann.sendsAll()
    bob.sendsAll()
    assert.equal(bench.isDone, true)
    assert.equal(bench.fetch.deadline(), Number.POSITIVE_INFINITY)
    assert.deepEqual(bench.source().asked(), [])
  })

  it('is not asked of who has none', () => {
    const bench = new Bench()
    assert.deepEqual(bench.source(null).asked(), [])
    assert.equal(bench.fetch.deadline(), Number.POSITIVE_INFINITY)
  })

  it('of an absurd length costs the peer its connection, and us nothing', () => {
    const bench = new Bench()
    for (const length of [0, -1, CLIENT_LIMITS.metadataLength + 1]) {
      const source = bench.source(length)
      assert.equal(source.closedFor, 'metadata-size, disconnect')
      assert.deepEqual(source.asked(), [])
    }
  })

  it('in a piece of a wrong length costs the peer its connection', () => {
    for (const [piece, length] of [
      [0, 100],
      [6, METADATA_PIECE_LENGTH],
    ] as const) {
      const bench = new Bench()
      const ann = bench.source()
      for (const first of [1, 2, 3, 4]) ann.sends(first)
      ann.sends(piece, new Uint8Array(length))
      assert.equal(ann.closedFor, 'metadata-piece-length, disconnect')
    }
  })

  it('that was not asked for, or comes twice, is passed over', () => {
    const bench = new Bench()
    const ann = bench.source()
    ann.asked()
    for (const piece of [4, 6, 7, 99]) ann.sends(piece)
    ann.sends(0)
    ann.sends(0)
    assert.deepEqual(ann.asked(), [4], 'four are under way as before')
    new Source(bench).sends(1)
    assert.equal(ann.closedFor, null)
  })

  it('is asked of the next one where a peer rejects or leaves', () => {
    const bench = new Bench()
    const [ann, bob, , dan, eve] = Array.from({ length: 5 }, () => bench.source())
    bench.fetch.rejected(ann!, bench.now)
    assert.equal(dan!.asked().length, 4)
    bench.fetch.left(bob!, bench.now)
    assert.equal(eve!.asked().length, 4)
  })

  it('is asked of others where a peer keeps us waiting, and of the same where there is no other', () => {
    const bench = new Bench()
    const [ann] = Array.from({ length: 3 }, () => bench.source())
    assert.equal(bench.fetch.deadline(), 15_000)
    bench.wait(10_000)
    const dan = bench.source()
    ann!.asked()
    ann!.sends(0)
    bench.wait(5_000)
    assert.deepEqual(dan.asked(), [0, 1, 2, 3], 'it has the place of one who was silent')
    assert.equal(bench.fetch.deadline(), 25_000, 'ann is given time again with every piece')
    const lonely = new Bench()
    const only = lonely.source()
    only.asked()
    lonely.wait(15_000)
    assert.deepEqual(only.asked(), [0, 1, 2, 3])
    only.sends(0)
    assert.deepEqual(only.asked(), [4], 'what comes late counts')
  })

  it('is asked of others after a turn where peers only drip, and the one that came furthest goes on', () => {
    const bench = new Bench()
    const drippers = Array.from({ length: 3 }, () => bench.source())
    const [furthest] = drippers
    drippers.forEach(source => source.asked())
    bench.wait(14_000)
    drippers.forEach(source => source.sends(0))
    furthest!.sends(1)
    const good = bench.source()
    bench.wait(14_000)
    drippers.forEach(source => source.sends(2))
    assert.equal(bench.fetch.deadline(), 30_000)
    drippers.forEach(source => source.asked())
    bench.wait(2_000)
    assert.deepEqual(good.asked(), [0, 1, 2, 3])
    assert.ok(bench.fetch.deadline() > bench.now)
    for (const piece of [3, 4, 5, 6]) furthest!.sends(piece)
    assert.equal(bench.isDone, true)
  })

  it('may drip where nobody else waits', () => {
    const bench = new Bench()
    const ann = bench.source()
    for (let piece = 0; piece < 7; piece++) {
      bench.wait(14_000)
      ann.sends(piece)
    }
    assert.equal(bench.isDone, true)
  })
})
