import type { Scope } from '../core/scope.ts'
import type { Channel } from './bandwidth-channel.ts'

/** What is known of a peer when it connects. Whatever peers shall be told apart by belongs here. */
export interface PeerFacts {
  readonly scope: Scope
}

export type PeerClassName = 'local' | 'remote'

/** Who belongs to it. A peer is in each class that it fits, and draws on the channels of all of them. */
const CLASSES: Readonly<Record<PeerClassName, (facts: PeerFacts) => boolean>> = {
  local: facts => isLocal(facts.scope),
  remote: facts => !isLocal(facts.scope),
}

export const PEER_CLASS_NAMES = Object.keys(CLASSES) as readonly PeerClassName[]

export function classesOf(facts: PeerFacts): PeerClassName[] {
  return PEER_CLASS_NAMES.filter(name => CLASSES[name](facts))
}

/** One limit each way. */
export interface ChannelPair {
  readonly down: Channel
  readonly up: Channel
}

/** Peers of one kind, and the limits that they share. */
export interface BandwidthClass extends ChannelPair {
  /** The limits of the session hold for them too. */
  isUnderSessionLimit: boolean
}

function isLocal(scope: Scope): boolean {
  return scope === 'loopback' || scope === 'link-local' || scope === 'private'
}
