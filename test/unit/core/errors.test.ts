import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  BitTorrentError,
  FormatError,
  ProtocolError,
  StorageError,
  TrackerError,
  UsageError,
} from '../../../src/core/errors.ts'

describe('errors', () => {
  it('carry their kind, their code, their message and their cause', () => {
    const cause = new Error('below')
    for (const Kind of [FormatError, ProtocolError, TrackerError, StorageError, UsageError]) {
      const error = new Kind('some-code', 'what happened', { cause })
      assert.ok(error instanceof BitTorrentError && error instanceof Error)
      assert.equal(error.name, Kind.name)
      assert.equal(error.code, 'some-code')
      assert.equal(error.message, 'what happened')
      assert.equal(error.cause, cause)
      assert.ok(!Object.hasOwn(new Kind('some-code', ''), 'cause'))
    }
  })

  it('have neutral details where none are given', () => {
    assert.equal(new FormatError('c', 'm').offset, -1)
    assert.equal(new ProtocolError('c', 'm').severity, 'disconnect')
    const refusal = new TrackerError('c', 'm')
    assert.deepEqual([refusal.wireText, refusal.retryInSeconds], [null, null])
    const fault = new StorageError('c', 'm')
    assert.deepEqual([fault.path, fault.systemCode], [null, null])
  })

  it('keep the details they are given', () => {
    assert.equal(new FormatError('c', 'm', { offset: 0 }).offset, 0)
    assert.equal(new ProtocolError('c', 'm', { severity: 'ban' }).severity, 'ban')
    const refusal = new TrackerError('c', 'm', { wireText: 'no', retryInSeconds: 60 })
    assert.deepEqual([refusal.wireText, refusal.retryInSeconds], ['no', 60])
    const fault = new StorageError('c', 'm', { path: 'a', systemCode: 'ENOSPC' })
    assert.deepEqual([fault.path, fault.systemCode], ['a', 'ENOSPC'])
  })
})
