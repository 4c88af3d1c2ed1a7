import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { concatBytes } from '../../../src/core/bytes.ts'
import { BLOCK_LENGTH } from '../../../src/metainfo/geometry.ts'
import { PAD_SOURCE } from '../../../src/swarm/gathered-piece.ts'
import { liarsAmong, SmartBan } from '../../../src/swarm/smart-ban.ts'

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
const digest = { sha256, sha1: sha256 }

const ann = { name: 'ann' }
const ben = { name: 'ben' }
const cem = { name: 'cem' }

/** A piece with a letter a block, in extents of two blocks; the last block is short. */
function piece(text: string): Uint8Array[] {
  const blocks = [...text].map((letter, index) => {
    const length = index === text.length - 1 ? 100 : BLOCK_LENGTH
    return new Uint8Array(length).fill(letter.charCodeAt(0))
  })
  const extents: Uint8Array[] = []
  for (let at = 0; at < blocks.length; at += 2) extents.push(concatBytes(blocks.slice(at, at + 2)))
  return extents
}

function names(of: ReadonlySet<object>): string[] {
  return [...of].map(peer => (peer as { name: string }).name).sort()
}

describe('a piece that failed', () => {
  it('accuses at once who sent all of it', () => {
    const ban = new SmartBan({ digest })
    assert.deepEqual(names(ban.pieceFailed(0, [ann, ann, ann], piece('abx'))), ['ann'])
  })

  it('accuses nobody yet where there were several, or where a block came from disk', () => {
    const ban = new SmartBan({ digest })
    assert.deepEqual(names(ban.pieceFailed(0, [ann, ben, ann], piece('abx'))), [])
    assert.deepEqual(names(ban.pieceFailed(1, [ann, null, ann], piece('abx'))), [])
    assert.deepEqual(names(ban.pieceFailed(2, [null, null, null], piece('abx'))), [])
  })

  it('accuses who sent all that was not pad', () => {
    const ban = new SmartBan({ digest })
    assert.deepEqual(names(ban.pieceFailed(0, [PAD_SOURCE, ann, ann, PAD_SOURCE], piece('abcd'))), ['ann'])
    assert.deepEqual(names(ban.pieceFailed(1, [PAD_SOURCE, null, PAD_SOURCE], piece('abc'))), [])
  })

  it('never accuses a pad', () => {
    const ban = new SmartBan({ digest })
    ban.pieceFailed(0, [ann, ben, PAD_SOURCE], piece('xbc'))
    assert.deepEqual(names(ban.pieceGood(0, piece('abd'))), ['ann'])
  })

  it('accuses who sent something else, once the piece is good', () => {
    const ban = new SmartBan({ digest })
    ban.pieceFailed(0, [ann, ben, cem], piece('axc'))
    assert.deepEqual(names(ban.pieceGood(0, piece('abc'))), ['ben'])
    assert.deepEqual(names(ban.pieceGood(0, piece('abc'))), [], 'once')
  })

  it('accuses everyone who lied, in the first block or in the short one at the end', () => {
    const ban = new SmartBan({ digest })
    ban.pieceFailed(0, [ann, ben, ben, cem], piece('xbcy'))
    assert.deepEqual(names(ban.pieceGood(0, piece('abcd'))), ['ann', 'cem'])
  })

  it('accuses those of several attempts', () => {
    const ban = new SmartBan({ digest })
    ban.pieceFailed(0, [ann, ben, ben], piece('xbc'))
    ban.pieceFailed(0, [ben, ben, cem], piece('aby'))
    assert.deepEqual(names(ban.pieceGood(0, piece('abc'))), ['ann', 'cem'])
  })

  it('accuses nobody of what came from disk', () => {
    const ban = new SmartBan({ digest })
    ban.pieceFailed(0, [ann, null, ben], piece('axc'))
    assert.deepEqual(names(ban.pieceGood(0, piece('abc'))), [])
  })

  it('never accuses one who sent what was right, beside nine who did not', () => {
    const liars = Array.from({ length: 9 }, (_, i) => ({ name: `liar ${i}` }))
    const ban = new SmartBan({ digest })
    for (const [turn, liar] of liars.entries()) ban.pieceFailed(turn % 4, [ann, liar, ann], piece('axc'))
    const accused = [0, 1, 2, 3].flatMap(index => names(ban.pieceGood(index, piece('abc'))))
    assert.deepEqual(accused.sort(), names(new Set(liars)))
  })
})

describe('what is remembered', () => {
  it('is what was sent, whatever becomes of the memory it was in', () => {
    const ban = new SmartBan({ digest })
    const parts = piece('axc')
    const sources = [ann, ben, cem]
    ban.pieceFailed(0, sources, parts)
    for (const part of parts) part.fill(0)
    sources.fill(ann)
    assert.deepEqual(names(ban.pieceGood(0, piece('abc'))), ['ben'])
  })

  it('is bounded, in pieces and in attempts', () => {
    const ban = new SmartBan({ digest })
    for (let index = 0; index < 100; index++) ban.pieceFailed(index, [ann, ben], piece('xb'))
    assert.deepEqual(names(ban.pieceGood(0, piece('ab'))), [], 'forgotten')
    for (let attempt = 0; attempt < 4; attempt++) ban.pieceFailed(99, [cem, ben], piece('xb'))
    assert.deepEqual(names(ban.pieceGood(99, piece('ab'))), ['cem'], 'ann is forgotten')
  })
})

describe('leaf hashes', () => {
  const leaves = (text: string) =>
    concatBytes([...text].map(letter => sha256(Uint8Array.of(letter.charCodeAt(0)))))

  it('name who lied at once', () => {
    assert.deepEqual(names(liarsAmong([ann, ben, cem], leaves('xby'), leaves('abc'))), ['ann', 'cem'])
    assert.deepEqual(names(liarsAmong([ann, ben, cem], leaves('abc'), leaves('abc'))), [])
  })

  it('say nothing of blocks that have none', () => {
    assert.deepEqual(names(liarsAmong([ann, ben, cem], leaves('ab'), leaves('ab??'))), [])
    assert.deepEqual(names(liarsAmong([ann, ben, cem], leaves('ab??'), leaves('ab'))), [])
    assert.deepEqual(names(liarsAmong([null, ben], leaves('xb'), leaves('ab'))), [])
  })
})
