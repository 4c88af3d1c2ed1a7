/** What `shoal doctor` makes of what was looked at: pure, one function a matter. */

import { type Address, formatAddress, scopeOf } from '../core/address.ts'
import { formatLength } from '../core/quantities.ts'
import type { PortMapping } from '../portmap/port-mapping.ts'

export type Verdict = 'ok' | 'warn' | 'fail' | 'skipped'

export interface Finding {
  /** What was looked at: `node`, `files`, `ports`, `mapping`, `disk`, `trackers`, `clock`. */
  readonly check: string
  readonly verdict: Verdict
  /** What is, or what is wrong. */
  readonly message: string
  /** What to do; null where nothing is to be done. */
  readonly advice: string | null
}

const OLDEST_NODE = [24, 11] as const
/** A session has up to 328 connections, and each torrent its files. */
const FEW_FILES = 1024
const TOO_FEW_FILES = 256
const LITTLE_ROOM = 1 << 30
const SLOW_SYNC = 1000
/** HTTPS and signed URLs bear about five minutes. */
const CLOCK_SLACK_SECONDS = 120

/** `version`: as `process.versions.node` has it. */
export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNew = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
  if (isNew) return ok('node', `Node ${version}`)
  return bad('fail', 'node', `Node ${version} is too old`, `install Node ${OLDEST_NODE.join('.')} or newer`)
}

/** `limit`: files that the process may have open; Infinity for any number, null where the system does not say. */
export function filesFinding(limit: number | null): Finding {
  if (limit === null) return skipped('files', 'the system sets no limit that could be read')
  const message = `${Number.isFinite(limit) ? limit : 'any number of'} files and connections may be open at a time`
  if (limit >= FEW_FILES) return ok('files', message)
  return bad(
    limit < TOO_FEW_FILES ? 'fail' : 'warn',
    'files',
    `${message}: too few for many torrents`,
    'raise the limit before you start shoal: ulimit -n 4096 (with systemd: LimitNOFILE=4096)',
  )
}

/** `refusal`: why nothing could be listened at. */
export function portsFinding(listening: readonly Address[], refusal: Error | null): Finding {
  if (refusal)
    return bad('fail', 'ports', refusal.message, 'choose another port with --port, or stop the other program')
  if (listening.length === 0) return bad('fail', 'ports', 'nothing is listened at', 'give another --bind')
  return ok('ports', `free for TCP and UDP: ${listening.map(formatAddress).join(', ')}`)
}

/** How routers stand to the ports. */
export interface MappingProbe {
  readonly mappings: readonly PortMapping[]
  /** Why there is none; null where nobody was to be asked. */
  readonly failure: string | null
}

const FORWARD_BY_HAND =
  'switch on UPnP or NAT-PMP in the router, or forward the port for TCP and UDP there by hand and give it with --port'

/** `probe`: null where `--no-port-map` was said. */
export function mappingFinding(probe: MappingProbe | null): Finding {
  if (probe === null) return skipped('mapping', 'the router was not asked, as --no-port-map says')
  const { mappings, failure } = probe
  const first = mappings.find(({ transport }) => transport === 'tcp') ?? mappings[0]
  if (first) return mappedFinding(first, mappings)
  if (failure !== null) return bad('warn', 'mapping', failure, FORWARD_BY_HAND)
  return skipped('mapping', 'no router stands before the addresses that are listened at')
}

function mappedFinding(first: PortMapping, all: readonly PortMapping[]): Finding {
  const { externalHost, externalPort, gateway, method } = first
  const transports = [...new Set(all.map(({ transport }) => transport.toUpperCase()))]
  const at = externalHost === null ? `its port ${externalPort}` : `${externalHost} port ${externalPort}`
  const message = `the router ${gateway} forwards ${at} (${transports.join(' and ')}, ${method})`
  if (externalHost !== null && scopeOf(externalHost) !== 'global')
    return bad(
      'warn',
      'mapping',
      `${message}, but that address is private: another router stands before it, and nobody comes in from outside`,
      'forward the port on the other router too, or set one of them to bridge mode; where it is the provider that does this (CGNAT), ask for an address of your own',
    )
  if (transports.length < 2) return bad('warn', 'mapping', `${message} alone`, FORWARD_BY_HAND)
  return ok('mapping', message)
}

/** One folder, as it was found. */
export interface FolderProbe {
  /** What it is for: `target`, `state`. */
  readonly name: string
  readonly path: string
  /** Why it cannot be written to, or null. */
  readonly error: string | null
  /** Bytes; null where the system does not say. */
  readonly free: number | null
  /** What `statfs` says. */
  readonly fileSystem: number | null
  /** How long it took until a small file was on the disk, ms. */
  readonly syncTime: number | null
}

/** By the magic numbers of Linux (`statfs(2)`); others say other numbers, and nothing is made of them. */
const FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'XFS'],
  [0x9123683e, 'Btrfs'],
  [0x2fc12fc1, 'ZFS'],
  [0xf2f52010, 'F2FS'],
  [0x794c7630, 'overlay'],
  [0x01021994, 'tmpfs'],
  [0x4d44, 'FAT'],
  [0x2011bab0, 'exFAT'],
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x65735546, 'FUSE'],
  [0x5346544e, 'NTFS'],
])
const OF_THE_NETWORK = new Set(['NFS', 'CIFS', 'SMB'])

export function folderFinding(probe: FolderProbe): Finding {
  const check = `${probe.name} folder`
  if (probe.error !== null)
    return bad(
      'fail',
      check,
      `${probe.path}: ${probe.error}`,
      'make it, mount it, or let this user write there',
    )
  const kind = FILE_SYSTEMS.get(probe.fileSystem ?? 0) ?? null
  const message = [
    probe.path,
    ...(kind === null ? [] : [kind]),
    ...(probe.free === null ? [] : [`${formatLength(probe.free)} free`]),
    ...(probe.syncTime === null ? [] : [`synced in ${Math.round(probe.syncTime)} ms`]),
  ].join(', ')
  const [trouble, advice] = troubleOf(probe, kind)
  return trouble === null ? ok(check, message) : bad('warn', check, `${message}: ${trouble}`, advice)
}

function troubleOf({ free, syncTime }: FolderProbe, kind: string | null): [string | null, string] {
  if (free !== null && free < LITTLE_ROOM)
    return [
      'there is little room',
      'free some space; downloads wait while the disk is full, and go on by themselves',
    ]
  if (kind === 'FAT') return ['it takes no file of 4 GiB or more', 'use exFAT, NTFS or ext4 for large files']
  if (kind === 'tmpfs')
    return ['it is memory, and gone at the next start of the machine', 'choose a folder on a disk']
  if (kind !== null && OF_THE_NETWORK.has(kind))
    return [
      'it is another machine’s: slow, and away when the network is',
      'choose a disk of this machine where you can',
    ]
  if (syncTime !== null && syncTime > SLOW_SYNC)
    return ['that is slow', 'see what else writes there, and whether the disk is well']
  return [null, '']
}

/** What one tracker did when it was asked. `error`: null where it answered. */
export interface TrackerProbe {
  readonly tracker: string
  readonly error: string | null
}

/** `probes`: null where no torrent was named. */
export function trackerFindings(probes: readonly TrackerProbe[] | null): Finding[] {
  if (probes === null)
    return [skipped('trackers', 'name a torrent to have its trackers asked: shoal doctor TORRENT')]
  if (probes.length === 0) return [skipped('trackers', 'the torrent names none')]
  const isAnyThere = probes.some(({ error }) => error === null)
  return probes.map(({ tracker, error }) =>
    error === null
      ? ok('trackers', `${tracker} answers`)
      : bad(
          isAnyThere ? 'warn' : 'fail',
          'trackers',
          error.includes(tracker) ? error : `${tracker}: ${error}`,
          'see whether its address is right and the network lets you through; name another with --tracker',
        ),
  )
}

/** `seconds`: by how much our clock is ahead of a server's; null where none could be asked. */
export function clockFinding(seconds: number | null): Finding {
  if (seconds === null)
    return skipped('clock', 'no web server told the time: trackers over HTTP do, where one is named')
  const off = Math.round(Math.abs(seconds))
  if (off <= CLOCK_SLACK_SECONDS) return ok('clock', `${off} s off`)
  return bad(
    'warn',
    'clock',
    `the clock of this machine is ${off} s ${seconds > 0 ? 'ahead' : 'behind'}`,
    'set it, best by NTP: https does not work with a wrong one',
  )
}

function ok(check: string, message: string): Finding {
  return { check, verdict: 'ok', message, advice: null }
}

function skipped(check: string, message: string): Finding {
  return { check, verdict: 'skipped', message, advice: null }
}

function bad(verdict: 'warn' | 'fail', check: string, message: string, advice: string): Finding {
  return { check, verdict, message, advice }
}
