import type { Address } from '../core/address.ts'
import { ProtocolError } from '../core/errors.ts'
import { GOSSIP } from '../swarm/peer-book.ts'
import type { LifeKit } from './life-kit.ts'
import type { TorrentTask } from './torrent-task.ts'

/**
 * BEP 27: from the moment that a torrent is known to be private only its trackers name peers. A magnet does not say it:
 * who was found elsewhere before its metadata came is forgotten, and let go. Peers that its user named are the user's own
 * choice.
 */
export function keepPrivate(task: TorrentTask, kit: Pick<LifeKit, 'turns' | 'finders'>): void {
  task.isPrivate = true
  kit.turns.enter(task, now => {
    kit.finders.leave(task, now)
    task.book.forget(GOSSIP)
    const reason = notOurs(task)
    for (const peer of [...task.peers])
      if (peer.listensAt && isForgotten(task, peer.listensAt)) peer.close(reason)
  })
}

/** Whether an address that is being dialled was forgotten for that reason. */
export function isForgotten(task: TorrentTask, at: Address): boolean {
  return task.isPrivate && !task.book.knows(at)
}

/** Throws `ProtocolError` `torrent-private` then. */
export function refuseForgotten(task: TorrentTask, at: Address): void {
  if (isForgotten(task, at)) throw notOurs(task)
}

function notOurs({ name }: TorrentTask): ProtocolError {
  return new ProtocolError('torrent-private', `"${name}" is private: only its trackers may name peers`, {
    severity: 'ignore',
  })
}
