import assert from 'node:assert/strict'
import test from 'node:test'
import { contentDisposition } from '../../../src/site/content-disposition.ts'

test('a plain name is said once', () => {
  assert.equal(contentDisposition('my file (1)'), 'attachment; filename="my file (1).torrent"')
})

test('a name beyond ASCII is said in both ways', () => {
  assert.equal(
    contentDisposition('Größe 日本'),
    `attachment; filename="Gr__e __.torrent"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E6%97%A5%E6%9C%AC.torrent`,
  )
})

test('percent signs, which some browsers decode, are only in the form that is made for them', () => {
  assert.equal(
    contentDisposition('100%41'),
    `attachment; filename="100_41.torrent"; filename*=UTF-8''100%2541.torrent`,
  )
})

test('line breaks, quotes, separators and dots in front do not get through', () => {
  assert.equal(contentDisposition('a\r\nb"c/d\\e'), 'attachment; filename="a__b_c_d_e.torrent"')
  assert.equal(contentDisposition('../x'), 'attachment; filename="__x.torrent"')
})

test('a long name is cut between characters', () => {
  assert.match(
    contentDisposition('😀'.repeat(500)),
    /^attachment; filename="_{150}\.torrent"; filename\*=.*%80\.torrent$/,
  )
})
