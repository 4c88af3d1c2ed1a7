import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StorageError } from '../../../src/core/errors.ts'
import { isPassingFault } from '../../../src/core/passing-fault.ts'

test('a disk that is full or not mounted may be there again', () => {
  for (const code of ['storage-full', 'storage-unmounted', 'storage-read-only', 'storage-denied'])
    assert.ok(isPassingFault(new StorageError(code, 'in a while perhaps')), code)
})

test('a file that is gone or broken does not come back by itself', () => {
  for (const code of ['file-missing', 'file-truncated', 'storage-io-failed', 'state-newer'])
    assert.ok(!isPassingFault(new StorageError(code, 'for good')), code)
})
