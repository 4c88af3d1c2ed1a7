/**
 * Torrents that are odd and must be loaded all the same, each with the paths that its files get on disk. They follow
 * the lists of libtorrent's and Transmission's tests, and add what those leave out.
 */

import { encodeBencode } from '../../../src/bencode/encode.ts'
import { concatBytes } from '../../../src/core/bytes.ts'
import {
  bytes,
  type Fields,
  file,
  folder,
  hashesFor,
  hybrid,
  key,
  leaf,
  pad,
  PIECE_LENGTH,
  raw,
  single,
  SOME_ROOT,
  torrent,
  type TorrentVector,
  type Verdict,
  v2,
  v2WithLayers,
} from './torrent-parts.ts'

type Loaded = Extract<Verdict, { paths: readonly string[] }>

function loads(name: string, make: () => Uint8Array, paths: readonly string[], rest: Omit<Loaded, 'paths'> = {}): TorrentVector {
  return { name, make, verdict: { paths, ...rest } }
}

/** One file in the folder `temp` whose path the rules have to change. */
function renamed(name: string, path: readonly (string | Uint8Array)[], onDisk: string): TorrentVector {
  return loads(name, () => folder([file(path)]), [onDisk], { warnings: ['path-changed'] })
}

/** A torrent of one file whose name the rules have to change. */
function renamedSingle(torrentName: string, name: string | Uint8Array, onDisk: string): TorrentVector {
  return loads(torrentName, () => single({ name }), [onDisk], { warnings: ['path-changed'] })
}

function outer(name: string, fields: Fields, rest: Omit<Loaded, 'paths'>): TorrentVector {
  return loads(name, () => single({}, fields), ['temp'], rest)
}

const TRACKER = 'http://tracker.example/announce'

export const LOADED_TORRENTS: readonly TorrentVector[] = [
  loads('base', () => single(), ['temp'], { trackers: [[TRACKER]], webSeeds: [], nodes: [], creationDate: null, comment: null }),
  loads('single-file-in-a-list', () => folder([file(['foo', 'bar.txt'])]), ['temp/foo/bar.txt']),
  loads('5000-pieces', () => single({ length: 5000 * PIECE_LENGTH, pieces: hashesFor(5000 * PIECE_LENGTH) }), ['temp']),
  loads('piece-length-of-512-mb', () => single({ 'piece length': 32_767 * 16_384 }), ['temp'], { warnings: ['piece-length-unusual'] }),
  loads('piece-length-odd', () => single({ 'piece length': 12_345, pieces: hashesFor(1) }), ['temp'], { warnings: ['piece-length-unusual'] }),
  loads('v1-keys-not-in-order', () => torrent(raw(`d4:name4:temp12:piece lengthi16384e6:pieces20:${'x'.repeat(20)}6:lengthi425ee`)), ['temp'], {
    warnings: ['bencode-unsorted-keys'],
  }),
  loads('v1-keys-twice-the-first-counts', () => torrent(raw(`d6:lengthi425e4:name4:temp4:name9:/etc/evil12:piece lengthi16384e6:pieces20:${'x'.repeat(20)}e`)), ['temp'], {
    warnings: ['bencode-duplicate-key'],
  }),
  loads('v1-integer-with-a-leading-zero', () => single({ length: raw('i0425e') }), ['temp'], { warnings: ['bencode-overlong-integer'] }),
  loads('outer-keys-not-in-order', () => concatBytes([bytes('d4:info'), info(), bytes('8:announce3:urle')]), ['temp'], {
    trackers: [],
    warnings: ['tracker-invalid'],
  }),
  loads('a-newline-behind-the-end', () => concatBytes([single(), bytes('\n')]), ['temp']),
  loads('line-ends-behind-the-end', () => concatBytes([single(), bytes('\r\n\r\n')]), ['temp']),
  loads('fields-that-nobody-knows', () => single({ 'profiles': [{ width: 1 }], 'x-cross-seed': 'a', 'file-duration': [5] }), ['temp']),
  loads('keys-that-javascript-knows', () => single({ constructor: 'a', hasOwnProperty: 1, toString: [], valueOf: {} }), ['temp']),
  loads('key-__proto__', () => single(undefined, Object.fromEntries([['__proto__', { length: -1 }]])), ['temp']),
  loads('file-called-__proto__', () => folder([file(['__proto__', 'constructor'])]), ['temp/__proto__/constructor']),
  loads('v2-file-called-__proto__', () => v2(new Map([['__proto__', leaf(5)], ['constructor', leaf(6)]])), ['temp/__proto__', 'temp/constructor']),
  loads('both-length-and-files', () => folder([file(['a'])], { length: 5 }), ['temp/a']),
  loads('private-is-a-string', () => single({ private: '1' }), ['temp']),

  // Paths: separators, dots and roots
  renamed('path-of-parents', ['..', '..', 'bar'], 'temp/_/_/bar'),
  renamed('path-with-hidden-parents', ['foo/../../../bar', 'bar'], 'temp/foo......bar/bar'),
  renamed('path-of-empty-parts', ['', ''], 'temp/_/_'),
  loads('paths-of-empty-parts', () => folder([file(['', '']), file(['', 'a'])]), ['temp/_/_', 'temp/_/a'], { warnings: ['path-changed'] }),
  renamed('path-of-slashes', ['/', '/', 'bar'], 'temp/_/_/bar'),
  renamed('path-with-slashes-and-parents', ['abc/../../def', '/', 'bar'], 'temp/abc....def/_/bar'),
  renamedSingle('name-with-slashes-and-parents', 'temp/../../abc', 'temp....abc'),
  renamed('path-with-backslashes', ['..\\..\\windows', 'a\\b'], 'temp/....windows/ab'),
  renamed('path-absolute', ['/foobar'], 'temp/foobar'),
  renamed('path-with-a-drive', ['C:', 'Windows', 'x'], 'temp/C_/Windows/x'),
  renamed('path-with-a-drive-and-a-backslash', ['C:\\Windows'], 'temp/C_Windows'),
  renamed('path-to-a-share', ['\\\\server\\share', 'x'], 'temp/servershare/x'),
  renamed('path-with-a-hidden-stream', ['a.txt:evil.exe'], 'temp/a.txt_evil.exe'),
  renamed('path-of-a-dot', ['.'], 'temp/_'),
  loads('paths-of-dots-and-slashes', () => folder([file(['.', '.']), file(['/', '.'])]), ['temp/_/_', 'temp/_/_.1'], {
    warnings: ['path-collision', 'path-changed'],
  }),
  loads('folders-that-become-the-same', () => folder([file(['/', 'foo']), file(['\\', 'foo'])]), ['temp/_/foo', 'temp/_/foo.1'], {
    warnings: ['path-collision', 'path-changed'],
  }),
  renamed('path-of-three-dots', ['...', 'a'], 'temp/_/a'),
  renamed('path-of-many-dots-and-spaces', ['. . .', 'a'], 'temp/_/a'),
  loads('path-that-starts-with-dots', () => folder([file(['..a', '.b'])]), ['temp/..a/.b']),
  renamed('path-in-overlong-utf8', [bytes('\xc0\xae\xc0\xae'), 'bar'], 'temp/____/bar'),
  renamed('path-with-a-slash-in-overlong-utf8', [bytes('a\xc0\xafb')], 'temp/a__b'),
  renamed('path-with-a-slash-of-other-widths-kept', ['a\u2215b\uff0fc/'], 'temp/a\u2215b\uff0fc'),

  // Paths: characters
  renamed('path-with-nuls', ['a\0b', '\0'], 'temp/a_b/_'),
  renamed('path-with-controls', ['a\nb\x1b[31m\x7f', '\x85'], 'temp/a_b_[31m_/_'),
  renamed('path-that-reads-backwards', ['invoice\u202egpj.exe'], 'temp/invoicegpj.exe'),
  renamed('path-with-invisible-characters', ['a\u200bb\ufeffc\u2066d\u061ce'], 'temp/abcde'),
  renamed('path-of-invisible-characters', ['\u200b', 'a'], 'temp/_/a'),
  renamed('path-with-invalid-utf8', [bytes('caf\xe9.txt')], 'temp/caf_.txt'),
  renamed('path-with-a-lone-surrogate', [bytes('a\xed\xa0\x80b')], 'temp/a___b'),
  renamed('path-cut-inside-a-character', [bytes('a\xe2\x9f')], 'temp/a_'),
  renamed('path-with-wildcards-and-quotes', ['a?b<c>d"e|f*g'], 'temp/a_b_c_d_e_f_g'),
  renamed('path-with-dots-and-spaces-at-the-end', ['folder. ', 'file...'], 'temp/folder/file'),
  renamed('path-of-devices', ['con', 'NUL.txt'], 'temp/_con/_NUL.txt'),
  renamed('path-of-more-devices', ['com1.tar.gz', 'LPT9 .x'], 'temp/_com1.tar.gz/_LPT9 .x'),
  loads('path-that-starts-like-a-device', () => folder([file(['console', 'com10', 'aux1'])]), ['temp/console/com10/aux1']),
  loads('path-with-spaces-in-front', () => folder([file([' a', '  b'])]), ['temp/ a/  b']),
  loads('path-in-many-scripts', () => folder([file(['Größe', '日本語', 'עברית', '🐟.txt'])]), ['temp/Größe/日本語/עברית/🐟.txt']),
  loads('path.utf-8-preferred', () => folder([file([bytes('caf\xe9')], 100, { 'path.utf-8': ['café'] })]), ['temp/café']),
  loads('path.utf-8-has-the-same-rules', () => folder([file(['a'], 100, { 'path.utf-8': ['..', 'a/b'] })]), ['temp/_/ab'], { warnings: ['path-changed'] }),
  loads('path.utf-8-of-another-type', () => folder([file(['a'], 100, { 'path.utf-8': 'evil' })]), ['temp/a']),
  loads('name.utf-8-preferred', () => single({ name: bytes('caf\xe9'), 'name.utf-8': 'café' }), ['café']),
  loads('name.utf-8-of-another-type', () => single({ 'name.utf-8': 5 }), ['temp']),

  // Names of torrents
  loads('name-of-two-dots', () => single({ name: '..' }), ['<info-hash>'], { warnings: ['path-changed'] }),
  loads('name-of-a-slash', () => single({ name: '/' }), ['<info-hash>'], { warnings: ['path-changed'] }),
  loads('name-empty', () => single({ name: '' }), ['<info-hash>'], { warnings: ['path-changed'] }),
  loads('name-of-a-folder-of-two-dots', () => folder([file(['a'])], { name: '..' }), ['<info-hash>/a'], { warnings: ['name-changed'] }),
  loads('name-of-a-folder-with-slashes', () => folder([file(['a'])], { name: '/etc/cron.d' }), ['etccron.d/a'], { warnings: ['name-changed'] }),
  renamedSingle('name-with-a-space-at-the-end', 'foobar ', 'foobar'),
  renamedSingle('name-of-300-bytes', `${'n'.repeat(296)}.txt`, `${'n'.repeat(240)}.txt`),
  renamedSingle('name-of-300-bytes-without-extension', 'n'.repeat(300), 'n'.repeat(240)),
  renamedSingle('name-of-300-bytes-with-a-long-extension', `n.${'x'.repeat(298)}`, `n.${'x'.repeat(238)}`),
  renamedSingle('name-cut-at-a-character', 'ü'.repeat(150), 'ü'.repeat(120)),
  renamedSingle('name-cut-before-a-wide-character', `n${'日'.repeat(100)}`, `n${'日'.repeat(79)}`),

  // Collisions
  loads('same-path-twice', () => folder([file(['foo', 'bar.txt']), file(['foo', 'bar.txt'])]), ['temp/foo/bar.txt', 'temp/foo/bar.1.txt'], {
    warnings: ['path-collision'],
  }),
  loads('same-path-but-for-case', () => folder([file(['README']), file(['readme'])]), ['temp/README', 'temp/readme.1'], {
    warnings: ['path-collision'],
  }),
  loads('same-path-but-for-composition', () => folder([file(['b\u00e4r']), file(['ba\u0308r'])]), ['temp/b\u00e4r', 'temp/ba\u0308r.1'], {
    warnings: ['path-collision'],
  }),
  loads('same-path-but-for-sharp-s', () => folder([file(['Straße']), file(['STRASSE'])]), ['temp/Straße', 'temp/STRASSE.1'], {
    warnings: ['path-collision'],
  }),
  loads('file-and-folder-of-one-name', () => folder([file(['foo']), file(['foo', 'bar'])]), ['temp/foo.1', 'temp/foo/bar'], {
    warnings: ['path-collision'],
  }),
  loads('file-and-folder-of-one-name-but-for-case', () => folder([file(['Foo', 'bar']), file(['fOO'])]), ['temp/Foo/bar', 'temp/fOO.1'], {
    warnings: ['path-collision'],
  }),
  loads('file-below-a-file', () => folder([file(['a', 'b']), file(['a', 'b', 'c'])]), ['temp/a/b.1', 'temp/a/b/c'], {
    warnings: ['path-collision'],
  }),
  loads('collision-with-a-number-that-is-taken', () => folder([file(['a.1']), file(['a']), file(['a'])]), ['temp/a.1', 'temp/a', 'temp/a.2'], {
    warnings: ['path-collision'],
  }),
  loads('collision-of-hidden-files', () => folder([file(['.bashrc']), file(['.bashrc'])]), ['temp/.bashrc', 'temp/.bashrc.1'], {
    warnings: ['path-collision'],
  }),

  // Pads and links
  loads('pad-file', () => folder([file(['foo'], 2124), pad(14_260)]), ['temp/foo'], { pads: ['.pad/14260'] }),
  loads('pad-file-without-a-path', () => folder([file(['foo'], 100), { attr: 'p', length: 2124 }]), ['temp/foo'], { pads: ['.pad/2124'] }),
  loads('pad-files-of-bitcomet', () => folder([file(['foo'], 100), file(['_____padding_file_0_if you see this file, please update'], 16_284)]), ['temp/foo'], {
    pads: ['_____padding_file_0_if you see this file, please update'],
  }),
  loads('pad-files-of-one-name', () => folder([file(['a'], 100), pad(10), file(['b'], 100), pad(10), pad(0)]), ['temp/a', 'temp/b'], {
    pads: ['.pad/10', '.pad/10', '.pad/0'],
  }),
  loads('pad-file-called-like-a-file', () => folder([file(['a'], 100), file(['a'], 10, { attr: 'p' })]), ['temp/a'], { pads: ['a'] }),
  loads('pad-file-with-a-wild-path', () => folder([file(['a'], 100), file(['..', '..', 'etc'], 10, { attr: 'p' })]), ['temp/a'], { pads: ['_/_/etc'] }),
  loads('link', () => folder([file(['a', 'b', 'bar']), link(['foo'], ['a', 'b', 'bar'])]), ['temp/a/b/bar', 'temp/foo'], { links: { foo: 'a/b/bar' } }),
  loads('link-with-a-length', () => folder([file(['a', 'bar']), link(['foo'], ['a', 'bar'], 1_000_000)]), ['temp/a/bar', 'temp/foo'], {
    links: { foo: 'a/bar' },
  }),
  loads('link-to-a-folder', () => folder([file(['Versions', 'A', 'SDL2']), link(['Versions', 'Current'], ['Versions', 'A'])]), ['temp/Versions/A/SDL2', 'temp/Versions/Current'], {
    links: { 'Versions/Current': 'Versions/A' },
  }),
  loads('link-through-a-link', () => folder([link(['Headers'], ['V', 'C', 'H']), file(['V', 'A', 'H', 'x.h']), link(['V', 'C'], ['V', 'A'])]), ['temp/Headers', 'temp/V/A/H/x.h', 'temp/V/C'], {
    links: { Headers: 'V/C/H', 'V/C': 'V/A' },
  }),
  loads('link-out-of-the-folder', () => folder([file(['a']), link(['foo'], ['..', '..', 'etc', 'passwd'])]), ['temp/a', 'temp/foo'], {
    links: { foo: 'etc/passwd' },
  }),
  loads('link-to-an-absolute-path', () => folder([file(['a']), link(['foo'], ['/etc/passwd'])]), ['temp/a', 'temp/foo'], { links: { foo: 'etcpasswd' } }),
  loads('link-through-a-part-of-slashes', () => folder([file(['a', '/', 'bar']), link(['foo'], ['a', '/', 'bar'])]), ['temp/a/_/bar', 'temp/foo'], {
    links: { foo: 'a/_/bar' },
    warnings: ['path-changed'],
  }),
  loads('link-to-itself', () => folder([file(['a']), link(['foo'], ['foo'])]), ['temp/a', 'temp/foo'], { links: { foo: 'foo' } }),
  loads('links-in-a-circle', () => folder([file(['a']), link(['b'], ['c']), link(['c'], ['b'])]), ['temp/a', 'temp/b', 'temp/c'], {
    links: { b: 'c', c: 'b' },
  }),
  loads('link-without-a-target', () => folder([file(['a']), file(['foo'], 50, { attr: 'l' })], { pieces: hashesFor(100) }), ['temp/a', 'temp/foo'], {
    links: {},
    warnings: ['link-without-target'],
  }),
  loads('link-to-the-folder-above', () => folder([file(['a']), link(['foo'], ['..'])]), ['temp/a', 'temp/foo'], {
    links: {},
    warnings: ['link-without-target'],
  }),
  loads('link-that-files-lie-below', () => folder([link(['a'], ['..', 'etc']), file(['a', 'passwd'])]), ['temp/a.1', 'temp/a/passwd'], {
    links: { 'a.1': 'etc' },
    warnings: ['path-collision'],
  }),
  loads('attributes-that-nobody-knows', () => folder([file(['a'], 100, { attr: 'zq!' }), file(['b'], 100, { attr: 5 })]), ['temp/a', 'temp/b']),

  // What is around the info dictionary
  outer('trackers-with-spaces-around', { announce: '\t udp://test.com/announce \n' }, { trackers: [['udp://test.com/announce']] }),
  outer('trackers-of-other-types', { announce: 5, 'announce-list': ['http://a.example/', 7, [], [8, ['http://b.example/']]] }, {
    trackers: [['http://a.example/']],
    warnings: ['tracker-invalid'],
  }),
  outer('trackers-in-nested-empty-lists', { announce: TRACKER, 'announce-list': [[], [''], [[]]] }, { trackers: [[TRACKER]], warnings: ['tracker-invalid'] }),
  outer('trackers-that-are-files-and-scripts', { announce: 'file:///etc/passwd', 'announce-list': [['javascript:alert(1)'], ['ftp://a/'], ['http://']] }, {
    trackers: [],
    warnings: ['tracker-invalid'],
  }),
  outer('trackers-twice', { 'announce-list': [['http://a/x', 'http://b/x'], ['http://b/x', 'http://a/x'], ['http://c/x']] }, {
    trackers: [['http://a/x', 'http://b/x'], ['http://c/x']],
  }),
  outer('trackers-by-the-hundreds', { 'announce-list': [Array.from({ length: 600 }, (_, i) => `http://t${i}/x`)] }, {
    trackers: [Array.from({ length: 500 }, (_, i) => `http://t${i}/x`)],
    warnings: ['too-many-trackers'],
  }),
  outer('web-seeds-of-an-empty-text', { 'url-list': [''] }, { webSeeds: [] }),
  outer('web-seeds-in-a-nested-list', { 'url-list': [['']] }, { webSeeds: [], warnings: ['web-seed-invalid'] }),
  outer('web-seeds-that-are-integers', { 'url-list': [-20] }, { webSeeds: [], warnings: ['web-seed-invalid'] }),
  outer('web-seed-as-a-text', { 'url-list': 'http://test.com/file' }, { webSeeds: ['http://test.com/file'] }),
  outer('web-seed-with-spaces', { 'url-list': ['http://test.com/test file/foo bar/'] }, { webSeeds: ['http://test.com/test%20file/foo%20bar/'] }),
  outer('web-seeds-eight-of-them-three-different', { 'url-list': ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b'].map(host => `http://${host}/`) }, {
    webSeeds: ['http://a/', 'http://b/', 'http://c/'],
  }),
  outer('web-seeds-over-other-protocols', { 'url-list': ['ftp://a/', 'file:///etc/', 'udp://a:1/'] }, { webSeeds: [], warnings: ['web-seed-invalid'] }),
  outer('web-seed-of-a-megabyte', { 'url-list': [`http://a/${'x'.repeat(1_000_000)}`] }, { webSeeds: [], warnings: ['web-seed-invalid'] }),
  outer('http-seeds-of-another-kind', { httpseeds: [''], 'url-list': [] }, { webSeeds: [] }),
  outer('nodes', { nodes: [['127.0.0.1', 6881], ['router.example', 6882]] }, { nodes: ['127.0.0.1:6881', 'router.example:6882'] }),
  outer('nodes-of-other-types', { nodes: [['127.0.0.1'], [5, 6], ['a', 70_000], 'b', ['c', '80'], ['d', 1]] }, { nodes: ['d:1'], warnings: ['node-invalid'] }),
  outer('nodes-is-a-text', { nodes: 'a' }, { nodes: [] }),
  outer('creation-date', { 'creation date': 1_234_567 }, { creationDate: 1_234_567 }),
  outer('creation-date-above-2^53', { 'creation date': raw('i18446744073709551615e') }, { creationDate: null }),
  outer('creation-date-is-a-text', { 'creation date': 'today' }, { creationDate: null }),
  outer('comment-is-a-list', { comment: ['a'], 'created by': 5 }, { comment: null }),
  outer('comment-of-invalid-utf8', { comment: bytes('caf\xe9') }, { comment: 'caf\ufffd' }),
  outer('piece-layers-in-v1', { 'piece layers': 5 }, {}),

  // v2
  loads('v2', () => v2({ test64K: leaf(10) }), ['test64K']),
  loads('v2-many-files', () => v2({ a: { b: leaf(1), c: { d: leaf(0) } }, e: leaf(2) }), ['temp/a/b', 'temp/a/c/d', 'temp/e']),
  loads('v2-one-file-in-a-folder', () => v2({ a: { b: leaf(1) } }), ['temp/a/b']),
  loads('v2-empty-folder', () => v2({ a: {}, b: leaf(1) }), ['temp/b']),
  loads('v2-invalid-utf8', () => v2(new Map([[key(bytes('\x82est/MB')), leaf(1)]])), ['_estMB'], { warnings: ['path-changed'] }),
  loads('v2-names-that-become-the-same', () => v2({ '//': leaf(1), '\\': leaf(1), stress_test2: leaf(1) }), ['temp/_', 'temp/_.1', 'temp/stress_test2'], {
    warnings: ['path-collision', 'path-changed'],
  }),
  loads('v2-names-of-dots', () => v2({ '.': leaf(1), '..': { '..': leaf(1) } }), ['temp/_.1', 'temp/_/_'], { warnings: ['path-collision', 'path-changed'] }),
  loads('v2-single-name-of-dots', () => v2({ '..': leaf(1) }), ['temp'], { warnings: ['path-changed'] }),
  loads('v2-links', () => v2({ a: { x: leaf(1) }, b: { '': { attr: 'l', 'symlink path': ['a', 'x'] } } }), ['temp/a/x', 'temp/b'], { links: { b: 'a/x' } }),
  loads('v2-without-piece-layers', () => v2({ a: leaf(3 * PIECE_LENGTH) }, {}, { 'piece layers': undefined }), ['a'], { warnings: ['piece-layers-missing'] }),
  loads('v2-without-one-of-its-piece-layers', () => v2WithLayers(() => ({})), ['big.bin'], { warnings: ['piece-layers-missing'] }),
  loads('v2-with-its-piece-layers', () => v2WithLayers(({ root, layer }) => new Map([[key(root), layer]])), ['big.bin']),
  loads('v2-pieces-that-nobody-needs', () => v2({ a: leaf(1) }, { pieces: 'xyz' }), ['a']),
  loads('v2-root-of-an-empty-file', () => v2({ a: leaf(1), b: { '': { length: 0, 'pieces root': SOME_ROOT } } }), ['temp/a', 'temp/b']),
  loads('v2-identical-files', () => v2({ a: leaf(3 * PIECE_LENGTH), b: leaf(3 * PIECE_LENGTH) }), ['temp/a', 'temp/b'], { warnings: ['piece-layers-missing'] }),

  // Hybrids
  loads('hybrid-single', () => v2({ temp: leaf(100) }, { length: 100, pieces: hashesFor(100) }), ['temp']),
  loads('hybrid-of-one-in-a-folder', () => hybrid({ a: leaf(100) }, [file(['a'], 100)]), ['temp/a']),
  loads('hybrid-with-a-pad-behind-the-last', () => hybrid({ a: leaf(100), b: leaf(100) }, [file(['a'], 100), pad(16_284), file(['b'], 100), pad(16_284)]), ['temp/a', 'temp/b'], {
    pads: ['.pad/16284', '.pad/16284'],
  }),
  loads('hybrid-without-a-pad-behind-the-last', () => hybrid({ a: leaf(100), b: leaf(100) }, [file(['a'], 100), pad(16_284), file(['b'], 100)]), ['temp/a', 'temp/b'], {
    pads: ['.pad/16284'],
  }),
  loads('hybrid-with-two-pads-in-a-row', () => hybrid({ a: leaf(100), b: leaf(100) }, [file(['a'], 100), pad(16_000), pad(284), file(['b'], 100)]), ['temp/a', 'temp/b'], {
    pads: ['.pad/16000', '.pad/284'],
  }),
  loads('hybrid-with-empty-files-in-front', () => hybrid({ a: leaf(0), b: leaf(100) }, [file(['a'], 0), file(['b'], 100)]), ['temp/a', 'temp/b']),
  loads('hybrid-with-empty-files-in-between', () => hybrid({ a: leaf(100), b: leaf(0), c: leaf(5) }, [file(['a'], 100), file(['b'], 0), pad(16_284), file(['c'], 5)]), ['temp/a', 'temp/b', 'temp/c'], {
    pads: ['.pad/16284'],
  }),
  loads('hybrid-with-empty-files-at-the-end', () => hybrid({ a: leaf(100), b: leaf(0), c: leaf(0) }, [file(['a'], 100), pad(16_284), file(['b'], 0), file(['c'], 0)]), ['temp/a', 'temp/b', 'temp/c'], {
    pads: ['.pad/16284'],
  }),
  loads('hybrid-with-empty-files-in-another-order', () => hybrid({ a: leaf(0), b: leaf(100), c: leaf(0) }, [file(['c'], 0), file(['b'], 100), file(['a'], 0)]), ['temp/c', 'temp/b', 'temp/a']),
  loads('hybrid-with-files-that-end-pieces', () => hybrid({ a: leaf(PIECE_LENGTH), b: leaf(PIECE_LENGTH) }, [file(['a'], PIECE_LENGTH), file(['b'], PIECE_LENGTH)]), ['temp/a', 'temp/b']),
]

function link(path: readonly string[], target: readonly string[], length = 0) {
  return file(path, length, { attr: 'l', 'symlink path': target })
}

function info(): Uint8Array {
  return encodeBencode({ length: 425, name: 'temp', 'piece length': PIECE_LENGTH, pieces: hashesFor(425) })
}
