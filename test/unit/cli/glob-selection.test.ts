import assert from 'node:assert/strict'
import test from 'node:test'
import { selectionOf } from '../../../src/cli/glob-selection.ts'

const FILES = ['readme.txt', 'video/one.mkv', 'video/extras/cut.mkv', 'video/extras/notes.txt', 'a[1].bin']

function selected(...globs: string[]): string[] {
  return FILES.filter(selectionOf(globs))
}

test('without a glob everything is wanted', () => {
  assert.deepEqual(selected(), FILES)
})

test('a glob without a slash finds names in every folder', () => {
  assert.deepEqual(selected('*.mkv'), ['video/one.mkv', 'video/extras/cut.mkv'])
})

test('a glob with a slash is about the whole path', () => {
  assert.deepEqual(selected('video/*.mkv'), ['video/one.mkv'])
  assert.deepEqual(selected('./video/**/notes.*'), ['video/extras/notes.txt'])
})

test('a folder stands for all that is in it', () => {
  assert.deepEqual(selected('extras'), ['video/extras/cut.mkv', 'video/extras/notes.txt'])
  assert.deepEqual(selected('video/extras/'), ['video/extras/cut.mkv', 'video/extras/notes.txt'])
  assert.deepEqual(selected('video'), ['video/one.mkv', 'video/extras/cut.mkv', 'video/extras/notes.txt'])
})

test('several globs add up, and a name is also taken as it stands', () => {
  assert.deepEqual(selected('a[1].bin', '*.txt'), ['readme.txt', 'video/extras/notes.txt', 'a[1].bin'])
})
