import { spawnSync } from 'node:child_process'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A small file system of its own that can be made to hang: whoever writes there waits until it is let go on. */
export class HangingDisk {
  readonly folder: string
  #hangs = false

  /** Throws where it cannot be had: it needs root, mkfs.ext4, a loop device, mount and fsfreeze. `place`: an empty folder. */
  constructor(place: string, size: number) {
    this.folder = join(place, 'disk')
    mkdirSync(this.folder)
    const image = join(place, 'disk.img')
    writeFileSync(image, '')
    truncateSync(image, size)
    must('mkfs.ext4', ['-q', '-F', image])
    must('mount', ['-o', 'loop', image, this.folder])
  }

  hang(): void {
    must('fsfreeze', ['--freeze', this.folder])
    this.#hangs = true
  }

  goOn(): void {
    if (!this.#hangs) return
    must('fsfreeze', ['--unfreeze', this.folder])
    this.#hangs = false
  }

  /** Nobody may use it any more. */
  remove(): void {
    this.goOn()
    must('umount', [this.folder])
  }
}

/** Null where a hanging disk can be had; else why not. */
export function whyNoHangingDisk(): string | null {
  if (process.getuid?.() !== 0) return 'a disk that hangs needs root'
  for (const program of ['mkfs.ext4', 'mount', 'fsfreeze'])
    if (spawnSync(program, ['-V']).error) return `no ${program}`
  return null
}

function must(program: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`)
}
