import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { placeableLinks } from '../../../src/metainfo/placeable-links.ts'

/** `link > target` is a link, all else a file. */
function placed(...entries: string[]): string[] {
  const parsed = entries.map(entry => {
    const [path = '', target = null] = entry.split(' > ')
    return { path, target }
  })
  return placeableLinks(parsed).map(index => parsed[index]!.path)
}

describe('placeableLinks', () => {
  it('takes links to files and to folders', () => {
    assert.deepEqual(placed('l > d/f', 'm > d', 'd/f'), ['l', 'm'])
  })

  it('puts each link behind the one it points to', () => {
    assert.deepEqual(placed('so > so.1', 'so.1 > so.1.2', 'so.1.2'), ['so.1', 'so'])
  })

  it('leaves out what points to nothing, or to part of a name', () => {
    assert.deepEqual(placed('l > g', 'm > d/f/x', 'n > d/', 'o > d/ff', 'p > ', 'd/f'), [])
  })

  it('leaves out circles, and links to a folder around them', () => {
    assert.deepEqual(placed('a > a', 'b > c', 'c > b', 'd/l > d', 'd/e/l > d', 'd/f'), [])
    assert.deepEqual(placed('b > d', 'd/l > b', 'd/f'), ['b'])
  })

  it('leaves out a target that lies below a link', () => {
    assert.deepEqual(placed('v > d', 'l > v/f', 'd/f'), ['v'])
  })

  it('takes a link to a folder that holds nothing but links', () => {
    assert.deepEqual(placed('bin/a > f', 'l > bin', 'f'), ['bin/a', 'l'])
  })

  it('is done soon with many links to one place and with a long chain in the wrong order', () => {
    const many = Array.from({ length: 50_000 }, (_, i) => `l${i} > d`)
    assert.equal(placed(...many, 'd/f').length, 50_000)
    const chain = Array.from({ length: 50_000 }, (_, i) => `c${i} > c${i + 1}`)
    assert.equal(placed(...chain, 'c50000').length, 50_000)
  })
})
