import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Scope } from '../../../src/core/scope.ts'
import { classesOf } from '../../../src/swarm/bandwidth-class.ts'

describe('the classes of a peer', () => {
  const EXPECTED: Readonly<Record<Scope, string>> = {
    loopback: 'local',
    'link-local': 'local',
    private: 'local',
    global: 'remote',
    unusable: 'remote',
  }
  for (const [scope, name] of Object.entries(EXPECTED) as [Scope, string][]) {
    it(`are ${name} where its address is ${scope}`, () => {
      assert.deepEqual(classesOf({ scope }), [name])
    })
  }
})
