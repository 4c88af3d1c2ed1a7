import { ProtocolError } from '../core/errors.ts'
import type { Info } from '../metainfo/info.ts'
import { leafRange, pieceLayerRanges } from '../metainfo/hash-exchange.ts'
import type { HashRange, HashTree } from '../metainfo/hash-tree.ts'
import { HASH_LENGTH } from '../metainfo/merkle.ts'
import type { PieceHashes } from '../metainfo/piece-hashes.ts'
import { type HashRequest, isSameHashRequest } from '../wire/hash-request.ts'
import { SWARM_LIMITS } from '../swarm/limits.ts'
import { CLIENT_LIMITS } from './limits.ts'

/** A connection over which we can ask for hashes. */
export interface HashSource {
  /** False where it cannot be asked: no v2 connection, or the same is asked already. */
  requestHashes(request: HashRequest): boolean
  close(reason: ProtocolError): void
}

interface Query {
  readonly tree: HashTree
  readonly request: HashRequest
  /** The hashes came and are proven: those who wait for them. Bounded by `suspectAttempts`. */
  readonly done: ((hashes: Uint8Array) => void)[]
  refusedBy: WeakSet<HashSource>
  asked: HashSource | null
  lateAt: number
  /** When those who refused are asked again; Infinity while it is asked, or nobody has refused. */
  againAt: number
}

/** How long a peer may take for an answer before another is asked as well. */
const PATIENCE = 15_000
/** How long after a refusal the same peers are asked again: they may have got meanwhile what they had not. */
const AGAIN_AFTER = 60_000
const AT_A_TIME_EACH = 4

/**
 * Asks peers for v2 hashes (BEP 52): the piece layers that a magnet does not bring, and the leaves of a piece that
 * failed, which name the one who lied. What comes is taken only with its proof.
 */
export class HashQueries {
  readonly #info: Info
  readonly #hashes: PieceHashes
  readonly #layersCame: () => void
  /** In the order they came up. Bounded by the pieces of the torrent. */
  readonly #queries: Query[] = []
  /** Bounded by the connections of the torrent. */
  readonly #sources = new Set<HashSource>()

  constructor(options: { info: Info; hashes: PieceHashes; layersCame: () => void }) {
    this.#info = options.info
    this.#hashes = options.hashes
    this.#layersCame = options.layersCame
  }

  /** Asks for every piece layer that is missing; `layersCame` is called when there is none any more. */
  wantLayers(now: number): void {
    for (const file of this.#info.files.keys()) {
      const tree = this.#hashes.tree(file)
      if (!tree || tree.isComplete) continue
      for (const range of pieceLayerRanges(tree)) {
        this.#want(tree, range, hashes => {
          // Identical files share a root, and are asked for once.
          for (const twin of this.#hashes.filesOf(tree.root)) this.#hashes.tree(twin)?.addRange(range, hashes)
          if (this.#hashes.isComplete) this.#layersCame()
        })
      }
    }
    this.#ask(now)
  }

  /** Asks for the leaf hashes of a piece, 32 bytes each, those of pads included. */
  wantLeaves(piece: number, done: (leaves: Uint8Array) => void, now: number): void {
    const place = this.#hashes.place(piece)
    if (!place || this.#queries.length >= CLIENT_LIMITS.hashQueries) return
    const { tree, index } = place
    const range = leafRange(tree, index)
    if (range === null) return
    const tell = (hashes: Uint8Array): void => done(hashes.slice(0, range.length * HASH_LENGTH))
    const query = this.#queryOf(tree, range)
    if (!query) this.#want(tree, range, tell)
    else if (query.done.length < SWARM_LIMITS.suspectAttempts) query.done.push(tell)
    this.#ask(now)
  }

  /** The piece is good by now, and who lied is known. */
  needNoLeaves(piece: number): void {
    if (this.#queries.length === 0) return
    const place = this.#hashes.place(piece)
    const range = place && leafRange(place.tree, place.index)
    const query = range && this.#queryOf(place.tree, range)
    if (query) this.#queries.splice(this.#queries.indexOf(query), 1)
  }

  offered(source: HashSource, now: number): void {
    this.#sources.add(source)
    this.#ask(now)
  }

  left(source: HashSource, now: number): void {
    if (!this.#sources.delete(source)) return
    for (const query of this.#queries) if (query.asked === source) query.asked = null
    this.#ask(now)
  }

  received(source: HashSource, request: HashRequest, hashes: Uint8Array, now: number): void {
    const at = this.#queries.findIndex(query => isSameHashRequest(query.request, request))
    const query = this.#queries[at]
    if (!query) return
    if (!query.tree.isProven(request, hashes)) {
      source.close(
        new ProtocolError('hashes-unproven', 'it sent hashes that do not lead to the root', {
          severity: 'ban',
        }),
      )
      return
    }
    this.#queries.splice(at, 1)
    for (const done of query.done) done(hashes)
    this.#ask(now)
  }

  rejected(source: HashSource, request: HashRequest, now: number): void {
    const query = this.#queries.find(each => isSameHashRequest(each.request, request))
    if (!query) return
    refused(query, source, now)
    this.#ask(now)
  }

  tick(now: number): void {
    for (const query of this.#queries) {
      if (query.asked !== null && now >= query.lateAt) refused(query, query.asked, now)
      if (query.asked !== null || now < query.againAt) continue
      query.refusedBy = new WeakSet()
      query.againAt = Number.POSITIVE_INFINITY
    }
    this.#ask(now)
  }

  deadline(): number {
    let earliest = Number.POSITIVE_INFINITY
    for (const query of this.#queries)
      earliest = Math.min(earliest, query.asked ? query.lateAt : query.againAt)
    return earliest
  }

  #want(tree: HashTree, range: HashRange, done: (hashes: Uint8Array) => void): void {
    if (this.#queryOf(tree, range)) return
    this.#queries.push({
      tree,
      request: { piecesRoot: tree.root, ...range },
      done: [done],
      refusedBy: new WeakSet(),
      asked: null,
      lateAt: 0,
      againAt: Number.POSITIVE_INFINITY,
    })
  }

  #queryOf(tree: HashTree, range: HashRange): Query | undefined {
    const request: HashRequest = { piecesRoot: tree.root, ...range }
    return this.#queries.find(query => isSameHashRequest(query.request, request))
  }

  #ask(now: number): void {
    if (this.#queries.length === 0) return
    const free = this.#freeSources()
    for (const query of this.#queries) {
      if (free.size === 0) return
      if (query.asked !== null) continue
      for (const [source, places] of free) {
        if (query.refusedBy.has(source) || !source.requestHashes(query.request)) continue
        query.asked = source
        query.lateAt = now + PATIENCE
        if (places > 1) free.set(source, places - 1)
        else free.delete(source)
        break
      }
    }
  }

  /** Who can be asked for more, and for how many ranges. */
  #freeSources(): Map<HashSource, number> {
    const free = new Map<HashSource, number>()
    for (const source of this.#sources) free.set(source, AT_A_TIME_EACH)
    for (const { asked } of this.#queries) {
      const places = asked && free.get(asked)
      if (!asked || !places) continue
      if (places > 1) free.set(asked, places - 1)
      else free.delete(asked)
    }
    return free
  }
}

function refused(query: Query, by: HashSource, now: number): void {
  query.refusedBy.add(by)
  if (query.againAt === Number.POSITIVE_INFINITY) query.againAt = now + AGAIN_AFTER
  if (query.asked === by) query.asked = null
}
