import assert from 'node:assert/strict'
import test from 'node:test'
import { Catalog } from '../../../src/site/index.ts'
import { HOSTILE_NAMES } from './names.ts'
import { publication } from './publications.ts'
import { startSite } from './site-server.ts'

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

test('the list has name, size, files, peers and both links of every torrent, by name', async t => {
  const catalog = new Catalog()
  catalog.add(publication('Part 10'))
  const second = catalog.add(publication('Part 2', { length: 5 * 1024 ** 3, fileCount: 1 }))
  const url = await startSite(t, {
    catalog,
    countsOf: torrent => (torrent.id === second.id ? { seeds: 7, leeches: 3 } : null),
  })
  const response = await fetch(url)
  const page = await response.text()
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^text\/html; charset=utf-8$/i)
  assert.ok(page.indexOf('Part 2') < page.indexOf('Part 10'))
  assert.match(page, /5\.00 GiB/)
  assert.match(page, /data-unit="seeds">7</)
  assert.match(page, /data-unit="leeches">3</)
  assert.match(page, /data-unit="leeches">–</)
  assert.ok(page.includes(`href="/torrents/${second.id}.torrent"`))
  assert.ok(page.includes(`href="${second.magnet.replace('&', '&amp;')}"`))
})

test('an empty site says so', async t => {
  const page = await (await fetch(await startSite(t, { catalog: new Catalog() }))).text()
  assert.match(page, /Nothing is hosted here yet/)
})

test('a torrent file comes byte for byte, with its type, a name, a length and a strong entity tag', async t => {
  const catalog = new Catalog()
  const torrent = catalog.add(publication('holiday'))
  const url = await startSite(t, { catalog })
  const response = await fetch(`${url}/torrents/${torrent.id}.torrent`, { redirect: 'error' })
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'application/x-bittorrent')
  assert.equal(response.headers.get('content-disposition'), 'attachment; filename="holiday.torrent"')
  assert.equal(response.headers.get('content-length'), String(torrent.torrentFile.length))
  assert.match(response.headers.get('etag') ?? '', /^"[\w-]+"$/)
  assert.deepEqual(await response.bytes(), torrent.torrentFile)
})

test('any other form of the info-hash leads to the canonical one', async t => {
  const catalog = new Catalog()
  const { v1, v2 } = publication('holiday').infoHashes
  catalog.add(publication('holiday'))
  const onlyV2 = publication('new')
  catalog.add({ ...onlyV2, infoHashes: { v2: onlyV2.infoHashes.v2! } })
  const url = await startSite(t, { catalog })
  const canonical = `/torrents/${hex(v1!)}.torrent`
  const canonicalV2 = `/torrents/${hex(onlyV2.infoHashes.v2!)}.torrent`
  const cases: [string, string][] = [
    [`${hex(v1!).toUpperCase()}.torrent`, canonical],
    [`${hex(v1!)}`, canonical],
    [`${hex(v1!)}.TORRENT`, canonical],
    [`${hex(v2!)}.torrent`, canonical],
    [`${hex(v2!).toUpperCase()}.torrent`, canonical],
    [`${hex(v2!).slice(0, 40)}.torrent`, canonical],
    [`${hex(onlyV2.infoHashes.v2!).slice(0, 40)}.torrent`, canonicalV2],
  ]
  for (const [file, target] of cases) {
    const response = await fetch(`${url}/torrents/${file}`, { redirect: 'manual' })
    assert.equal(response.status, 301, file)
    assert.equal(response.headers.get('location'), target, file)
  }
  assert.equal((await fetch(`${url}${canonicalV2}`, { redirect: 'error' })).status, 200)
})

test('who has the torrent file already is told so without it', async t => {
  const catalog = new Catalog()
  const torrent = catalog.add(publication('holiday'))
  const url = `${await startSite(t, { catalog })}/torrents/${torrent.id}.torrent`
  const tag = torrent.entityTag
  for (const header of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    const response = await fetch(url, { headers: { 'if-none-match': header } })
    assert.equal(response.status, 304, header)
    assert.equal(response.headers.get('etag'), tag)
    assert.equal((await response.bytes()).length, 0)
  }
  for (const header of ['"other"', tag.slice(1, -1), '']) {
    assert.equal((await fetch(url, { headers: { 'if-none-match': header } })).status, 200, header)
  }
})

test('HEAD answers what GET would, without the body', async t => {
  const catalog = new Catalog()
  const torrent = catalog.add(publication('holiday'))
  const url = await startSite(t, { catalog })
  const response = await fetch(`${url}/torrents/${torrent.id}.torrent`, { method: 'HEAD' })
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-length'), String(torrent.torrentFile.length))
  assert.equal(response.headers.get('etag'), torrent.entityTag)
  assert.equal((await response.bytes()).length, 0)
  assert.equal((await fetch(url, { method: 'HEAD' })).status, 200)
})

test('what is not hosted is a page that says so', async t => {
  const url = await startSite(t, { catalog: new Catalog() })
  for (const path of [
    '/nothing',
    `/torrents/${'0'.repeat(40)}.torrent`,
    '/torrents/short.torrent',
    '/torrents/',
  ]) {
    const response = await fetch(url + path)
    assert.equal(response.status, 404, path)
    assert.match(await response.text(), /<h1>Not found<\/h1>/)
  }
  const post = await fetch(url, { method: 'POST', body: 'x' })
  assert.equal(post.status, 405)
  assert.equal(post.headers.get('allow'), 'GET, HEAD')
})

test('every answer forbids scripts, frames and guessing', async t => {
  const catalog = new Catalog()
  const torrent = catalog.add(publication('holiday'))
  const url = await startSite(t, { catalog })
  for (const path of ['/', '/nothing', '/style.css', '/icon.svg', `/torrents/${torrent.id}.torrent`]) {
    const { headers } = await fetch(url + path)
    const policy = headers.get('content-security-policy') ?? ''
    assert.match(policy, /default-src 'none'/, path)
    assert.match(policy, /frame-ancestors 'none'/, path)
    assert.doesNotMatch(policy, /unsafe|script-src/, path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
  }
})

test('no name breaks out of the page', async t => {
  const catalog = new Catalog()
  for (const name of HOSTILE_NAMES) catalog.add(publication(name))
  const page = await (await fetch(await startSite(t, { catalog }))).text()
  const tags = new Set([...page.matchAll(/<([a-z!/][a-z0-9]*)/gi)].map(match => match[1]!.toLowerCase()))
  const known =
    '!doctype html head meta title link body header h1 p main table caption thead tr th tbody td bdi a span footer code'
  for (const tag of tags)
    assert.ok(known.split(' ').includes(tag.replace('/', '')), `<${tag}> is in the page`)
  assert.doesNotMatch(page, /<[^>]*\son\w+=/i)
  assert.doesNotMatch(page, /href="(?!\/|magnet:\?)/)
  for (const character of ['\u202e', '\u0000']) assert.ok(!page.includes(character))
  assert.equal(page.match(/<tbody>/g)?.length, 1)
  assert.equal(page.match(/<th scope="row">/g)?.length, HOSTILE_NAMES.length)
})

test('no name breaks out of the header of a download', async t => {
  const catalog = new Catalog()
  const hosted = HOSTILE_NAMES.map(name => catalog.add(publication(name)))
  const url = await startSite(t, { catalog })
  for (const { id, name } of hosted) {
    const { headers } = await fetch(`${url}/torrents/${id}.torrent`)
    const disposition = headers.get('content-disposition') ?? ''
    assert.equal(headers.get('set-cookie'), null)
    assert.match(
      disposition,
      /^attachment; filename="[\x20-\x21\x23-\x5b\x5d-\x7e]+\.torrent"(; filename\*=UTF-8''[\w.!#$&+^`|~%-]+\.torrent)?$/,
      name.slice(0, 40),
    )
    assert.doesNotMatch(disposition, /[/\\]|filename="\./, name.slice(0, 40))
  }
})
