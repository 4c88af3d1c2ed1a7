import type { Family } from '../core/address.ts'
import { TrackerError } from '../core/errors.ts'
import type { AnnounceRequest, AnnounceResponse } from '../tracker/announce.ts'
import { announce, type TrackerAsk } from './http-tracker.ts'

/** A family to announce over, and the address of ours to do it from, where one was chosen. */
export interface AnnounceFamily {
  readonly family: Family
  readonly from?: string
}

/**
 * Announces once over each family that is listened on (BEP 7), so that peers of both learn of us. A family that the
 * tracker cannot be reached over is passed over while another one answers; where none does, rejects with what the
 * first of them met that is more than a missing address.
 */
export async function announceFamilies(
  trackerUrl: string,
  request: AnnounceRequest,
  families: readonly AnnounceFamily[],
  options: Omit<TrackerAsk, 'family' | 'from'>,
): Promise<AnnounceResponse> {
  const [only] = families
  if (families.length <= 1) {
    return announce(trackerUrl, request, {
      ...options,
      ...(only?.from === undefined ? {} : { from: only.from }),
    })
  }
  const outcomes = await Promise.allSettled(
    families.map(family => announce(trackerUrl, request, { ...options, ...family })),
  )
  const answers = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const [first, ...others] = answers
  if (first) return others.reduce(joined, first)
  const reasons: unknown[] = outcomes.flatMap(outcome =>
    outcome.status === 'rejected' ? [outcome.reason] : [],
  )
  throw reasons.find(reason => !isFamilyMissing(reason)) ?? reasons[0]
}

/** The same swarm seen over two families: peers of both, and the larger of the counts. */
function joined(one: AnnounceResponse, other: AnnounceResponse): AnnounceResponse {
  return {
    ...one,
    peers: [...one.peers, ...other.peers],
    complete: larger(one.complete, other.complete),
    incomplete: larger(one.incomplete, other.incomplete),
    downloaded: larger(one.downloaded, other.downloaded),
    warning: one.warning ?? other.warning,
  }
}

function larger(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}

function isFamilyMissing(reason: unknown): boolean {
  return reason instanceof TrackerError && reason.code === 'tracker-family-missing'
}
