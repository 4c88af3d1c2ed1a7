import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

export type FileSystem = 'ext4' | 'xfs' | 'btrfs'

/** `copies`: what lets a copy of an image be mounted beside it, though both have one id. */
const FILE_SYSTEMS: Readonly<Record<FileSystem, { make: readonly string[]; copies: string }>> = {
  ext4: { make: ['mkfs.ext4', '-q', '-F', '-m', '0'], copies: 'defaults' },
  // Less than 300 MB is for tests, it says.
  xfs: { make: ['mkfs.xfs', '-q', '--unsupported'], copies: 'nouuid' },
  btrfs: {
    make: ['mkfs.btrfs', '-q', '--mixed', '--data', 'single', '--metadata', 'single'],
    copies: 'defaults',
  },
}

/**
 * A disk of its own: an image with a file system, ext4 where nothing else is said, mounted through a loop device. It is
 * unmounted when its block ends, and also when this process ends in any other way. Needs root; `noSmallDisk` says why there
 * can be none.
 */
export class SmallDisk {
  /** Where it is mounted. */
  readonly path: string
  readonly image: string
  /** `/dev/loop…`, of the image that is mounted now. */
  device = ''
  readonly #guards: (() => void)[] = []

  /** An empty disk of so many `mebibytes`, or one that there is an `image` of. */
  constructor(
    options: { folder: string; name?: string; mountOptions?: string; fileSystem?: FileSystem } & (
      | { mebibytes: number }
      | { image: string }
    ),
  ) {
    const { folder, name = 'disk', mountOptions = 'defaults', fileSystem = 'ext4' } = options
    this.path = join(folder, name)
    this.image = 'image' in options ? options.image : join(folder, `${name}.img`)
    mkdirSync(this.path)
    if ('mebibytes' in options) makeFileSystem(this.image, options.mebibytes, fileSystem)
    this.mount(this.image, `${mountOptions},${FILE_SYSTEMS[fileSystem].copies}`)
  }

  /** Mounts an image: the disk's own, or a copy of it as another disk. */
  mount(image: string = this.image, mountOptions = 'defaults'): void {
    this.device = run('losetup', '--find', '--show', image)
    this.#guards.push(guard(this.device, this.path))
    run('mount', '-o', mountOptions, this.device, this.path)
  }

  sync(): void {
    run('sync', '--file-system', this.path)
  }

  /** As pulling it out: also where files on it are open. They go on in a file system that has no name any more. */
  pull(): void {
    run('umount', '--lazy', this.path)
  }

  /** Its raw blocks as they are at this moment, as a power cut would leave them. */
  copyTo(image: string): void {
    copyFileSync(this.image, image)
  }

  /** The kernel finds an error in the file system, and nothing can be written to it any more. */
  goReadOnly(): void {
    // The kernel refuses to count this very write as done: that is the error.
    spawnSync('sh', ['-c', `echo 1 > /sys/fs/ext4/${basename(this.device)}/trigger_fs_error`])
  }

  /** Whoever writes to it waits, for so long; it is thawed also when this process ends meanwhile. */
  hang(seconds: number): void {
    const script = 'fsfreeze --freeze "$0" && sleep "$1"; fsfreeze --unfreeze "$0"'
    spawn('sh', ['-c', script, this.path, String(seconds)], { detached: true, stdio: 'ignore' }).unref()
  }

  [Symbol.dispose](): void {
    for (const letGo of this.#guards) letGo()
  }
}

function makeFileSystem(image: string, mebibytes: number, fileSystem: FileSystem): void {
  writeFileSync(image, '')
  truncateSync(image, mebibytes << 20)
  const [command, ...args] = FILE_SYSTEMS[fileSystem].make
  run(command!, ...args, image)
}

/** False where small disks can be made; else why not. */
export const noSmallDisk: string | false = obstacleTo('ext4', 2)

/** False where such a disk can be made; else why not. */
export function obstacleTo(fileSystem: FileSystem, mebibytes: number): string | false {
  if (process.platform !== 'linux') return 'needs loop devices'
  if (process.getuid?.() !== 0) return 'only root can mount a disk'
  const folder = mkdtempSync(join(tmpdir(), 'shoal-disk-'))
  try {
    using _ = new SmallDisk({ folder, mebibytes, fileSystem })
    return false
  } catch (error) {
    return `no disk with ${fileSystem} can be mounted here: ${String(error)}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Another process that cleans up when it is told to, or when this one is not there any more. */
function guard(device: string, path: string): () => void {
  const cleaning = 'umount --lazy "$1" 2>/dev/null; losetup --detach "$0" 2>/dev/null'
  const script = `trap "" HUP INT TERM; read line; ${cleaning}`
  const { stdin } = spawn('sh', ['-c', script, device, path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  return () => {
    spawnSync('sh', ['-c', cleaning, device, path])
    stdin.destroy()
  }
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}
