/** Torrents of the second version, and hybrids, that are odd and must be loaded all the same. */

import { loads } from './loaded-torrent.ts'
import {
  bytes,
  file,
  hashesFor,
  hybrid,
  key,
  leaf,
  pad,
  PIECE_LENGTH,
  SOME_ROOT,
  type TorrentVector,
  v2,
  v2WithLayers,
} from './torrent-parts.ts'

export const LOADED_V2_TORRENTS: readonly TorrentVector[] = [
  // v2
  loads('v2', () => v2({ test64K: leaf(10) }), ['test64K']),
  loads('v2-many-files', () => v2({ a: { b: leaf(1), c: { d: leaf(0) } }, e: leaf(2) }), [
    'temp/a/b',
    'temp/a/c/d',
    'temp/e',
  ]),
  loads('v2-one-file-in-a-folder', () => v2({ a: { b: leaf(1) } }), ['temp/a/b']),
  loads('v2-empty-folder', () => v2({ a: {}, b: leaf(1) }), ['temp/b']),
  loads('v2-invalid-utf8', () => v2(new Map([[key(bytes('\x82est/MB')), leaf(1)]])), ['_estMB'], {
    warnings: ['path-changed'],
  }),
  loads(
    'v2-names-that-become-the-same',
    () => v2({ '//': leaf(1), '\\': leaf(1), stress_test2: leaf(1) }),
    ['temp/_', 'temp/_.1', 'temp/stress_test2'],
    {
      warnings: ['path-collision', 'path-changed'],
    },
  ),
  loads('v2-names-of-dots', () => v2({ '.': leaf(1), '..': { '..': leaf(1) } }), ['temp/_.1', 'temp/_/_'], {
    warnings: ['path-collision', 'path-changed'],
  }),
  loads('v2-single-name-of-dots', () => v2({ '..': leaf(1) }), ['temp'], { warnings: ['path-changed'] }),
  loads(
    'v2-links',
    () => v2({ a: { x: leaf(1) }, b: { '': { attr: 'l', 'symlink path': ['a', 'x'] } } }),
    ['temp/a/x', 'temp/b'],
    { links: { b: 'a/x' } },
  ),
  loads(
    'v2-without-piece-layers',
    () => v2({ a: leaf(3 * PIECE_LENGTH) }, {}, { 'piece layers': undefined }),
    ['a'],
    { warnings: ['piece-layers-missing'] },
  ),
  loads('v2-without-one-of-its-piece-layers', () => v2WithLayers(() => ({})), ['big.bin'], {
    warnings: ['piece-layers-missing'],
  }),
  loads('v2-with-its-piece-layers', () => v2WithLayers(({ root, layer }) => new Map([[key(root), layer]])), [
    'big.bin',
  ]),
  loads('v2-pieces-that-nobody-needs', () => v2({ a: leaf(1) }, { pieces: 'xyz' }), ['a']),
  loads(
    'v2-root-of-an-empty-file',
    () => v2({ a: leaf(1), b: { '': { length: 0, 'pieces root': SOME_ROOT } } }),
    ['temp/a', 'temp/b'],
  ),
  loads(
    'v2-identical-files',
    () => v2({ a: leaf(3 * PIECE_LENGTH), b: leaf(3 * PIECE_LENGTH) }),
    ['temp/a', 'temp/b'],
    { warnings: ['piece-layers-missing'] },
  ),

  // Hybrids
  loads('hybrid-single', () => v2({ temp: leaf(100) }, { length: 100, pieces: hashesFor(100) }), ['temp']),
  loads('hybrid-of-one-in-a-folder', () => hybrid({ a: leaf(100) }, [file(['a'], 100)]), ['temp/a']),
  loads(
    'hybrid-with-a-pad-behind-the-last',
    () =>
      hybrid({ a: leaf(100), b: leaf(100) }, [file(['a'], 100), pad(16_284), file(['b'], 100), pad(16_284)]),
    ['temp/a', 'temp/b'],
    {
      pads: ['.pad/16284', '.pad/16284'],
    },
  ),
  loads(
    'hybrid-without-a-pad-behind-the-last',
    () => hybrid({ a: leaf(100), b: leaf(100) }, [file(['a'], 100), pad(16_284), file(['b'], 100)]),
    ['temp/a', 'temp/b'],
    {
      pads: ['.pad/16284'],
    },
  ),
  loads(
    'hybrid-with-two-pads-in-a-row',
    () => hybrid({ a: leaf(100), b: leaf(100) }, [file(['a'], 100), pad(16_000), pad(284), file(['b'], 100)]),
    ['temp/a', 'temp/b'],
    {
      pads: ['.pad/16000', '.pad/284'],
    },
  ),
  loads(
    'hybrid-with-empty-files-in-front',
    () => hybrid({ a: leaf(0), b: leaf(100) }, [file(['a'], 0), file(['b'], 100)]),
    ['temp/a', 'temp/b'],
  ),
  loads(
    'hybrid-with-empty-files-in-between',
    () =>
      hybrid({ a: leaf(100), b: leaf(0), c: leaf(5) }, [
        file(['a'], 100),
        file(['b'], 0),
        pad(16_284),
        file(['c'], 5),
      ]),
    ['temp/a', 'temp/b', 'temp/c'],
    {
      pads: ['.pad/16284'],
    },
  ),
  loads(
    'hybrid-with-empty-files-at-the-end',
    () =>
      hybrid({ a: leaf(100), b: leaf(0), c: leaf(0) }, [
        file(['a'], 100),
        pad(16_284),
        file(['b'], 0),
        file(['c'], 0),
      ]),
    ['temp/a', 'temp/b', 'temp/c'],
    {
      pads: ['.pad/16284'],
    },
  ),
  loads(
    'hybrid-with-empty-files-in-another-order',
    () =>
      hybrid({ a: leaf(0), b: leaf(100), c: leaf(0) }, [file(['c'], 0), file(['b'], 100), file(['a'], 0)]),
    ['temp/c', 'temp/b', 'temp/a'],
  ),
  loads(
    'hybrid-with-files-that-end-pieces',
    () =>
      hybrid({ a: leaf(PIECE_LENGTH), b: leaf(PIECE_LENGTH) }, [
        file(['a'], PIECE_LENGTH),
        file(['b'], PIECE_LENGTH),
      ]),
    ['temp/a', 'temp/b'],
  ),
]
