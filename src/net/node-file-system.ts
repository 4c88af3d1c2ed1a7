import { randomUUID } from 'node:crypto'
import { appendFile, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { StorageError } from '../core/errors.ts'
import type { FileSystem } from '../core/ports.ts'

/**
 * Small whole files on the system's disk; folders are made as they are needed. Rejects with `StorageError`
 * `file-unreadable` or `file-unwritable`.
 */
export const nodeFileSystem: FileSystem = {
  async read(path) {
    try {
      return new Uint8Array(await readFile(path))
    } catch (error) {
      if (isMissing(error)) return null
      throw fault('file-unreadable', `cannot read ${path}`, path, error)
    }
  },

  async replace(path, bytes) {
    const aside = join(dirname(path), `.${basename(path)}.${randomUUID()}`)
    try {
      await mkdir(dirname(path), { recursive: true })
      await writeSynced(aside, bytes)
      await rename(aside, path)
      await syncFolder(dirname(path))
    } catch (error) {
      await rm(aside, { force: true }).catch(() => {})
      throw fault('file-unwritable', `cannot write ${path}`, path, error)
    }
  },

  async append(path, bytes) {
    try {
      await mkdir(dirname(path), { recursive: true })
      await appendFile(path, bytes, { flush: true })
    } catch (error) {
      throw fault('file-unwritable', `cannot write ${path}`, path, error)
    }
  },

  async remove(path) {
    try {
      await rm(path, { force: true })
    } catch (error) {
      throw fault('file-unwritable', `cannot remove ${path}`, path, error)
    }
  },

  async list(folder) {
    try {
      return (await readdir(folder)).sort()
    } catch (error) {
      if (isMissing(error)) return []
      throw fault('file-unreadable', `cannot list ${folder}`, folder, error)
    }
  },
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes a rename durable. Windows has no such thing, and renames are durable there by themselves. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function fault(code: string, what: string, path: string, cause: unknown): StorageError {
  const { code: systemCode, message } = cause as NodeJS.ErrnoException
  const options = { path, cause, ...(systemCode === undefined ? {} : { systemCode }) }
  return new StorageError(code, `${what}: ${message}`, options)
}
