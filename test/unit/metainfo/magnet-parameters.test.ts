import assert from 'node:assert/strict'
import { it, suite } from 'node:test'
import { METAINFO_LIMITS } from '../../../src/metainfo/limits.ts'
import { magnetParameters, placeParameters, readPlaces } from '../../../src/metainfo/magnet-parameters.ts'

suite('the parameters of a magnet link', () => {
  it('are found by their names, in any case, numbered or not, unescaped', () => {
    const values = magnetParameters('magnet:?DN=a%20b+c&tr.1=x&TR.2=y&tr=z&empty=&nothing')
    assert.deepEqual(values('dn'), ['a b c'])
    assert.deepEqual(values('tr'), ['x', 'y', 'z'])
    assert.deepEqual(values('empty'), [''])
    assert.deepEqual(values('nothing'), [])
    assert.deepEqual(values('absent'), [])
  })

  it('whose escapes are not UTF-8 are passed over', () => {
    assert.deepEqual(magnetParameters('magnet:?dn=%ff&dn=b')('dn'), ['b'])
  })

  it('are refused where it is no magnet link, or one that is too long', () => {
    const tooLong = `magnet:?dn=${'a'.repeat(METAINFO_LIMITS.magnetLength)}`
    for (const text of ['', 'magnet:', 'http://example/?dn=a', tooLong])
      assert.throws(() => magnetParameters(text), { code: 'magnet-invalid' })
  })

  it('that say where peers are, are written as they are read', () => {
    const places = {
      name: 'ü & co',
      trackers: ['http://t.example/announce?a=b&c'],
      webSeeds: ['http://w.example/'],
      peers: [
        { host: '2001:db8::1', port: 1 },
        { host: 'peer.example', port: 65_535 },
      ],
      warnings: [],
    }
    assert.deepEqual(readPlaces(magnetParameters(`magnet:?${placeParameters(places).join('&')}`)), places)
  })
})
