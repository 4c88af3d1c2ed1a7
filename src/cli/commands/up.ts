/** `shoal up`: site, tracker and a seeding client in one process. */

import { join } from 'node:path'
import { type Command, Option } from 'commander'
import type { SessionOptions } from '../../client/session-options.ts'
import type { Address } from '../../core/address.ts'
import { Catalog, createSite, type Site } from '../../site/index.ts'
import { DiskWorkers } from '../../storage/disk-workers.ts'
import { Tracker } from '../../tracker-server/index.ts'
import { AlertReporter } from '../alert-reporter.ts'
import { type CommandContext, pathOf, type RunCommand } from '../command-context.ts'
import { EXIT_DONE, type ExitCode } from '../exit-code.ts'
import { FolderPublisher } from '../folder-publisher.ts'
import { localRegister } from '../local-register.ts'
import { addFindingOptions, type FindingFlags, findingOptionsOf } from '../finding-options.ts'
import { addPortMapOption, listenAddresses } from '../network-options.ts'
import { readExternalAddress, readHost, readPort, valueOption } from '../option-parsers.ts'
import { publish } from '../publish.ts'
import { untilAborted } from '../session-run.ts'
import { prepareSharedFolder } from '../shared-folder.ts'
import { upStateFolder } from '../state-place.ts'
import { Ticker } from '../ticker.ts'
import { TorrentCache } from '../torrent-cache.ts'
import { UpFigures } from '../up-figures.ts'
import { countsOf, type UpPlaces, upPlaces } from '../up-places.ts'
import { tellNews, tellReady, upStandings, upView } from '../up-text.ts'
import { openWebPort } from '../web-port.ts'

interface UpFlags extends FindingFlags {
  readonly dir: string
  readonly bind?: string
  readonly port: number
  readonly peerPort?: number
  readonly externalAddress?: Address
  readonly state?: string
  readonly portMap: boolean
}

const DEFAULT_PORT = 8080

export function addUpCommand(program: Command, run: RunCommand): void {
  const command = program
    .command('up')
    .summary('run site, tracker and seed for a folder')
    .description(
      'Publishes every file and folder in --dir: a web page with their torrents, the tracker that knows their peers, ' +
        'and a seed that serves them, until Ctrl-C.',
    )
    .addOption(
      new Option('--dir <DIR>', 'the folder to share; made with a sample in it where missing').default(
        'shared',
      ),
    )
    .addOption(valueOption('--bind <ADDR>', 'listen on this IP address (default: on all of them)', readHost))
    .addOption(
      valueOption('--port <N>', 'the web port, of site and tracker (0: any free one)', readPort).default(
        DEFAULT_PORT,
      ),
    )
    .addOption(
      valueOption(
        '--peer-port <N>',
        'listen for peers on this port (default: 6881 or the next that is free)',
        readPort,
      ),
    )
    .addOption(
      valueOption(
        '--external-address <ADDR>',
        'the IP address that the world reaches this machine at',
        readExternalAddress,
      ),
    )
  addFindingOptions(command)
  addPortMapOption(command)
    .option('--state <DIR>', 'keep what was hashed in this folder (default: in ~/.local/state/shoal)')
    .option('--json', 'print JSON')
    .action((flags: UpFlags) => run(context => up(context, flags)))
}

async function up(context: CommandContext, flags: UpFlags): Promise<ExitCode> {
  const { output, environment, signal } = context
  const folder = pathOf(context, flags.dir)
  const state = flags.state ? pathOf(context, flags.state) : upStateFolder(folder, environment.variables)
  const isFirstStart = await prepareSharedFolder(folder)
  await using cleanUp = new AsyncDisposableStack()
  const tracker = cleanUp.adopt(new Tracker({ externalHost: flags.externalAddress?.host ?? null }), it =>
    it.close(),
  )
  const catalog = new Catalog()
  let places: UpPlaces | null = null
  let hasLooked = false
  const pages = createSite({
    catalog,
    announceUrl: () => places?.announceUrl ?? null,
    countsOf: torrent => countsOf(tracker, torrent.infoHashes),
  })
  const site: Site = {
    fetch: async request => (hasLooked || catalog.size > 0 ? pages.fetch(request) : notYet()),
  }
  const web = cleanUp.adopt(
    await openWebPort({ bind: flags.bind ?? null, port: flags.port, tracker, site }),
    it => it.close(),
  )
  places = upPlaces(web.addresses, flags.externalAddress ?? null)
  const session = await environment.openSession({
    ...sessionOptionsOf(flags, state),
    ...(await findingOptionsOf(flags, context)),
  })
  const alerts = cleanUp.adopt(new AlertReporter({ session, output }), it => it.close())
  cleanUp.defer(() => session.close())
  void alerts
  const workers = cleanUp.adopt(new DiskWorkers(), it => it.close())
  const publisher = new FolderPublisher({
    folder,
    announceUrl: places.announceUrl,
    session,
    catalog,
    register: localRegister(tracker, session),
    cache: new TorrentCache(join(state, 'published')),
    makeTorrent: path => publish(path, { format: 'hybrid' }, { output, signal, workers }),
  })
  const firstLook = publisher.rescan()
  cleanUp.defer(environment.onRescan(rescanner(publisher, context, firstLook)))
  const news = await firstLook
  hasLooked = true
  tellReady(context, { places, folder, isFirstStart, news, published: publisher.published, session })
  const figures = new UpFigures(session, hashes => countsOf(tracker, hashes))
  const ticker = new Ticker({
    output,
    view: columns => upView(figures.look(), columns),
    standings: () => upStandings(figures.look()),
  })
  cleanUp.defer(() => ticker.stop())
  await untilAborted(signal)
  return EXIT_DONE
}

/** An empty page would look like an empty folder. Browsers and `curl --retry` come back by themselves. */
function notYet(): Response {
  return new Response('shoal is hashing the first file of its folder. Try again in a moment.\n', {
    status: 503,
    headers: { 'retry-after': '1', refresh: '1', 'content-type': 'text/plain; charset=utf-8' },
  })
}

/** One look at a time; a wish during a look is granted after it. */
function rescanner(
  publisher: FolderPublisher,
  context: CommandContext,
  firstLook: Promise<unknown>,
): () => void {
  // Whether the first look succeeds is the business of the command itself.
  let last: Promise<void> = firstLook.then(
    () => undefined,
    () => undefined,
  )
  return () => {
    last = last
      .then(() => publisher.rescan())
      .then(news => tellNews(context, news))
      .catch((error: unknown) => context.output.warn(error instanceof Error ? error.message : String(error)))
  }
}

function sessionOptionsOf(flags: UpFlags, state: string): SessionOptions {
  const { bind, peerPort } = flags
  const isChosen = bind !== undefined || peerPort !== undefined
  return {
    stateFolder: join(state, 'session'),
    portMapping: flags.portMap,
    ...(isChosen && { listen: listenAddresses(bind, peerPort) }),
  }
}
