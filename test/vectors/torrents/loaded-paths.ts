/** Torrents whose names and paths have to be changed before they are safe, with what they become. */

import { loads, renamed, renamedSingle } from './loaded-torrent.ts'
import { bytes, file, folder, single, type TorrentVector } from './torrent-parts.ts'

export const LOADED_PATHS: readonly TorrentVector[] = [
  // Paths: separators, dots and roots
  renamed('path-of-parents', ['..', '..', 'bar'], 'temp/_/_/bar'),
  renamed('path-with-hidden-parents', ['foo/../../../bar', 'bar'], 'temp/foo......bar/bar'),
  renamed('path-of-empty-parts', ['', ''], 'temp/_/_'),
  loads('paths-of-empty-parts', () => folder([file(['', '']), file(['', 'a'])]), ['temp/_/_', 'temp/_/a'], {
    warnings: ['path-changed'],
  }),
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
  loads(
    'paths-of-dots-and-slashes',
    () => folder([file(['.', '.']), file(['/', '.'])]),
    ['temp/_/_', 'temp/_/_.1'],
    {
      warnings: ['path-collision', 'path-changed'],
    },
  ),
  loads(
    'folders-that-become-the-same',
    () => folder([file(['/', 'foo']), file(['\\', 'foo'])]),
    ['temp/_/foo', 'temp/_/foo.1'],
    {
      warnings: ['path-collision', 'path-changed'],
    },
  ),
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
  loads('path-that-starts-like-a-device', () => folder([file(['console', 'com10', 'aux1'])]), [
    'temp/console/com10/aux1',
  ]),
  loads('path-with-spaces-in-front', () => folder([file([' a', '  b'])]), ['temp/ a/  b']),
  loads('path-in-many-scripts', () => folder([file(['Größe', '日本語', 'עברית', '🐟.txt'])]), [
    'temp/Größe/日本語/עברית/🐟.txt',
  ]),
  loads('path.utf-8-preferred', () => folder([file([bytes('caf\xe9')], 100, { 'path.utf-8': ['café'] })]), [
    'temp/café',
  ]),
  loads(
    'path.utf-8-has-the-same-rules',
    () => folder([file(['a'], 100, { 'path.utf-8': ['..', 'a/b'] })]),
    ['temp/_/ab'],
    { warnings: ['path-changed'] },
  ),
  loads('path.utf-8-of-another-type', () => folder([file(['a'], 100, { 'path.utf-8': 'evil' })]), ['temp/a']),
  loads('name.utf-8-preferred', () => single({ name: bytes('caf\xe9'), 'name.utf-8': 'café' }), ['café']),
  loads('name.utf-8-of-another-type', () => single({ 'name.utf-8': 5 }), ['temp']),

  // Names of torrents
  loads('name-of-two-dots', () => single({ name: '..' }), ['<info-hash>'], { warnings: ['path-changed'] }),
  loads('name-of-a-slash', () => single({ name: '/' }), ['<info-hash>'], { warnings: ['path-changed'] }),
  loads('name-empty', () => single({ name: '' }), ['<info-hash>'], { warnings: ['path-changed'] }),
  loads('name-of-a-folder-of-two-dots', () => folder([file(['a'])], { name: '..' }), ['<info-hash>/a'], {
    warnings: ['name-changed'],
  }),
  loads(
    'name-of-a-folder-with-slashes',
    () => folder([file(['a'])], { name: '/etc/cron.d' }),
    ['etccron.d/a'],
    { warnings: ['name-changed'] },
  ),
  renamedSingle('name-with-a-space-at-the-end', 'foobar ', 'foobar'),
  renamedSingle('name-of-300-bytes', `${'n'.repeat(296)}.txt`, `${'n'.repeat(240)}.txt`),
  renamedSingle('name-of-300-bytes-without-extension', 'n'.repeat(300), 'n'.repeat(240)),
  renamedSingle('name-of-300-bytes-with-a-long-extension', `n.${'x'.repeat(298)}`, `n.${'x'.repeat(238)}`),
  renamedSingle('name-cut-at-a-character', 'ü'.repeat(150), 'ü'.repeat(120)),
  renamedSingle('name-cut-before-a-wide-character', `n${'日'.repeat(100)}`, `n${'日'.repeat(79)}`),

  // Collisions
  loads(
    'same-path-twice',
    () => folder([file(['foo', 'bar.txt']), file(['foo', 'bar.txt'])]),
    ['temp/foo/bar.txt', 'temp/foo/bar.1.txt'],
    {
      warnings: ['path-collision'],
    },
  ),
  loads(
    'same-path-but-for-case',
    () => folder([file(['README']), file(['readme'])]),
    ['temp/README', 'temp/readme.1'],
    {
      warnings: ['path-collision'],
    },
  ),
  loads(
    'same-path-but-for-composition',
    () => folder([file(['b\u00e4r']), file(['ba\u0308r'])]),
    ['temp/b\u00e4r', 'temp/ba\u0308r.1'],
    {
      warnings: ['path-collision'],
    },
  ),
  loads(
    'same-path-but-for-sharp-s',
    () => folder([file(['Straße']), file(['STRASSE'])]),
    ['temp/Straße', 'temp/STRASSE.1'],
    {
      warnings: ['path-collision'],
    },
  ),
  loads(
    'file-and-folder-of-one-name',
    () => folder([file(['foo']), file(['foo', 'bar'])]),
    ['temp/foo.1', 'temp/foo/bar'],
    {
      warnings: ['path-collision'],
    },
  ),
  loads(
    'file-and-folder-of-one-name-but-for-case',
    () => folder([file(['Foo', 'bar']), file(['fOO'])]),
    ['temp/Foo/bar', 'temp/fOO.1'],
    {
      warnings: ['path-collision'],
    },
  ),
  loads(
    'file-below-a-file',
    () => folder([file(['a', 'b']), file(['a', 'b', 'c'])]),
    ['temp/a/b.1', 'temp/a/b/c'],
    {
      warnings: ['path-collision'],
    },
  ),
  loads(
    'collision-with-a-number-that-is-taken',
    () => folder([file(['a.1']), file(['a']), file(['a'])]),
    ['temp/a.1', 'temp/a', 'temp/a.2'],
    {
      warnings: ['path-collision'],
    },
  ),
  loads(
    'collision-of-hidden-files',
    () => folder([file(['.bashrc']), file(['.bashrc'])]),
    ['temp/.bashrc', 'temp/.bashrc.1'],
    {
      warnings: ['path-collision'],
    },
  ),
]
