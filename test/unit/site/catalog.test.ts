import assert from 'node:assert/strict'
import test from 'node:test'
import { formatHex } from '../../../src/core/bytes.ts'
import { Catalog } from '../../../src/site/catalog.ts'
import { publication } from '../../e2e/site/publications.ts'

test('a torrent is found by every form of its hashes, and by none once it is gone', () => {
  const catalog = new Catalog()
  const torrent = catalog.add(publication('a'))
  const v1 = formatHex(torrent.infoHashes.v1!)
  const v2 = formatHex(torrent.infoHashes.v2!)
  const forms = [v1, v1.toUpperCase(), v2, v2.toUpperCase(), v2.slice(0, 40)]
  for (const form of forms) assert.equal(catalog.find(form), torrent)
  for (const form of ['', v1.slice(1), v2.slice(0, 41), `${v1} `, '__proto__'])
    assert.equal(catalog.find(form), null)
  assert.ok(catalog.remove(torrent.id))
  assert.ok(!catalog.remove(torrent.id))
  for (const form of forms) assert.equal(catalog.find(form), null)
})

test('the same torrent is listed once, as it was added last', () => {
  const catalog = new Catalog()
  const first = catalog.add(publication('a'))
  const second = catalog.add({ ...publication('a'), torrentFile: Uint8Array.of(1) })
  assert.deepEqual(catalog.list(), [second])
  assert.notEqual(first.entityTag, second.entityTag)
})

test('the list is in the order of names, numbers by their value', () => {
  const catalog = new Catalog()
  for (const name of ['b', 'Part 10', 'Part 9', 'a']) catalog.add(publication(name))
  assert.deepEqual(
    catalog.list().map(torrent => torrent.name),
    ['a', 'b', 'Part 9', 'Part 10'],
  )
})
