import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Debian's Python, for which its libtorrent is built. */
const PYTHON = '/usr/bin/python3'
const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What a job is given: where it runs, and what it hashes there. */
export interface HashJob {
  /** The file or folder to hash, below `folder`. */
  readonly name: string
  readonly folder: string
  /** A torrent to verify, or where to write one. */
  readonly torrent: string
  readonly pieceLength: number
}

/** One thing that one program can do. */
export interface HashTask {
  readonly name: string
  /** The task whose median this one's is divided into. */
  readonly reference: string
  /** Null where it can run; else what to do. */
  readonly remedy: string | null
  /** Verifies the torrent that the task of this name made. */
  readonly verifies: string | null
  readonly command: (job: HashJob) => readonly string[]
}

/** `build`: the compiled build; `place`: an empty folder for it to be installed in. */
export function hashTasks(build: string, place: string): HashTask[] {
  const shoal = install(build, place)
  const creates = (format: string) => (job: HashJob) => [
    ...[process.execPath, shoal, 'create', job.name, '-o', job.torrent, '--force'],
    ...['--format', format, '--piece-length', String(job.pieceLength)],
  ]
  const verifies = (job: HashJob) => [process.execPath, shoal, 'verify', job.torrent, '--dir', job.folder]
  const task = (name: string, reference: string, command: HashTask['command']): HashTask => ({
    ...{ name, reference, command },
    remedy: null,
    verifies: null,
  })
  const v1 = 'mktorrent -t 2, v1'
  const hybrid = 'libtorrent, hybrid'
  const hasMktorrent = spawnSync('mktorrent', ['-h']).error === undefined
  const hasLibtorrent = spawnSync(PYTHON, ['-c', 'import libtorrent']).status === 0
  return [
    {
      ...task(v1, v1, ({ name, torrent, pieceLength }) => [
        ...['mktorrent', '-t', '2', '-l', String(Math.log2(pieceLength)), '-o', torrent, name],
      ]),
      remedy: hasMktorrent ? null : 'apt-get install mktorrent',
    },
    task('shoal create, v1', v1, creates('v1')),
    { ...task('shoal verify, v1', v1, verifies), verifies: 'shoal create, v1' },
    {
      ...task(hybrid, hybrid, ({ name, torrent, pieceLength }) => [
        ...[PYTHON, fileURLToPath(new URL('libtorrent-create.py', import.meta.url))],
        ...[name, torrent, String(pieceLength)],
      ]),
      remedy: hasLibtorrent ? null : 'apt-get install python3-libtorrent',
    },
    task('shoal create, hybrid', hybrid, creates('hybrid')),
    { ...task('shoal verify, hybrid', hybrid, verifies), verifies: 'shoal create, hybrid' },
  ]
}

/** As `npm install` leaves it: the launcher, the compiled build, no sources. */
function install(build: string, place: string): string {
  if (!existsSync(join(build, 'cli', 'main.js')))
    throw new Error(`no compiled build in ${build}: npm run build`)
  mkdirSync(place)
  cpSync(join(ROOT, 'bin'), join(place, 'bin'), { recursive: true })
  symlinkSync(resolve(build), join(place, 'dist'))
  return join(place, 'bin', 'shoal.js')
}
