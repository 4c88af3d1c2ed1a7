import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

describe('a session', () => {
  it('does not load the other HTTP client that Node brings along', async () => {
    const node = new URL('../../../src/client/node.ts', import.meta.url).href
    const program = `await import(${JSON.stringify(node)})
      console.log(process.moduleLoadList.filter(name => name.includes('undici')).length)`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 20_000,
    })
    assert.equal(stdout.trim(), '0')
  })
})
