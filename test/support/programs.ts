import { spawnSync } from 'node:child_process'

/** Debian's Python, for which its libtorrent is built; another one may come first in the path. */
export const PYTHON = '/usr/bin/python3'

/** Why a program of others cannot be run here; null where it can. */
export function whyNotMktorrent(): string | null {
  return isThere('mktorrent', ['-h']) ? null : 'mktorrent is not installed (apt-get install mktorrent)'
}

export function whyNotTransmissionCreate(): string | null {
  return isThere('transmission-create', ['--version'])
    ? null
    : 'transmission-create is not installed (apt-get install transmission-cli)'
}

export function whyNotLibtorrent(): string | null {
  return spawnSync(PYTHON, ['-c', 'import libtorrent']).status === 0
    ? null
    : 'libtorrent for Python is not installed (apt-get install python3-libtorrent)'
}

export function whyNotTransmission(): string | null {
  return isThere('transmission-daemon', ['--version'])
    ? whyNotTransmissionCreate()
    : 'transmission-daemon is not installed (apt-get install transmission-daemon)'
}

export function whyNotAria2(): string | null {
  return isThere('aria2c', ['--version']) ? null : 'aria2 is not installed (apt-get install aria2)'
}

export function whyNotOpentracker(): string | null {
  return isThere('opentracker', ['-h']) ? null : 'opentracker is not installed (apt-get install opentracker)'
}

export function whyNotTcpdump(): string | null {
  return isThere('tcpdump', ['--version']) ? null : 'tcpdump is not installed (apt-get install tcpdump)'
}

/** Runs a program to its end and gives its standard output; throws what it wrote where it failed. */
export function run(program: string, args: readonly string[], input = ''): string {
  const options = { encoding: 'utf8', maxBuffer: 1 << 26, input } as const
  const { status, stdout, stderr, error } = spawnSync(program, args, options)
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}${stdout}`)
  return stdout
}

/** Runs a Python script that may import libtorrent; its standard output is JSON. */
export function runLibtorrent(script: string, args: readonly string[]): unknown {
  return JSON.parse(run(PYTHON, ['-c', script, ...args]))
}

function isThere(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args).error === undefined
}
