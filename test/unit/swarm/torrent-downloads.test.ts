import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '../../../src/core/bitfield.ts'
import { Rate } from '../../../src/core/rate.ts'
import { BLOCK_LENGTH } from '../../../src/metainfo/geometry.ts'
import type { Account } from '../../../src/swarm/bandwidth.ts'
import type { BlockSource } from '../../../src/swarm/block-source.ts'
import { SWARM_OPTIONS } from '../../../src/swarm/options.ts'
import { RequestQueue } from '../../../src/swarm/request-queue.ts'
import { blockBytes } from '../../support/gathering.ts'
import { type BenchPeer, TorrentBench } from '../../support/torrent-bench.ts'

/** A peer that only has: nothing is asked of it. */
function holder(bench: TorrentBench, pieces: string, name = 'ann'): BenchPeer {
  return bench.peer(name, pieces, { isChoking: true })
}

/** A server that has everything and knows no chokes, no interest and no HAVEs. */
class Server implements BlockSource {
  readonly has: Bitfield
  readonly requests: RequestQueue
  readonly download: Account
  readonly downloadRate = new Rate()
  isSlow = false
  isPaused = false
  readonly mayBeAsked = true
  /** What it was told, in words. */
  said: string[] = []
  readonly #bench: TorrentBench

  constructor(bench: TorrentBench, download: Account) {
    const { pieceCount } = bench.torrent.geometry
    this.#bench = bench
    this.has = Bitfield.full(pieceCount)
    this.requests = new RequestQueue({ now: bench.now, limit: 100 })
    this.download = download
  }

  gives(): boolean {
    return true
  }

  request(piece: number, begin: number): void {
    this.said.push(`${piece}.${begin / BLOCK_LENGTH}`)
  }

  cancel(piece: number, begin: number): void {
    this.said.push(`cancel ${piece}.${begin / BLOCK_LENGTH}`)
  }

  close(): void {
    this.said.push('close')
    this.#bench.torrent.sourceLeft(this)
  }

  take(): string[] {
    const { said } = this
    this.said = []
    return said
  }

  sends(name: string, bytes?: Uint8Array): void {
    const { downloads } = this.#bench.torrent
    const [piece, block] = name.split('.').map(Number) as [number, number]
    const ref = { piece, begin: block * BLOCK_LENGTH, length: BLOCK_LENGTH }
    downloads.place(this, ref)?.write(bytes ?? blockBytes(piece, block))
    downloads.arrived(this, ref, this.#bench.now)
  }
}

function served(options: ConstructorParameters<typeof TorrentBench>[0]): {
  bench: TorrentBench
  server: Server
} {
  const bench = new TorrentBench(options)
  let server!: Server
  bench.source('server', download => (server = new Server(bench, download)))
  return { bench, server }
}

describe('a source that is no peer on the wire', () => {
  it('is asked, and its pieces are verified, written and told to peers', () => {
    const { bench, server } = served({ pieces: 1, blocks: 2 })
    const ann = holder(bench, '.')
    assert.deepEqual(server.take(), ['0.0', '0.1'])
    for (const block of ['0.0', '0.1']) server.sends(block)
    bench.verify(0)
    assert.deepEqual(bench.takeEvents(), ['verified 0', 'completed'])
    assert.deepEqual(ann.heard(), ['have 0', 'upload-only'])
    assert.equal(bench.torrent.tally.downloaded, 2 * BLOCK_LENGTH)
    assert.equal(bench.torrent.tally.wasted, 0)
  })

  it('counts among those who have each piece, while it is there', () => {
    const { bench, server } = served({ pieces: 2 })
    assert.equal(bench.picker.availability(1), 1)
    bench.torrent.sourceLeft(server)
    assert.equal(bench.picker.availability(1), 0)
  })

  it('leaves to others what it was asked for when it goes, and no memory is kept for it', () => {
    const { bench, server } = served({ pieces: 1, blocks: 2 })
    assert.ok(bench.pool.lent > 0)
    bench.torrent.sourceLeft(server)
    assert.equal(bench.pool.lent, 0)
    assert.equal(bench.torrent.deadline(), Number.POSITIVE_INFINITY)
    const ann = bench.peer('ann', '#')
    assert.deepEqual(ann.heard(), ['interested', 'request 0.0', 'request 0.1'])
  })

  it('is told that a block is not needed any more when a peer was first', () => {
    const { server, bench } = served({ pieces: 1, blocks: 1 })
    const ann = bench.peer('ann', '#')
    assert.deepEqual(server.take(), ['0.0'])
    ann.sends('0.0')
    assert.deepEqual(server.take(), ['cancel 0.0'])
  })

  it('is asked again after a tick where it would not give something', () => {
    const { server, bench } = served({ pieces: 1, blocks: 1 })
    server.take()
    const block = { piece: 0, begin: 0, length: BLOCK_LENGTH }
    assert.equal(bench.torrent.downloads.dropped(server, block), true)
    assert.equal(bench.torrent.downloads.dropped(server, block), false)
    server.isPaused = true
    bench.torrent.downloads.refill(server, bench.now)
    assert.deepEqual(server.take(), [])
    bench.wait(SWARM_OPTIONS.tickInterval)
    assert.deepEqual(server.take(), ['0.0'])
  })

  it('pays once for a block that it is late with', () => {
    let paid = 0
    const { server, bench } = served({ pieces: 1, blocks: 4 })
    const { download } = server
    const [take, giveBack] = [download.take.bind(download), download.giveBack.bind(download)]
    download.take = (wanted, now) => {
      const granted = take(wanted, now)
      paid += granted
      return granted
    }
    download.giveBack = bytes => {
      paid -= bytes
      giveBack(bytes)
    }
    bench.wait(21_000)
    assert.equal(server.requests.outstanding, 1, 'it is waited for again')
    assert.equal(paid, 0)
  })

  it('is done with when it lied', () => {
    const { server, bench } = served({ pieces: 1, blocks: 2 })
    server.take()
    for (const block of ['0.0', '0.1']) server.sends(block, new Uint8Array(BLOCK_LENGTH).fill(0xee))
    bench.hashed(0, 'bad')
    assert.deepEqual(bench.takeEvents(), ['caught server', 'failed 0'])
    assert.deepEqual(server.take(), ['close'])
  })
})

describe('a slow source', () => {
  it('sends less than a quarter of what the fastest does; who has sent nothing yet is none', () => {
    const bench = new TorrentBench()
    const [fast, fair, slow, fresh] = ['fast', 'fair', 'slow', 'fresh'].map(name =>
      holder(bench, '####', name),
    )
    fast!.facts.downloadRate.add(400_000, bench.now)
    fair!.facts.downloadRate.add(100_000, bench.now)
    slow!.facts.downloadRate.add(99_000, bench.now)
    for (const { facts } of [fast!, fair!, slow!, fresh!])
      facts.requests.requested({ piece: 3, begin: 0, length: BLOCK_LENGTH }, bench.now)
    bench.torrent.downloads.tick(bench.now)
    assert.deepEqual(
      [fast, fair, slow, fresh].map(peer => peer!.facts.isSlow),
      [false, false, true, false],
    )
    fast!.leaves()
    bench.torrent.downloads.tick(bench.now)
    assert.equal(slow!.facts.isSlow, false)
  })

  it('is not who is asked for nothing, however much others send', () => {
    const bench = new TorrentBench()
    const [busy, idle] = [holder(bench, '####', 'busy'), holder(bench, '####', 'idle')]
    idle.facts.downloadRate.add(4_000_000, bench.now)
    bench.now += 60_000
    busy.facts.requests.requested({ piece: 3, begin: 0, length: BLOCK_LENGTH }, bench.now)
    busy.facts.downloadRate.add(100_000, bench.now)
    bench.torrent.downloads.tick(bench.now)
    assert.equal(idle.facts.isSlow, false)
  })

  it('is not asked for blocks of a piece that a fast one is at', () => {
    const bench = new TorrentBench({ pieces: 20, blocks: 20 })
    const fast = bench.peer('fast', '#'.repeat(20))
    const slow = bench.peer('slow', '#'.repeat(20), { isChoking: true })
    fast.facts.downloadRate.add(4_000_000, bench.now)
    slow.facts.downloadRate.add(16_384, bench.now)
    slow.facts.isSlow = true
    bench.wait(SWARM_OPTIONS.tickInterval)
    const piecesOf = (peer: BenchPeer): string[] =>
      peer.heard().flatMap(said => /^request (\d+)\./.exec(said)?.[1] ?? [])
    const fasts = new Set(piecesOf(fast))
    bench.torrent.unchoked(slow.facts, bench.now)
    const slows = piecesOf(slow)
    assert.ok(slows.length > 0)
    assert.deepEqual(
      slows.filter(piece => fasts.has(piece)),
      [],
    )
  })
})

describe('in the endgame', () => {
  it('a peer whose place another takes is told that the block is not wanted any more', () => {
    const bench = new TorrentBench({ pieces: 2 })
    const [ann, bob] = [bench.peer('ann', '##'), bench.peer('bob', '##')]
    bob.refill()
    assert.ok(ann.heard().includes('request 1.0'))
    assert.ok(bob.heard().includes('request 1.0'), 'both were asked, and neither has sent anything')
    const cem = bench.peer('cem', '.#', { isChoking: true })
    cem.facts.downloadRate.add(1_000_000, bench.now)
    bench.torrent.unchoked(cem.facts, bench.now)
    assert.ok(cem.heard().includes('request 1.0'))
    assert.deepEqual(ann.heard(), [])
    assert.ok(bob.heard().includes('cancel 1.0'))
    assert.equal(bob.facts.requests.isOutstanding({ piece: 1, begin: 0, length: BLOCK_LENGTH }), false)
    cem.sends('1.0')
    assert.ok(ann.heard().includes('cancel 1.0'))
    assert.ok(!bob.heard().includes('cancel 1.0'), 'it is told once')
  })
})
