import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { describe, it } from 'node:test'
import { StorageError } from '../../../src/core/errors.ts'
import { isPassingFault } from '../../../src/core/passing-fault.ts'
import { diskFault, packFault, unpackFault } from '../../../src/storage/disk-fault.ts'

const CODES: readonly [systemCode: string, code: string, isPassing: boolean][] = [
  ['ENOENT', 'file-missing', false],
  ['ENOSPC', 'storage-full', true],
  ['EDQUOT', 'storage-full', true],
  ['EROFS', 'storage-read-only', true],
  ['EACCES', 'storage-denied', true],
  ['EPERM', 'storage-denied', true],
  ['EMFILE', 'storage-too-many-open-files', true],
  ['ENFILE', 'storage-too-many-open-files', true],
  ['EIO', 'storage-io-failed', false],
  ['ESTALE', 'storage-io-failed', false],
  ['EFBIG', 'file-too-large', false],
  ['ENAMETOOLONG', 'file-name-too-long', false],
  ['ELOOP', 'file-is-link', false],
  ['EISDIR', 'file-not-regular', false],
  ['ENOTDIR', 'file-not-regular', false],
  ['EWHATEVER', 'storage-failed', false],
]

describe('diskFault', () => {
  for (const [systemCode, code, isPassing] of CODES) {
    it(`says ${code} for ${systemCode}`, () => {
      const fault = diskFault(Object.assign(new Error('no'), { code: systemCode }), '/some/file')
      assert.ok(fault instanceof StorageError)
      assert.equal(fault.code, code)
      assert.equal(fault.path, '/some/file')
      assert.match(fault.message, /\/some\/file/)
      assert.equal(isPassingFault(fault), isPassing)
    })
  }

  for (const name of ['EDQUOT', 'ESTALE'] as const) {
    it(`knows ${name} by the name that Node gives what libuv has none for`, () => {
      const code = `Unknown system error -${constants.errno[name]}`
      const fault = diskFault(Object.assign(new Error(code), { code }), '/some/file')
      assert.equal(fault.systemCode, name)
      assert.notEqual(fault.code, 'storage-failed')
    })
  }

  it('has an answer for anything else that is thrown', () => {
    for (const thrown of [new RangeError('odd'), 'text', null, undefined, 5]) {
      assert.equal(diskFault(thrown, '/x').code, 'storage-failed')
    }
  })

  it('leaves a StorageError as it is', () => {
    const error = new StorageError('file-truncated', 'short')
    assert.equal(diskFault(error, '/x'), error)
  })
})

describe('a fault', () => {
  it('is the same on the other side of a thread', () => {
    const fault = diskFault(Object.assign(new Error('no'), { code: 'ENOSPC' }), '/some/file')
    const arrived = unpackFault(structuredClone(packFault(fault)))
    assert.ok(arrived instanceof StorageError)
    const { code, message, path, systemCode } = arrived
    assert.deepEqual(
      { code, message, path, systemCode },
      { code: fault.code, message: fault.message, path: '/some/file', systemCode: 'ENOSPC' },
    )
  })

  it('may be without path and system code', () => {
    const arrived = unpackFault(packFault(new StorageError('storage-failed', 'no')))
    assert.deepEqual([arrived.path, arrived.systemCode], [null, null])
  })
})
