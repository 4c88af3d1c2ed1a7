/** `shoal publish PATH|TORRENT --key FILE`: serves something, and names it by a key that stays when it changes (BEP 46). */

import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Edition } from '../../client/publications.ts'
import { utf8Bytes } from '../../core/bytes.ts'
import { UsageError } from '../../core/errors.ts'
import { printable } from '../../core/printable.ts'
import { formatPublisherMagnet } from '../../metainfo/publisher-magnet.ts'
import { type CommandContext, pathOf, type RunCommand } from '../command-context.ts'
import type { ExitCode } from '../exit-code.ts'
import { loadPublisherKey } from '../publisher-key.ts'
import { addSeedOptions, seed, type SeedFlags } from './seed.ts'

interface PublishFlags extends SeedFlags {
  readonly key: string
  readonly salt?: string
}

/** BEP 44: nodes forget it after two hours, and it should be said again each hour. */
const RENEWAL = 3_600_000
const LONGEST_SALT = 64

export function addPublishCommand(program: Command, run: RunCommand): void {
  const command = program.command('publish')
  command
    .argument('<PATH>', 'a file or folder as it stands, or a torrent file')
    .summary('serve something that changes, under a link that stays')
    .description(
      'Serves a file, folder or torrent as `seed` does, and says in the DHT that it is what the key stands for now. ' +
        'Published again with the same key, another content takes its place: whoever follows the link gets it.',
    )
    .requiredOption('--key <FILE>', 'the key of the publisher; made where there is no such file')
    .option('--salt <TEXT>', 'tells apart several things that are published with one key')
  addSeedOptions(command).action((path: string, flags: PublishFlags) =>
    run(context => publish(context, path, flags)),
  )
}

async function publish(context: CommandContext, path: string, flags: PublishFlags): Promise<ExitCode> {
  const { output } = context
  if (!flags.dht)
    throw new UsageError('dht-needed', 'what is published is told in the DHT: leave out --no-dht')
  const salt = utf8Bytes(flags.salt ?? '')
  if (salt.length > LONGEST_SALT)
    throw new UsageError('salt-too-long', `--salt is longer than ${LONGEST_SALT} bytes`)
  const file = pathOf(context, flags.key)
  const { secretKey, isNew } = await loadPublisherKey(file)
  if (isNew)
    output.say(`new key       ${printable(file)} (keep it: only with it can another edition be published)`)
  return seed(context, path, flags, async ({ session, torrent, peers, signal }) => {
    output.say('Telling the DHT …')
    const { hashes } = torrent.info
    const { edition, stored } = await session.publications.publish({ secretKey, salt, hashes }, { signal })
    const { publicKey } = edition.item
    const trackers = torrent.trackers.flat()
    const at = trackers.length > 0 ? [] : peers
    const link = formatPublisherMagnet({ publicKey, salt, name: torrent.info.name, trackers, peers: at })
    output.event({ type: 'edition', link, sequence: edition.sequence, nodes: stored })
    output.say(`follow it by  ${link}\nedition       ${edition.sequence}, kept by ${stored} nodes of the DHT`)
    await renewForEver(context, { session, edition, signal })
  })
}

/** A time at which nobody keeps it is told of, and tried again. */
async function renewForEver(
  { output }: CommandContext,
  { session, edition, signal }: { session: { publications: Renewer }; edition: Edition; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await wait(RENEWAL, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    try {
      await session.publications.renew(edition, { signal })
    } catch (error) {
      if (signal.aborted) return
      output.warn(printable(error instanceof Error ? error.message : String(error)))
    }
  }
}

interface Renewer {
  renew(edition: Edition, options: { signal: AbortSignal }): Promise<number>
}
