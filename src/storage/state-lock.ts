/**
 * One program at a time in a state folder: a file that names the process which holds it. It is taken over when that
 * process is gone, which a boot id and the time the process started make certain even where its number was given to
 * another (Linux; elsewhere the number alone has to do).
 */

import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { StorageError } from '../core/errors.ts'
import { diskFault } from './disk-fault.ts'

interface Holder {
  readonly pid: number
  readonly bootId: string | null
  /** In clock ticks since the boot. */
  readonly startedAt: string | null
}

/** A process that was just killed takes a moment to be gone, with its threads and memory. */
const ATTEMPTS = 10
const BETWEEN_ATTEMPTS = 100

export class StateLock {
  readonly #path: string
  readonly #content: string

  private constructor(path: string, content: string) {
    this.#path = path
    this.#content = content
  }

  /** Rejects with `state-locked` while another process (or this one) holds it. */
  static async take(folder: string): Promise<StateLock> {
    const path = join(folder, 'lock')
    const content = `${JSON.stringify(await holderOf(process.pid))}\n`
    let found: string | null = null
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await create(path, content)) return new StateLock(path, content)
      found = await readText(path)
      if (found === null) continue
      if (await isHeld(found)) await pause(BETWEEN_ATTEMPTS)
      else await takeAway(path, found)
    }
    throw lockedError(folder, found)
  }

  /** Gives it up. Does nothing where it was taken over. */
  async release(): Promise<void> {
    if ((await readText(this.#path)) === this.#content) await rm(this.#path, { force: true })
  }
}

/** False where there is one already. */
async function create(path: string, content: string): Promise<boolean> {
  // Written aside and linked, so that nobody ever sees a lock without content.
  const aside = `${path}.${process.pid}`
  try {
    await writeFile(aside, content, { mode: 0o600 })
    await link(aside, path)
    return true
  } catch (error) {
    if (isExisting(error)) return false
    if (!isWithoutLinks(error)) throw diskFault(error, path)
    return createInPlace(path, content)
  } finally {
    await rm(aside, { force: true })
  }
}

/** For file systems without hard links. */
async function createInPlace(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (isExisting(error)) return false
    throw diskFault(error, path)
  }
}

/** Moves a stale lock away; where somebody else was faster, it is his that was moved, and it goes back. */
async function takeAway(path: string, stale: string): Promise<void> {
  const aside = `${path}.stale.${process.pid}`
  try {
    await rename(path, aside)
  } catch {
    return // Somebody else has moved it.
  }
  if ((await readText(aside)) !== stale) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}

async function isHeld(content: string): Promise<boolean> {
  const holder = parseHolder(content)
  if (holder === null || !isAlive(holder.pid)) return false
  const now = await holderOf(holder.pid)
  if (holder.bootId !== null && now.bootId !== null && holder.bootId !== now.bootId) return false
  if (now.isDead) return false
  return holder.startedAt === null || now.startedAt === null || holder.startedAt === now.startedAt
}

function parseHolder(content: string): Holder | null {
  try {
    const value: unknown = JSON.parse(content)
    if (typeof value !== 'object' || value === null || !('pid' in value) || typeof value.pid !== 'number')
      return null
    const bootId = 'bootId' in value && typeof value.bootId === 'string' ? value.bootId : null
    const startedAt = 'startedAt' in value && typeof value.startedAt === 'string' ? value.startedAt : null
    return { pid: value.pid, bootId, startedAt }
  } catch {
    return null
  }
}

async function holderOf(pid: number): Promise<Holder & { readonly isDead?: boolean }> {
  const bootId = await readText('/proc/sys/kernel/random/boot_id')
  const stat = await readText(`/proc/${pid}/stat`)
  // The second field is the program's name in brackets, which may hold anything; the 22nd is the start time.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
  // Z and X: it has ended, and only its parent has not looked yet.
  const isDead = fields[0] === 'Z' || fields[0] === 'X'
  return { pid, bootId: bootId?.trim() ?? null, startedAt: fields[19] ?? null, ...(isDead && { isDead }) }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return null
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}

function isWithoutLinks(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPERM' || error.code === 'ENOTSUP')
}

function lockedError(folder: string, content: string | null): StorageError {
  const pid = content === null ? null : parseHolder(content)?.pid
  return new StorageError(
    'state-locked',
    `the state folder ${folder} is in use by another shoal${pid ? ` (process ${pid})` : ''}: ` +
      'stop that one, or name another folder with --state',
    { path: folder },
  )
}
