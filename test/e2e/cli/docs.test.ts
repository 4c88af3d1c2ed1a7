import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { buildProgram } from '../../../src/cli/program.ts'

const DOCS = readFileSync(new URL('../../../docs/CLI.md', import.meta.url), 'utf8')

/** Whose flags they have too, as they say. */
const REFERS_TO: Readonly<Record<string, readonly string[]>> = {
  seed: ['create', 'get'],
  publish: ['seed', 'create', 'get'],
}

/** The part about one command. */
function section(command: string): string {
  const start = DOCS.indexOf(`## \`shoal ${command}`)
  assert.ok(start >= 0, `docs/CLI.md has no part about ${command}`)
  return DOCS.slice(start, DOCS.indexOf('\n## ', start + 1))
}

test('docs/CLI.md has every command and every flag, and none that is not there', async () => {
  const program = await buildProgram([], async () => {})
  const known = new Set(['--help', '--version'])
  for (const command of program.commands) {
    const text = section(command.name())
    for (const { long } of command.options) {
      known.add(long!)
      const places = text + (REFERS_TO[command.name()] ?? []).map(section).join('')
      assert.ok(places.includes(long!), `${command.name()} ${long}`)
    }
  }
  for (const [flag] of DOCS.matchAll(/--[a-z][a-z-]+/g)) assert.ok(known.has(flag), `${flag} is not a flag`)
})
