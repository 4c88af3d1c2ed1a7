/**
 * Torrents that must be refused, each with the code of its fault. They follow the lists of libtorrent's and
 * Transmission's tests, and add what those leave out.
 */

import { concatBytes } from '../../../src/core/bytes.ts'
import {
  bytes,
  file,
  folder,
  hashesFor,
  hybrid,
  layerOf,
  leaf,
  pad,
  PIECE_LENGTH,
  raw,
  single,
  SOME_ROOT,
  torrent,
  type TorrentVector,
  v2,
  v2WithLayers,
} from './torrent-parts.ts'

const TERABYTES = 17_592_186_044_416

function refused(error: string, vectors: Readonly<Record<string, () => Uint8Array>>): TorrentVector[] {
  return Object.entries(vectors).map(([name, make]) => ({ name, make, verdict: { error } }))
}

function times(count: number, text: string): Uint8Array {
  return bytes(text.repeat(count))
}

/** `d4:name…`: an info dictionary written by hand, because no encoder would write it so. */
function v2ByHand(tree: string, pieceLength = 'i16384e'): Uint8Array {
  return torrent(raw(`d9:file treed${tree}e12:meta versioni2e4:name4:temp12:piece length${pieceLength}e`))
}

const LEAF_BY_HAND = `d0:d6:lengthi5e11:pieces root32:${'r'.repeat(32)}ee`

export const REFUSED_TORRENTS: readonly TorrentVector[] = [
  // The file as a whole
  ...refused('bencode-truncated', {
    'empty-file': () => bytes(''),
    'only-the-start-of-a-dictionary': () => bytes('d'),
    'cut-in-the-middle': () => single().subarray(0, 60),
    'cut-before-the-last-byte': () => single().subarray(0, -1),
  }),
  ...refused('torrent-not-a-dictionary', {
    'a-string': () => bytes('5:hello'),
    'an-integer': () => bytes('i42e'),
    'a-list': () => bytes('le'),
  }),
  ...refused('bencode-unexpected-byte', {
    'a-web-page': () => bytes('<!DOCTYPE html>'),
    'a-byte-order-mark': () => concatBytes([bytes('\xef\xbb\xbf'), single()]),
  }),
  ...refused('bencode-trailing-bytes', {
    'garbage-behind-the-end': () => concatBytes([single(), bytes('garbage')]),
    'a-second-torrent-behind-the-first': () => concatBytes([single(), single()]),
    'a-newline-and-garbage-behind-the-end': () => concatBytes([single(), bytes('\nx')]),
  }),
  ...refused('bencode-too-deep', {
    'ten-million-lists': () => times(10_000_000, 'l'),
    'three-million-dictionaries': () => times(3_333_333, 'd0:'),
    'v2-deep-recursion': () => v2ByHand(`${'1:ad'.repeat(120)}${'e'.repeat(120)}`),
  }),
  ...refused('bencode-too-many-tokens', {
    'three-million-and-more-integers': () => concatBytes([bytes('l'), times(3_100_000, 'i0e'), bytes('e')]),
  }),
  ...refused('bencode-string-too-long', {
    'a-string-of-100-mb-in-20-bytes': () => bytes('d4:info100000000:abce'),
    'a-string-one-byte-too-long': () => bytes('d4:info5:abce'),
    'a-string-of-2^53-bytes': () => bytes('9007199254740992:a'),
  }),
  ...refused('bencode-integer-too-large', {
    'a-length-prefix-of-30-digits': () => bytes(`${'9'.repeat(30)}:a`),
    'an-integer-of-a-thousand-digits': () => bytes(`i${'1'.repeat(1000)}e`),
    'an-integer-above-64-bits': () => single({ length: raw('i18446744073709551616e') }),
    'an-integer-below-64-bits': () => single({ length: raw('i-9223372036854775809e') }),
  }),
  ...refused('bencode-integer-invalid', {
    'an-integer-without-digits': () => bytes('ie'),
    'an-integer-of-a-minus': () => bytes('i-e'),
    'an-integer-with-a-minus-inside': () => bytes('i3-4e'),
    'an-integer-in-hex': () => bytes('i0x10e'),
    'an-integer-with-a-space': () => bytes('i 1e'),
    'an-integer-with-a-plus': () => bytes('i+1e'),
    'a-float': () => bytes('i1.5e'),
  }),
  ...refused('bencode-key-not-string', {
    'an-integer-as-key': () => bytes('di1e1:ae'),
    'a-list-as-key': () => bytes('dle1:ae'),
  }),
  ...refused('bencode-unexpected-byte', {
    'a-key-without-value': () => bytes('d1:ae'),
    'an-end-too-early': () => bytes('e'),
    'a-negative-length-prefix': () => bytes('-1:a'),
  }),
  ...refused('torrent-file-too-long', { 'more-than-10-mb': () => times(10_000_001, 'l') }),

  // The info dictionary
  ...refused('info-missing', {
    'no-info': () => bytes('d8:announce3:urle'),
    'info-is-a-string': () => torrent('hello'),
    'info-is-a-list': () => torrent([1]),
    'info-is-an-integer': () => torrent(1),
  }),
  ...refused('piece-length-invalid', {
    'piece-length-missing': () => single({ 'piece length': undefined }),
    'piece-length-is-a-string': () => single({ 'piece length': '16384' }),
    'piece-length-negative': () => single({ 'piece length': -16_384 }),
    'piece-length-zero': () => single({ 'piece length': 0 }),
    'piece-length-of-2-gib': () => single({ 'piece length': 2 ** 31 }),
    'piece-length-above-2^53': () => single({ 'piece length': raw('i9007199254740993e') }),
    'v2-piece-length-no-power-of-two': () => v2({ a: leaf(5) }, { 'piece length': 32_767 }),
    'v2-piece-length-of-2-gib': () => v2({ a: leaf(5) }, { 'piece length': 2_147_483_647 }),
    'v2-piece-length-below-16-kib': () => v2({ a: leaf(5) }, { 'piece length': 8192 }),
    'v2-piece-length-of-48-kib': () => v2({ a: leaf(5) }, { 'piece length': 49_152 }),
  }),
  ...refused('name-missing', {
    'name-missing': () => single({ name: undefined }),
    'name-is-an-integer': () => single({ name: 5 }),
    'name-is-a-list': () => folder([file(['a'])], { name: ['temp'] }),
    'name-key-overwritten-with-nuls': () => single({ name: undefined, '\0\0\0\0': 'fives' }),
  }),
  ...refused('meta-version-unsupported', {
    'meta-version-3': () => v2({ a: leaf(5) }, { 'meta version': 3 }),
    'meta-version-1': () => v2({ a: leaf(5) }, { 'meta version': 1 }),
    'meta-version-0': () => single({ 'meta version': 0 }),
    'meta-version-negative': () => single({ 'meta version': -2 }),
    'meta-version-is-a-string': () => v2({ a: leaf(5) }, { 'meta version': '2' }),
  }),
  ...refused('meta-version-missing', {
    'file-tree-without-meta-version': () => single({ 'file tree': { temp: leaf(425) } }),
  }),

  // v1: lengths, files and hashes
  ...refused('file-length-invalid', {
    'length-negative': () => single({ length: -425 }),
    'length-missing': () => single({ length: undefined }),
    'length-is-a-string': () => single({ length: '425' }),
    'length-above-2^53': () => single({ length: raw('i9007199254740993e') }),
    'file-length-negative': () => folder([file(['a'], -45)]),
    'file-length-is-a-list': () => folder([{ path: ['a'], length: [100] }]),
    'file-length-missing': () => folder([{ path: ['a'] } as never]),
    'file-lengths-add-up-above-2^53': () =>
      folder([file(['a'], 2 ** 53 - 1), file(['b'], 2 ** 53 - 1)], { pieces: bytes('') }),
    'pad-file-of-2^62': () => folder([file(['a']), { attr: 'p', length: 2n ** 62n }], { pieces: bytes('') }),
    'pad-file-of-2^52': () => folder([file(['a']), { attr: 'p', length: 2 ** 52 }], { pieces: bytes('') }),
  }),
  ...refused('content-empty', {
    'length-zero': () => single({ length: 0, pieces: '' }),
    'all-files-empty': () => folder([file(['a'], 0), file(['b'], 0)]),
    'only-a-pad-file': () => folder([pad(100)]),
    'only-a-link': () => folder([file(['a'], 0, { attr: 'l', 'symlink path': ['b'] })]),
    'v2-all-files-empty': () => v2({ a: leaf(0), b: leaf(0) }),
  }),
  ...refused('no-files', { 'list-of-files-empty': () => folder([]), 'v2-file-tree-empty': () => v2({}) }),
  ...refused('file-entry-invalid', {
    'file-is-a-string': () =>
      torrent({ files: ['a'], name: 'temp', 'piece length': PIECE_LENGTH, pieces: hashesFor(1) }),
    'file-is-a-list': () =>
      torrent({ files: [['a']], name: 'temp', 'piece length': PIECE_LENGTH, pieces: hashesFor(1) }),
  }),
  ...refused('path-missing', {
    'path-missing': () => folder([{ length: 100 }]),
    'path-is-an-empty-list': () => folder([file([])]),
    'path-is-a-string': () => folder([{ path: '../../etc/passwd', length: 100 }]),
    'path-is-a-dictionary': () => folder([{ path: { a: 'b' }, length: 100 }]),
  }),
  ...refused('path-invalid', {
    'integer-in-path': () => folder([{ path: ['a', 5], length: 100 }]),
    'list-in-path': () => folder([{ path: ['a', ['b']], length: 100 }]),
    'list-in-link-target': () =>
      folder([file(['a']), file(['b'], 0, { attr: 'l', 'symlink path': ['a', ['b']] })]),
    'integer-in-link-target': () => folder([file(['a']), file(['b'], 0, { attr: 'l', 'symlink path': [1] })]),
  }),
  ...refused('path-too-deep', {
    'path-of-101-parts': () => folder([file(Array.from({ length: 101 }, () => 'd'))]),
    'path-of-100000-parts': () => folder([file(Array.from({ length: 100_000 }, () => 'd'))]),
    'link-target-of-101-parts': () =>
      folder([
        file(['a']),
        file(['b'], 0, { attr: 'l', 'symlink path': Array.from({ length: 101 }, () => 'd') }),
      ]),
  }),
  ...refused('path-too-long', {
    'path-of-more-than-4096-bytes': () => folder([file(Array.from({ length: 21 }, () => 'n'.repeat(200)))]),
  }),
  ...refused('too-many-duplicate-paths', {
    'same-path-118-times': () => folder(Array.from({ length: 118 }, () => file(['foo', 'bar.txt']))),
    'same-path-but-for-case-and-composition-118-times': () =>
      folder(Array.from({ length: 118 }, (_, i) => file([i % 2 ? 'B\u00c4R' : 'ba\u0308r']))),
    'same-folder-name-118-times': () =>
      folder([file(['foo', 'x']), ...Array.from({ length: 118 }, () => file(['foo']))]),
  }),
  ...refused('pieces-missing', {
    'pieces-missing': () => single({ pieces: undefined }),
    'pieces-is-an-integer': () => single({ pieces: 20 }),
    'pieces-is-a-list': () => single({ pieces: [hashesFor(425)] }),
    'hybrid-pieces-missing': () => hybrid({ a: leaf(100) }, [file(['a'], 100)], { pieces: undefined }),
  }),
  ...refused('pieces-invalid', {
    'pieces-of-24-bytes': () => single({ pieces: 'x'.repeat(24) }),
    'pieces-of-119-bytes': () => single({ pieces: 'x'.repeat(119) }),
    'pieces-of-19-bytes': () => single({ pieces: 'x'.repeat(19) }),
  }),
  ...refused('pieces-count', {
    'pieces-empty': () => single({ pieces: '' }),
    'pieces-too-few': () => single({ length: 5 * PIECE_LENGTH, pieces: hashesFor(4 * PIECE_LENGTH) }),
    'pieces-too-many': () => single({ length: 5 * PIECE_LENGTH, pieces: hashesFor(6 * PIECE_LENGTH) }),
    'pieces-key-twice-with-the-wrong-one-first': () =>
      torrent(
        raw(
          `d6:lengthi425e4:name4:temp12:piece lengthi16384e6:pieces40:${'x'.repeat(40)}6:pieces20:${'x'.repeat(20)}e`,
        ),
      ),
  }),
  ...refused('too-many-pieces', {
    'many-pieces-and-one-hash': () => single({ length: 1_759_218_597_889, pieces: hashesFor(1) }),
    'pieces-of-one-byte': () => single({ length: 2 ** 31, 'piece length': 1, pieces: hashesFor(1) }),
    'pad-file-of-a-petabyte': () =>
      folder([file(['a']), { attr: 'p', length: 2 ** 49 }], { pieces: hashesFor(1) }),
    'v2-many-large-files': () =>
      v2(
        Object.fromEntries(
          Array.from({ length: 16 }, (_, i) => [`f${i}`.padEnd(4, '_'), leaf(TERABYTES - 1)]),
        ),
        {
          'piece length': 4 * 1024 * 1024,
        },
      ),
  }),

  // v2
  ...refused('file-length-invalid', {
    'v2-file-of-17-terabytes': () => v2({ a: leaf(TERABYTES) }, { 'piece length': 4 * 1024 * 1024 }),
    'v2-length-missing': () => v2({ a: { '': { 'pieces root': SOME_ROOT } } }),
    'v2-length-negative': () => v2({ a: leaf(-5) }),
    'v2-length-is-a-string': () => v2({ a: { '': { length: '5', 'pieces root': SOME_ROOT } } }),
    'v2-link-without-attribute': () => v2({ a: { '': { 'symlink path': ['b'] } } }),
  }),
  ...refused('file-tree-missing', {
    'v2-without-file-tree': () => v2(raw('0:')),
    'v2-file-tree-is-a-list': () => v2([]),
  }),
  ...refused('file-tree-invalid', {
    'v2-file-without-its-leaf': () => v2({ a: { length: 5, 'pieces root': SOME_ROOT } }),
    'v2-folder-without-a-name': () => v2({ '': { a: leaf(5) } }),
    'v2-root-is-a-file': () => v2({ '': { length: 5, 'pieces root': SOME_ROOT } }),
    'v2-leaf-with-siblings': () => v2({ a: { '': { length: 5, 'pieces root': SOME_ROOT }, b: leaf(5) } }),
    'v2-leaf-is-a-string': () => v2({ a: { '': 'file' } }),
    'v2-entry-is-an-integer': () => v2({ a: 5 }),
    'v2-folder-without-a-name-below': () => v2({ a: { '': { b: { '': { length: 5 } } }, b: leaf(5) } }),
  }),
  ...refused('pieces-root-missing', {
    'v2-root-missing': () => v2({ a: { '': { length: 5 } } }),
    'v2-root-missing-beside-a-link-target-that-means-nothing': () =>
      v2({ a: { '': { length: 5, 'symlink path': ['b'] } } }),
    'v2-root-of-31-bytes': () => v2({ a: { '': { length: 5, 'pieces root': SOME_ROOT.subarray(1) } } }),
    'v2-root-is-an-integer': () => v2({ a: { '': { length: 5, 'pieces root': 5 } } }),
    'v2-root-of-zeros': () => v2({ a: { '': { length: 100_000, 'pieces root': new Uint8Array(32) } } }),
    'v2-root-of-zeros-in-a-small-file': () =>
      v2({ a: { '': { length: 5, 'pieces root': new Uint8Array(32) } } }),
  }),
  ...refused('pad-file-in-tree', {
    'v2-pad-file-in-the-tree': () => v2({ a: leaf(5), b: leaf(5, { attr: 'p' }) }),
  }),
  ...refused('bencode-unsorted-keys', {
    'v2-files-not-in-order': () => v2ByHand(`1:b${LEAF_BY_HAND}1:a${LEAF_BY_HAND}`),
    'v2-info-keys-not-in-order': () =>
      torrent(raw(`d12:meta versioni2e9:file treed1:a${LEAF_BY_HAND}e4:name4:temp12:piece lengthi16384ee`)),
  }),
  ...refused('bencode-duplicate-key', {
    'v2-file-twice': () => v2ByHand(`1:a${LEAF_BY_HAND}1:a${LEAF_BY_HAND}`),
    'v2-meta-version-twice': () =>
      torrent(
        raw(
          `d9:file treed1:a${LEAF_BY_HAND}e12:meta versioni2e12:meta versioni3e4:name4:temp12:piece lengthi16384ee`,
        ),
      ),
  }),
  ...refused('bencode-overlong-integer', {
    'v2-integer-with-a-leading-zero': () => v2ByHand(`1:a${LEAF_BY_HAND}`, 'i016384e'),
    'v2-integer-minus-zero': () => v2ByHand('1:ad0:d6:lengthi-0eee'),
    'v2-string-length-with-a-leading-zero': () => v2ByHand(`01:a${LEAF_BY_HAND}`),
  }),
  ...refused('piece-layers-invalid', {
    'v2-piece-layers-are-a-list': () => v2WithLayers(() => []),
    'v2-piece-layers-are-a-string': () => v2WithLayers(() => 'layers'),
    'v2-piece-layer-is-an-integer': () => v2WithLayers(({ root }) => new Map([[latin1(root), 5]])),
  }),
  ...refused('piece-layer-key-invalid', {
    'v2-piece-layer-key-of-33-bytes': () =>
      v2WithLayers(({ root, layer }) => new Map([[`${latin1(root)}x`, layer]])),
    'v2-piece-layer-key-empty': () => v2WithLayers(({ layer }) => ({ '': layer })),
  }),
  ...refused('piece-layer-unknown', {
    'v2-piece-layer-of-no-file': () =>
      v2WithLayers(
        ({ root, layer }) =>
          new Map([
            [latin1(root), layer],
            ['x'.repeat(32), layer],
          ]),
      ),
    'v2-piece-layer-of-a-file-that-fits-into-a-piece': () =>
      v2({ a: leaf(5) }, {}, { 'piece layers': new Map([[latin1(SOME_ROOT), SOME_ROOT]]) }),
    'v2-piece-layer-of-zeros': () => v2WithLayers(({ layer }) => new Map([['\0'.repeat(32), layer]])),
  }),
  ...refused('piece-layer-size-invalid', {
    'v2-piece-layer-of-97-bytes': () =>
      v2WithLayers(({ root, layer }) => new Map([[latin1(root), concatBytes([layer, bytes('x')])]])),
    'v2-piece-layer-too-long': () => v2WithLayers(({ root }) => new Map([[latin1(root), layerOf(4).layer]])),
    'v2-piece-layer-too-short': () => v2WithLayers(({ root }) => new Map([[latin1(root), layerOf(2).layer]])),
    'v2-piece-layer-empty': () => v2WithLayers(({ root }) => new Map([[latin1(root), bytes('')]])),
  }),
  ...refused('piece-layer-mismatch', {
    'v2-piece-layer-of-other-content': () =>
      v2WithLayers(({ root }) => new Map([[latin1(root), new Uint8Array(96).fill(9)]])),
  }),
  ...refused('pieces-root-inconsistent', {
    'v2-one-root-for-two-lengths': () => v2({ a: leaf(2 * PIECE_LENGTH), b: leaf(3 * PIECE_LENGTH) }),
  }),

  // Hybrids
  ...refused('files-inconsistent', {
    'hybrid-with-another-length': () =>
      hybrid({ a: leaf(100), b: leaf(100) }, [file(['a'], 100), pad(16_284), file(['b'], 99)]),
    'hybrid-with-another-name': () =>
      hybrid({ a: leaf(100), b: leaf(100) }, [file(['a'], 100), pad(16_284), file(['c'], 100)]),
    'hybrid-with-another-order': () =>
      hybrid({ a: leaf(100), b: leaf(101) }, [file(['b'], 101), pad(16_283), file(['a'], 100)]),
    'hybrid-without-pads': () => hybrid({ a: leaf(100), b: leaf(100) }, [file(['a'], 100), file(['b'], 100)]),
    'hybrid-with-a-pad-too-short': () =>
      hybrid({ a: leaf(100), b: leaf(100) }, [file(['a'], 100), pad(16_000), file(['b'], 100)]),
    'hybrid-with-a-pad-of-two-pieces': () =>
      hybrid({ a: leaf(100), b: leaf(100) }, [file(['a'], 100), pad(32_668), file(['b'], 100)]),
    'hybrid-with-a-pad-in-front': () => hybrid({ a: leaf(100) }, [pad(16_384), file(['a'], 100)]),
    'hybrid-with-a-pad-of-a-piece-behind': () => hybrid({ a: leaf(100) }, [file(['a'], 100), pad(32_668)]),
    'hybrid-with-one-file-more-in-v1': () => hybrid({ a: leaf(100) }, [file(['a'], 100), file(['b'], 100)]),
    'hybrid-with-one-file-more-in-v2': () => hybrid({ a: leaf(100), b: leaf(100) }, [file(['a'], 100)]),
    'hybrid-with-an-empty-file-more-in-v1': () =>
      hybrid({ a: leaf(100) }, [file(['a'], 100), file(['b'], 0)]),
    'hybrid-with-an-empty-file-more-in-v2': () => hybrid({ a: leaf(100), b: leaf(0) }, [file(['a'], 100)]),
    'hybrid-with-a-link-to-another-place': () =>
      hybrid({ a: leaf(100), b: { '': { attr: 'l', 'symlink path': ['a'] } } }, [
        file(['a'], 100),
        file(['b'], 0, { attr: 'l', 'symlink path': ['c'] }),
      ]),
    'hybrid-single-with-another-name': () =>
      v2({ other: leaf(100) }, { length: 100, pieces: hashesFor(100) }),
    'hybrid-single-of-two-files': () =>
      v2({ other: leaf(100), temp: leaf(100) }, { length: 100, pieces: hashesFor(100) }),
  }),
  ...refused('pieces-count', {
    'hybrid-without-the-hash-of-a-piece': () =>
      hybrid({ a: leaf(100), b: leaf(100) }, [file(['a'], 100), pad(16_284), file(['b'], 100)], {
        pieces: hashesFor(1),
      }),
  }),
]

function latin1(root: Uint8Array): string {
  return String.fromCharCode(...root)
}
