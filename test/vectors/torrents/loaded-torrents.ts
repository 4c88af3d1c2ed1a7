/**
 * Torrents that are odd and must be loaded all the same, each with the paths that its files get on disk. They follow
 * the lists of libtorrent's and Transmission's tests, and add what those leave out.
 */

import { encodeBencode } from '../../../src/bencode/encode.ts'
import { concatBytes } from '../../../src/core/bytes.ts'
import { loads, outer } from './loaded-torrent.ts'
import { LOADED_PATHS } from './loaded-paths.ts'
import { LOADED_V2_TORRENTS } from './loaded-v2-torrents.ts'
import {
  bytes,
  file,
  folder,
  hashesFor,
  leaf,
  pad,
  PIECE_LENGTH,
  raw,
  single,
  torrent,
  type TorrentVector,
  v2,
} from './torrent-parts.ts'

const TRACKER = 'http://tracker.example/announce'

export const LOADED_TORRENTS: readonly TorrentVector[] = [
  ...LOADED_PATHS,
  ...LOADED_V2_TORRENTS,
  loads('base', () => single(), ['temp'], {
    trackers: [[TRACKER]],
    webSeeds: [],
    nodes: [],
    creationDate: null,
    comment: null,
  }),
  loads('single-file-in-a-list', () => folder([file(['foo', 'bar.txt'])]), ['temp/foo/bar.txt']),
  loads(
    '5000-pieces',
    () => single({ length: 5000 * PIECE_LENGTH, pieces: hashesFor(5000 * PIECE_LENGTH) }),
    ['temp'],
  ),
  loads('piece-length-of-512-mb', () => single({ 'piece length': 32_767 * 16_384 }), ['temp'], {
    warnings: ['piece-length-unusual'],
  }),
  loads('piece-length-odd', () => single({ 'piece length': 12_345, pieces: hashesFor(1) }), ['temp'], {
    warnings: ['piece-length-unusual'],
  }),
  loads(
    'v1-keys-not-in-order',
    () => torrent(raw(`d4:name4:temp12:piece lengthi16384e6:pieces20:${'x'.repeat(20)}6:lengthi425ee`)),
    ['temp'],
    {
      warnings: ['bencode-unsorted-keys'],
    },
  ),
  loads(
    'v1-keys-twice-the-first-counts',
    () =>
      torrent(
        raw(`d6:lengthi425e4:name4:temp4:name9:/etc/evil12:piece lengthi16384e6:pieces20:${'x'.repeat(20)}e`),
      ),
    ['temp'],
    {
      warnings: ['bencode-duplicate-key'],
    },
  ),
  loads('v1-integer-with-a-leading-zero', () => single({ length: raw('i0425e') }), ['temp'], {
    warnings: ['bencode-overlong-integer'],
  }),
  loads(
    'outer-keys-not-in-order',
    () => concatBytes([bytes('d4:info'), info(), bytes('8:announce3:urle')]),
    ['temp'],
    {
      trackers: [],
      warnings: ['tracker-invalid'],
    },
  ),
  loads('a-newline-behind-the-end', () => concatBytes([single(), bytes('\n')]), ['temp']),
  loads('line-ends-behind-the-end', () => concatBytes([single(), bytes('\r\n\r\n')]), ['temp']),
  loads(
    'fields-that-nobody-knows',
    () => single({ profiles: [{ width: 1 }], 'x-cross-seed': 'a', 'file-duration': [5] }),
    ['temp'],
  ),
  loads(
    'keys-that-javascript-knows',
    () => single({ constructor: 'a', hasOwnProperty: 1, toString: [], valueOf: {} }),
    ['temp'],
  ),
  loads('key-__proto__', () => single(undefined, Object.fromEntries([['__proto__', { length: -1 }]])), [
    'temp',
  ]),
  loads('file-called-__proto__', () => folder([file(['__proto__', 'constructor'])]), [
    'temp/__proto__/constructor',
  ]),
  loads(
    'v2-file-called-__proto__',
    () =>
      v2(
        new Map([
          ['__proto__', leaf(5)],
          ['constructor', leaf(6)],
        ]),
      ),
    ['temp/__proto__', 'temp/constructor'],
  ),
  loads('both-length-and-files', () => folder([file(['a'])], { length: 5 }), ['temp/a']),
  loads('private-is-a-string', () => single({ private: '1' }), ['temp']),

  // Pads and links
  loads('pad-file', () => folder([file(['foo'], 2124), pad(14_260)]), ['temp/foo'], { pads: ['.pad/14260'] }),
  loads(
    'pad-file-without-a-path',
    () => folder([file(['foo'], 100), { attr: 'p', length: 2124 }]),
    ['temp/foo'],
    { pads: ['.pad/2124'] },
  ),
  loads(
    'pad-files-of-bitcomet',
    () =>
      folder([file(['foo'], 100), file(['_____padding_file_0_if you see this file, please update'], 16_284)]),
    ['temp/foo'],
    {
      pads: ['_____padding_file_0_if you see this file, please update'],
    },
  ),
  loads(
    'pad-files-of-one-name',
    () => folder([file(['a'], 100), pad(10), file(['b'], 100), pad(10), pad(0)]),
    ['temp/a', 'temp/b'],
    {
      pads: ['.pad/10', '.pad/10', '.pad/0'],
    },
  ),
  loads(
    'pad-file-called-like-a-file',
    () => folder([file(['a'], 100), file(['a'], 10, { attr: 'p' })]),
    ['temp/a'],
    { pads: ['a'] },
  ),
  loads(
    'pad-file-with-a-wild-path',
    () => folder([file(['a'], 100), file(['..', '..', 'etc'], 10, { attr: 'p' })]),
    ['temp/a'],
    { pads: ['_/_/etc'] },
  ),
  loads(
    'link',
    () => folder([file(['a', 'b', 'bar']), link(['foo'], ['a', 'b', 'bar'])]),
    ['temp/a/b/bar', 'temp/foo'],
    { links: { foo: 'a/b/bar' } },
  ),
  loads(
    'link-with-a-length',
    () => folder([file(['a', 'bar']), link(['foo'], ['a', 'bar'], 1_000_000)]),
    ['temp/a/bar', 'temp/foo'],
    {
      links: { foo: 'a/bar' },
    },
  ),
  loads(
    'link-to-a-folder',
    () => folder([file(['Versions', 'A', 'SDL2']), link(['Versions', 'Current'], ['Versions', 'A'])]),
    ['temp/Versions/A/SDL2', 'temp/Versions/Current'],
    {
      links: { 'Versions/Current': 'Versions/A' },
    },
  ),
  loads(
    'link-through-a-link',
    () =>
      folder([
        link(['Headers'], ['V', 'C', 'H']),
        file(['V', 'A', 'H', 'x.h']),
        link(['V', 'C'], ['V', 'A']),
      ]),
    ['temp/Headers', 'temp/V/A/H/x.h', 'temp/V/C'],
    {
      links: { Headers: 'V/C/H', 'V/C': 'V/A' },
    },
  ),
  loads(
    'link-out-of-the-folder',
    () => folder([file(['a']), link(['foo'], ['..', '..', 'etc', 'passwd'])]),
    ['temp/a', 'temp/foo'],
    {
      links: { foo: 'etc/passwd' },
    },
  ),
  loads(
    'link-to-an-absolute-path',
    () => folder([file(['a']), link(['foo'], ['/etc/passwd'])]),
    ['temp/a', 'temp/foo'],
    { links: { foo: 'etcpasswd' } },
  ),
  loads(
    'link-through-a-part-of-slashes',
    () => folder([file(['a', '/', 'bar']), link(['foo'], ['a', '/', 'bar'])]),
    ['temp/a/_/bar', 'temp/foo'],
    {
      links: { foo: 'a/_/bar' },
      warnings: ['path-changed'],
    },
  ),
  loads('link-to-itself', () => folder([file(['a']), link(['foo'], ['foo'])]), ['temp/a', 'temp/foo'], {
    links: { foo: 'foo' },
  }),
  loads(
    'links-in-a-circle',
    () => folder([file(['a']), link(['b'], ['c']), link(['c'], ['b'])]),
    ['temp/a', 'temp/b', 'temp/c'],
    {
      links: { b: 'c', c: 'b' },
    },
  ),
  loads(
    'link-without-a-target',
    () => folder([file(['a']), file(['foo'], 50, { attr: 'l' })], { pieces: hashesFor(100) }),
    ['temp/a', 'temp/foo'],
    {
      links: {},
      warnings: ['link-without-target'],
    },
  ),
  loads(
    'link-to-the-folder-above',
    () => folder([file(['a']), link(['foo'], ['..'])]),
    ['temp/a', 'temp/foo'],
    {
      links: {},
      warnings: ['link-without-target'],
    },
  ),
  loads(
    'link-to-a-folder-that-files-lie-below',
    () => folder([link(['a'], ['b']), file(['b', 'y']), file(['a', 'x'])]),
    ['temp/a.1', 'temp/b/y', 'temp/a/x'],
    {
      links: { 'a.1': 'b' },
      warnings: ['path-collision'],
    },
  ),
  loads(
    'link-that-files-lie-below',
    () => folder([link(['a'], ['..', 'etc']), file(['a', 'passwd'])]),
    ['temp/a.1', 'temp/a/passwd'],
    {
      links: { 'a.1': 'etc' },
      warnings: ['path-collision'],
    },
  ),
  loads(
    'attributes-that-nobody-knows',
    () => folder([file(['a'], 100, { attr: 'zq!' }), file(['b'], 100, { attr: 5 })]),
    ['temp/a', 'temp/b'],
  ),

  // What is around the info dictionary
  outer(
    'trackers-with-spaces-around',
    { announce: '\t udp://test.com/announce \n' },
    { trackers: [['udp://test.com/announce']] },
  ),
  outer(
    'trackers-of-other-types',
    { announce: 5, 'announce-list': ['http://a.example/', 7, [], [8, ['http://b.example/']]] },
    {
      trackers: [['http://a.example/']],
      warnings: ['tracker-invalid'],
    },
  ),
  outer(
    'trackers-in-nested-empty-lists',
    { announce: TRACKER, 'announce-list': [[], [''], [[]]] },
    { trackers: [[TRACKER]], warnings: ['tracker-invalid'] },
  ),
  outer(
    'trackers-that-are-files-and-scripts',
    { announce: 'file:///etc/passwd', 'announce-list': [['javascript:alert(1)'], ['ftp://a/'], ['http://']] },
    {
      trackers: [],
      warnings: ['tracker-invalid'],
    },
  ),
  outer(
    'trackers-twice',
    { 'announce-list': [['http://a/x', 'http://b/x'], ['http://b/x', 'http://a/x'], ['http://c/x']] },
    {
      trackers: [['http://a/x', 'http://b/x'], ['http://c/x']],
    },
  ),
  outer(
    'trackers-by-the-hundreds',
    { 'announce-list': [Array.from({ length: 600 }, (_, i) => `http://t${i}/x`)] },
    {
      trackers: [Array.from({ length: 500 }, (_, i) => `http://t${i}/x`)],
      warnings: ['too-many-trackers'],
    },
  ),
  outer('web-seeds-of-an-empty-text', { 'url-list': [''] }, { webSeeds: [] }),
  outer(
    'web-seeds-in-a-nested-list',
    { 'url-list': [['']] },
    { webSeeds: [], warnings: ['web-seed-invalid'] },
  ),
  outer(
    'web-seeds-that-are-integers',
    { 'url-list': [-20] },
    { webSeeds: [], warnings: ['web-seed-invalid'] },
  ),
  outer('web-seed-as-a-text', { 'url-list': 'http://test.com/file' }, { webSeeds: ['http://test.com/file'] }),
  outer(
    'web-seed-with-spaces',
    { 'url-list': ['http://test.com/test file/foo bar/'] },
    { webSeeds: ['http://test.com/test%20file/foo%20bar/'] },
  ),
  outer(
    'web-seeds-eight-of-them-three-different',
    { 'url-list': ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b'].map(host => `http://${host}/`) },
    {
      webSeeds: ['http://a/', 'http://b/', 'http://c/'],
    },
  ),
  outer(
    'web-seeds-over-other-protocols',
    { 'url-list': ['ftp://a/', 'file:///etc/', 'udp://a:1/'] },
    { webSeeds: [], warnings: ['web-seed-invalid'] },
  ),
  outer(
    'web-seed-of-a-megabyte',
    { 'url-list': [`http://a/${'x'.repeat(1_000_000)}`] },
    { webSeeds: [], warnings: ['web-seed-invalid'] },
  ),
  outer('http-seeds-of-another-kind', { httpseeds: [''], 'url-list': [] }, { webSeeds: [] }),
  outer(
    'nodes',
    {
      nodes: [
        ['127.0.0.1', 6881],
        ['router.example', 6882],
      ],
    },
    { nodes: ['127.0.0.1:6881', 'router.example:6882'] },
  ),
  outer(
    'nodes-of-other-types',
    { nodes: [['127.0.0.1'], [5, 6], ['a', 70_000], 'b', ['c', '80'], ['d', 1]] },
    { nodes: ['d:1'], warnings: ['node-invalid'] },
  ),
  outer('nodes-is-a-text', { nodes: 'a' }, { nodes: [] }),
  outer('creation-date', { 'creation date': 1_234_567 }, { creationDate: 1_234_567 }),
  outer(
    'creation-date-above-2^53',
    { 'creation date': raw('i18446744073709551615e') },
    { creationDate: null },
  ),
  outer('creation-date-is-a-text', { 'creation date': 'today' }, { creationDate: null }),
  outer('comment-is-a-list', { comment: ['a'], 'created by': 5 }, { comment: null }),
  outer('comment-of-invalid-utf8', { comment: bytes('caf\xe9') }, { comment: 'caf\ufffd' }),
  outer('piece-layers-in-v1', { 'piece layers': 5 }, {}),
]

function link(path: readonly string[], target: readonly string[], length = 0) {
  return file(path, length, { attr: 'l', 'symlink path': target })
}

function info(): Uint8Array {
  return encodeBencode({ length: 425, name: 'temp', 'piece length': PIECE_LENGTH, pieces: hashesFor(425) })
}
