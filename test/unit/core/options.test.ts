import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineOptions, describeOptions } from '../../../src/core/options.ts'

describe('options', () => {
  const options = defineOptions('some area', {
    port: [6881, 'where to listen'],
    isSequential: [false, 'pieces in order'],
    bind: [null as string | null, 'which address'],
  })

  it('are plain defaults that nobody changes', () => {
    const port: number = options.port
    assert.equal(port, 6881)
    assert.deepEqual({ ...options }, { port: 6881, isSequential: false, bind: null })
    assert.ok(Object.isFrozen(options))
  })

  it('tell what they are for', () => {
    assert.deepEqual(describeOptions(options)?.[0], {
      area: 'some area',
      name: 'port',
      fallback: 6881,
      why: 'where to listen',
    })
    assert.equal(describeOptions(options)?.length, 3)
  })

  it('are told from any other table', () => {
    assert.equal(describeOptions({}), null)
  })
})
