/** Links (BEP 47) are to libtorrent what they are to us, and give the same info-hashes. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { formatHex } from '../../src/core/bytes.ts'
import { buildTorrent } from '../../src/metainfo/build.ts'
import { planTorrent, type TorrentFormat } from '../../src/metainfo/plan-torrent.ts'
import { parseTorrentFile } from '../../src/metainfo/torrent-file.ts'
import { hashPlan, testDigest } from '../support/hash-plan.ts'
import { runLibtorrent, whyNotLibtorrent } from '../support/programs.ts'

const FORMATS: readonly TorrentFormat[] = ['v1', 'v2', 'hybrid']
const PIECE_LENGTH = 32_768
let root = ''

before(() => {
  root = mkdtempSync(join(tmpdir(), 'shoal-links-'))
  mkdirSync(join(root, 'set/lib'), { recursive: true })
  writeFileSync(join(root, 'set/lib/so.1'), contentOf(40_000))
  writeFileSync(join(root, 'set/z'), contentOf(7))
  symlinkSync('lib/so.1', join(root, 'set/a'))
})

after(() => rmSync(root, { recursive: true, force: true }))

describe('libtorrent', { skip: whyNotLibtorrent() ?? false }, () => {
  for (const format of FORMATS) {
    test(`sees the same link in ${format}, and gives it the same info-hashes`, () => {
      const plan = planTorrent({
        name: 'set',
        isSingleFile: false,
        format,
        pieceLength: PIECE_LENGTH,
        files: [
          { path: ['a'], length: 0, symlink: ['lib', 'so.1'] },
          { path: ['lib', 'so.1'], length: 40_000 },
          { path: ['z'], length: 7 },
        ],
      })
      const bytes = buildTorrent(
        plan,
        hashPlan(plan, file => contentOf(file.length)),
      )
      const { hashes } = parseTorrentFile(bytes, testDigest).info
      const ours = join(root, `${format}.torrent`)
      writeFileSync(ours, bytes)
      const seen = runLibtorrent(SCRIPT, [root, ours, format, String(PIECE_LENGTH)])
      const hex = [hashes.v1, hashes.v2].map(hash => (hash ? formatHex(hash) : null))
      assert.deepEqual(seen, { links: { 'set/a': 'set/lib/so.1' }, read: hex, made: hex })
    })
  }
})

const SCRIPT = `
import json, sys, libtorrent as lt
root, ours, format, piece_length = sys.argv[1:]
def hashes(info):
    both = info.info_hashes()
    return [str(both.v1) if both.has_v1() else None, str(both.v2) if both.has_v2() else None]
info = lt.torrent_info(ours)
stored = info.files()
links = {stored.file_path(i): stored.symlink(i) for i in range(stored.num_files())
         if stored.file_flags(i) & lt.file_flags_t.flag_symlink}
files = lt.file_storage()
files.add_file('set/a', 0, lt.file_flags_t.flag_symlink, 0, 'lib/so.1')
files.add_file('set/lib/so.1', 40000)
files.add_file('set/z', 7)
flags = {'v1': lt.create_torrent.v1_only, 'v2': lt.create_torrent.v2_only, 'hybrid': 0}[format]
torrent = lt.create_torrent(files, int(piece_length), flags | lt.create_torrent.symlinks)
lt.set_piece_hashes(torrent, root)
made = lt.torrent_info(lt.bdecode(lt.bencode(torrent.generate())))
print(json.dumps({'links': links, 'read': hashes(info), 'made': hashes(made)}))
`

function contentOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i % 251)
}
