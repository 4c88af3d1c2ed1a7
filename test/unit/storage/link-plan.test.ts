import assert from 'node:assert/strict'
import { it } from 'node:test'
import { planLinks } from '../../../src/storage/link-plan.ts'

function stored(path: string, linkTarget: string | null = null) {
  return { path, length: 0, isPad: false, isExecutable: false, isLink: linkTarget !== null, linkTarget }
}

it('a link holds the way from its own folder to its target', () => {
  const links = planLinks([
    stored('T/l', 'T/a/f'),
    stored('T/b/c/l', 'T/a/f'),
    stored('T/a/l', 'T/a/f'),
    stored('T/b/m', 'T/a'),
    stored('T/ab/l', 'T/a'),
    stored('T/a/f'),
  ])
  assert.deepEqual(
    links.map(({ path, text }) => `${path}: ${text}`),
    ['T/l: a/f', 'T/b/c/l: ../../a/f', 'T/a/l: f', 'T/b/m: ../a', 'T/ab/l: ../a'],
  )
})

it('pads, and links without a target, are no ends of links', () => {
  const pad = { ...stored('T/.pad/5'), isPad: true }
  const nowhere = { ...stored('T/n'), isLink: true }
  assert.deepEqual(planLinks([pad, nowhere, stored('T/l', 'T/.pad/5'), stored('T/m', 'T/n')]), [])
})
