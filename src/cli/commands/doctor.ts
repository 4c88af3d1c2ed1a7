/** `shoal doctor [TORRENT]`: looks at what shoal needs of this machine and network, and says what to do. */

import { type Command, Option } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { swarmKeys } from '../../core/ids.ts'
import { printable } from '../../core/printable.ts'
import { defaultStateFolder } from '../../storage/state-folder.ts'
import type { CliSession } from '../cli-session.ts'
import { type CommandContext, pathOf, type RunCommand } from '../command-context.ts'
import {
  clockFinding,
  type Finding,
  filesFinding,
  folderFinding,
  mappingFinding,
  nodeFinding,
  portsFinding,
  trackerFindings,
  type Verdict,
} from '../doctor-findings.ts'
import { openFilesLimit, probeClock, probeFolder, probeMapping, probeTracker } from '../doctor-probes.ts'
import { EXIT_DONE, EXIT_FAILED, type ExitCode } from '../exit-code.ts'
import { type LoadedSource, loadSource } from '../load-source.ts'
import { addPortMapOption, listenAddresses } from '../network-options.ts'
import { readHost, readPort, valueOption } from '../option-parsers.ts'
import type { Output, Style } from '../output.ts'

interface DoctorFlags {
  readonly dir: string
  readonly state?: string
  readonly bind?: string
  readonly port?: number
  readonly portMap: boolean
}

/** A tracker with its swarms. */
interface Asked {
  readonly trackers: readonly string[]
  readonly source: LoadedSource
}

const CLOCKS_ASKED = 3
const TRACKERS_ASKED = 20

export function addDoctorCommand(program: Command, run: RunCommand): void {
  const command = program
    .command('doctor')
    .argument('[TORRENT]', 'a torrent file, a magnet link or a URL, to have its trackers asked')
    .summary('look at what shoal needs of this machine')
    .description(
      'Looks at ports, router, disks, limits, and the trackers of a torrent: what is wrong, and what to do. Ends with 1 ' +
        'where something fails.',
    )
    .addOption(new Option('--dir <DIR>', 'the folder that downloads go to').default('.', 'this folder'))
    .option('--state <DIR>', 'the folder for what is remembered (default: ~/.local/state/shoal)')
    .addOption(valueOption('--bind <ADDR>', 'listen on this IP address of this machine', readHost))
    .addOption(
      valueOption('--port <N>', 'listen on this port (default: 6881 or the next that is free)', readPort),
    )
  addPortMapOption(command)
    .option('--json', 'print JSON')
    .action((source: string | undefined, flags: DoctorFlags) =>
      run(context => doctor(context, source, flags)),
    )
}

async function doctor(
  context: CommandContext,
  source: string | undefined,
  flags: DoctorFlags,
): Promise<ExitCode> {
  const { output, environment, signal } = context
  const asked = source === undefined ? null : await trackersOf(source, context)
  const all: Finding[] = []
  const tell = (...findings: Finding[]): void => {
    signal.throwIfAborted()
    for (const finding of findings) tellFinding(output, finding)
    all.push(...findings)
  }
  tell(nodeFinding(process.versions.node), filesFinding(openFilesLimit()))
  const state = flags.state ? pathOf(context, flags.state) : defaultStateFolder(environment.variables)
  tell(folderFinding(await probeFolder('target', pathOf(context, flags.dir), { mayBeMade: false })))
  tell(folderFinding(await probeFolder('state', state, { mayBeMade: true })))
  await probeNetwork(context, flags, asked, tell)
  const http = (asked?.trackers ?? []).filter(url => /^https?:/i.test(url)).slice(0, CLOCKS_ASKED)
  tell(clockFinding(await probeClock(http, signal)))
  const count = (verdict: Verdict): number => all.filter(finding => finding.verdict === verdict).length
  const [failed, warned] = [count('fail'), count('warn')]
  output.event({ type: 'done', isGood: failed === 0, failed, warned })
  output.say(failed + warned === 0 ? 'All is well.' : `${failed} failed, ${warned} to look at.`)
  return failed === 0 ? EXIT_DONE : EXIT_FAILED
}

async function trackersOf(text: string, context: CommandContext): Promise<Asked> {
  const source = await loadSource(text, context)
  const trackers = source.kind === 'magnet' ? source.magnet.trackers : source.torrent.trackers.flat()
  return { source, trackers: [...new Set(trackers)].slice(0, TRACKERS_ASKED) }
}

/** With a session that listens as a real one would. */
async function probeNetwork(
  { environment, signal }: CommandContext,
  flags: DoctorFlags,
  asked: Asked | null,
  tell: (...findings: Finding[]) => void,
): Promise<void> {
  const isChosen = flags.bind !== undefined || flags.port !== undefined
  const listen = isChosen ? { listen: listenAddresses(flags.bind, flags.port) } : {}
  let session: CliSession
  try {
    session = await environment.openSession({
      ...listen,
      portMapping: flags.portMap,
      stateFolder: null,
      dht: false,
      pex: false,
      lsd: false,
    })
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    tell(portsFinding([], error))
    return
  }
  try {
    tell(portsFinding(session.listening, null))
    const mapping = flags.portMap ? probeMapping(session, signal) : Promise.resolve(null)
    tell(...trackerFindings(asked && (await askTrackers(session, asked, signal))))
    tell(mappingFinding(await mapping))
  } finally {
    await session.close()
  }
}

function askTrackers(session: CliSession, { source, trackers }: Asked, signal: AbortSignal) {
  const hashes = source.kind === 'magnet' ? source.magnet.hashes : source.torrent.info.hashes
  return Promise.all(trackers.map(tracker => probeTracker(session, tracker, swarmKeys(hashes), signal)))
}

const STYLES: Readonly<Record<Verdict, Style>> = { ok: 'green', warn: 'yellow', fail: 'red', skipped: 'dim' }
const WIDTH = 'skipped'.length

function tellFinding(output: Output, { check, verdict, message, advice }: Finding): void {
  output.event({ type: 'check', check, verdict, message, advice })
  output.say(`${output.style(STYLES[verdict], verdict.padEnd(WIDTH))}  ${check}: ${printable(message)}`)
  if (advice !== null) output.say(`${' '.repeat(WIDTH)}  → ${advice}`)
}
