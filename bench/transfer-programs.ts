import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { PeerJob } from './job.ts'

/** Debian's Python, for which its libtorrent is built; another one may come first in the path. */
const PYTHON = '/usr/bin/python3'

/** A program that can take part in a transfer. */
export interface TransferProgram {
  readonly name: string
  /** As it says itself; null where it cannot run here. */
  readonly version: string | null
  /** What to do where it cannot. */
  readonly remedy: string
  readonly isSeed: boolean
  /** It finds the seed through a tracker only, and begins as soon as it is started. */
  readonly needsTracker: boolean
  readonly command: (job: PeerJob) => readonly string[]
  readonly isReady: (line: string) => boolean
  readonly isDone: (line: string) => boolean
}

const TELLS = {
  isSeed: true,
  needsTracker: false,
  isReady: (line: string) => line === '{"type": "ready"}' || line === '{"type":"ready"}',
  isDone: (line: string) => line === '{"type": "done"}' || line === '{"type":"done"}',
}

export function libtorrentProgram(): TransferProgram {
  return {
    ...TELLS,
    name: 'libtorrent',
    version: firstLine(PYTHON, ['-c', 'import libtorrent; print(libtorrent.__version__)']),
    remedy: 'apt-get install python3-libtorrent',
    command: job => [PYTHON, beside('libtorrent-peer.py'), JSON.stringify(job)],
  }
}

/** A compiled build: the folder that `npm run build` makes. */
export function shoalProgram(name: string, build: string): TransferProgram {
  const session = join(build, 'client', 'node.js')
  return {
    ...TELLS,
    name,
    version: existsSync(session) ? `Node ${process.version}` : null,
    remedy: `no compiled build in ${build}: npm run build`,
    command: job => [
      process.execPath,
      beside('shoal-peer.mjs'),
      JSON.stringify({
        ...job,
        build: pathToFileURL(session).href,
        stateFolder: join(job.folder, '..', `${job.role} state`),
      }),
    ],
  }
}

export function aria2Program(): TransferProgram {
  return {
    name: 'aria2',
    version: firstLine('aria2c', ['--version'])?.replace('aria2 version ', '') ?? null,
    remedy: 'apt-get install aria2',
    isSeed: false,
    needsTracker: true,
    command: job => [
      'aria2c',
      '--no-conf',
      `--interface=${job.host}`,
      `--listen-port=${job.port}`,
      '--enable-dht=false',
      '--enable-dht6=false',
      '--bt-enable-lpd=false',
      '--enable-peer-exchange=false',
      `--bt-tracker=${job.trackers.join(',')}`,
      '--file-allocation=none',
      '--disk-cache=64M',
      '--seed-ratio=0.0', // it stays, so that what it cost can be read
      '--summary-interval=0',
      '--show-console-readout=false',
      '--console-log-level=notice',
      '--on-bt-download-complete=/bin/echo', // says the download's id, the number of files, the first of them
      `--dir=${job.folder}`,
      job.torrent,
    ],
    isReady: () => true,
    isDone: line => /^[0-9a-f]{16} 1 \//.test(line),
  }
}

/** Names those that cannot run here and leaves them out; throws where none is left. */
export function programsThatRun(programs: readonly TransferProgram[]): TransferProgram[] {
  for (const { name, version, remedy } of programs)
    if (version === null) console.error(`${name} cannot take part (${remedy}): it is left out`)
  const left = programs.filter(({ version }) => version !== null)
  if (left.length === 0) throw new Error('nothing is left to measure')
  return left
}

function firstLine(program: string, args: readonly string[]): string | null {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? (stdout.split('\n', 1)[0] ?? null) : null
}

function beside(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}
